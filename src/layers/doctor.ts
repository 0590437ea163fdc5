import * as Arrays from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Path from "node:path"
import { codec as conversation } from "../agent/EchoAgent.js"
import { glance } from "../channels/whatsapp/WhatsAppStore.js"
import { Home } from "../config/Home.js"
import { masked } from "../config/Masked.js"
import { codec as identityMap } from "../identity/IdentityMapText.js"
import { examine as examineJournal } from "../identity/Journal.js"
import { check } from "../identity/MapCheck.js"
import { codec as proofs } from "../identity/proof/Book.js"
import { stored } from "../identity/proof/ProofKey.js"
import { decodeLine } from "../relay/InboxLine.js"
import { codec as strangers } from "../relay/StrangerList.js"
import { check as checkSessions } from "../session/SessionCheck.js"
import { codec as sessionTable } from "../session/SessionTable.js"
import { Disk } from "../storage/Disk.js"
import type { FileLock } from "../storage/FileLock.js"
import * as Inspection from "../storage/Inspection.js"
import * as LogFile from "../storage/LogFile.js"
import { type Problem, problemIn, type Repair } from "../storage/Problem.js"
import { repair } from "../storage/Repair.js"
import { DocumentUnreadable } from "../storage/StorageError.js"
import * as Settings from "./Settings.js"

/** How the home is. */
export interface Report {
  readonly directory: string
  /** How many files and directories there were to look at. */
  readonly looked: number
  readonly problems: ReadonlyArray<Problem>
}

type Needs = Home | Disk | FileLock

type Inspect = Effect.Effect.Success<ReturnType<typeof Inspection.make>>

/** What the settings cannot be, in the file and in the environment. */
const settings = Effect.provide(Settings.Settings, Settings.layer).pipe(
  Effect.as([]),
  Effect.catchTag("ConfigInvalid", ({ problems }) =>
    Effect.map(Home, ({ config }) =>
      problems.map(({ at, reason, setting, source }) =>
        problemIn(
          source,
          masked(setting === undefined ? reason : `${setting}: ${reason}`),
          source === config ? "Correct it there." : "Set it to something else, or unset it.",
          at
        )
      )
    )
  )
)

const configuration = ({ standing }: Inspect) =>
  Effect.gen(function* () {
    const { config } = yield* Home
    const { problems, signature, usable } = yield* standing(config, { kind: "file", orRoots: true })
    const absent = Option.isNone(signature) && problems.length === 0
    return usable || absent ? [...problems, ...(yield* settings)] : problems
  })

const journal = Effect.flatMap(Home, ({ journal }) => Effect.flatMap(LogFile.make(journal), examineJournal))

const inbox = Effect.gen(function* () {
  const { inbox: file } = yield* Home
  const { closed } = yield* Effect.flatMap(LogFile.make(file), ({ all }) => all)
  const index = closed.findIndex((line) => Either.isLeft(decodeLine(line)))
  if (index < 0) return
  const reason = "this is nothing that happens to a message"
  return yield* new DocumentUnreadable({ file, reason, at: { line: index + 1, column: 1 } })
})

const rest = ({ directory, document, file, log, standing }: Inspect) =>
  Effect.gen(function* () {
    const home = yield* Home
    const disk = yield* Disk
    const context = yield* Effect.context<Home | Disk>()
    const map = yield* Effect.orElseSucceed(disk.resolve(home.identityMap), () => home.identityMap)
    return yield* Effect.all(
      [
        document(home.identityMap, identityMap, check),
        log(home.journal, `${map}.lock`, Effect.provide(journal, context)),
        document(home.sessions, sessionTable, checkSessions),
        document(home.proofs, proofs),
        file(home.proofKey, Effect.provide(stored(home.proofKey), context)),
        log(home.inbox, home.relayLock, Effect.provide(inbox, context)),
        document(home.turnedAway, strangers),
        file(home.relayLock),
        // One that a killed relay has left is no trouble: the next one puts its own in the place of it.
        Effect.map(standing(home.relaySocket, { kind: "socket" }), ({ problems }) => problems),
        directory(home.whatsapp, (name) =>
          name === "credentials.ndjson"
            ? [log(Path.join(home.whatsapp, name), Path.join(home.whatsapp, "lock"), Effect.provide(glance, context))]
            : [file(Path.join(home.whatsapp, name))]
        ),
        directory(home.locks, (name) => (name.endsWith(".lock") ? [file(Path.join(home.locks, name))] : [])),
        directory(home.agent, () => []),
        directory(home.echo, (name) =>
          name.endsWith(".json") ? [document(Path.join(home.echo, name), conversation)] : []
        )
      ],
      Inspection.together
    )
  })

/** Everything that has its place in the home. */
const everything = (inspect: Inspect) =>
  Effect.zipWith(configuration(inspect), rest(inspect), (first, others) => [...first, ...others.flat()])

/** Looks at all that is in the home, and changes nothing. */
export const examine = Effect.gen(function* () {
  const { directory: home } = yield* Home
  const disk = yield* Disk
  const found = yield* Effect.orElseSucceed(disk.stat(home), () => Option.none())
  const owner = Option.match(found, { onNone: () => 0, onSome: ({ owner }) => owner })
  const inspect = yield* Inspection.make(owner)
  const own = yield* inspect.directory(home, () => [])
  // What cannot be opened would be the trouble of everything in it.
  const open = own.every(({ repair }) => Option.isSome(repair))
  const problems = open ? [...own, ...(yield* everything(inspect))] : own
  return { directory: home, looked: yield* inspect.looked, problems } satisfies Report
})

const attempt = (one: Repair) => Effect.catchAll(repair(one), ({ message }) => Effect.succeed(message))

/** Repairs what can be repaired without deciding anything: says of each what came of it, and what is wrong afterwards. */
export const mend = (
  tried: ReadonlyArray<Repair> = []
): Effect.Effect<{ readonly said: ReadonlyArray<string>; readonly report: Report }, never, Needs> =>
  Effect.gen(function* () {
    const report = yield* examine
    const possible = Arrays.dedupe(Arrays.getSomes(report.problems.map((problem) => problem.repair)))
    const open = Arrays.difference(possible, tried)
    if (open.length === 0) return { said: [], report }
    const said = yield* Effect.forEach(open, attempt)
    // One repair can show what needs the next.
    const after = yield* mend([...tried, ...open])
    return { said: [...said, ...after.said], report: after.report }
  })
