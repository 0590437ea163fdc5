// A process that links two accounts after another, and takes the older ones out again. Before each change it says what it
// begins, and after it that this is done: only then is it acknowledged. It goes on until its input ends, or to a count.
//
// Its arguments: the home; its number; the number of its first link; how many links, or 0; then, if a test is to show that
// it would be noticed, what is wrong with it, and with its lock.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import { createInterface } from "node:readline"
import * as Home from "../../src/config/Home.js"
import * as Identities from "../../src/identity/Identities.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { Decision } from "../../src/identity/Decision.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import { Disk } from "../../src/storage/Disk.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { byRename } from "../storage/by-rename.js"
import { isWrongLock, wrongLocks } from "./writer-locks.js"
import { linking, nameOf } from "./writer-mappings.js"

const [home = "", writer = "", first = "", most = "", wrong = "", wrongLock = ""] = process.argv.slice(2)

/** How many of its mappings a writer leaves before it takes out the oldest. */
const keeps = 4

const say = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

let stopping = false
let goOn = () => {}
createInterface({ input: process.stdin })
  .on("line", () => goOn())
  .on("close", () => {
    stopping = true
  })

type Member = Disk["Type"]

/** What is to happen instead of what a call does. */
const instead: Record<string, (disk: Member) => Partial<Member>> = {
  /** The map is written where it stands, one half after the other. */
  "in-place": (disk) => ({
    rename: (from, to) =>
      to.endsWith("identity-map.json")
        ? Effect.gen(function* () {
            const bytes = Fs.readFileSync(from)
            const file = Fs.openSync(to, "w", 0o600)
            for (const part of [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)]) {
              Fs.writeSync(file, part)
              yield* Effect.sleep("1 millis")
            }
            Fs.closeSync(file)
            yield* disk.remove(from)
          })
        : disk.rename(from, to)
  }),
  /** Takes whatever part of the bytes was written for all of them. */
  unchecked: (disk) => {
    const believed = new Map<number, number>()
    return {
      write: (file, bytes) =>
        disk.write(file, bytes).pipe(
          Effect.orElseSucceed(() => 0),
          Effect.map(() => {
            believed.set(file, (believed.get(file) ?? 0) + bytes.length)
            return bytes.length
          })
        ),
      statOpen: (file) =>
        Effect.map(disk.statOpen(file), (found) => {
          const size = believed.get(file)
          return size === undefined ? found : { ...found, size: BigInt(size) }
        }),
      close: (file) => Effect.tap(disk.close(file), () => believed.delete(file))
    }
  },
  /** Takes its time before the map is replaced, and shows no leftovers: taking away another's file would hide what is lost. */
  slow: (disk) => ({
    list: () => Effect.succeed([]),
    rename: (from, to) => Effect.zipRight(Effect.sleep("15 millis"), disk.rename(from, to))
  }),
  /** Stops before the map is replaced, in the middle of a change, until it is told to go on. */
  pausing: (disk) => ({
    rename: (from, to) =>
      to.endsWith("identity-map.json")
        ? say("paused").pipe(
            Effect.zipRight(
              Effect.async<void>((resume) => {
                goOn = () => resume(Effect.void)
              })
            ),
            Effect.zipRight(disk.rename(from, to))
          )
        : disk.rename(from, to)
  })
}

const disk = Layer.effect(
  Disk,
  Effect.map(Disk, (real) =>
    Disk.of(instead[wrong] === undefined ? real : { ...byRename(real), ...instead[wrong](real) })
  )
).pipe(Layer.provide(NodeDisk.layer))

const lock = isWrongLock(wrongLock) ? wrongLocks[wrongLock] : FileLock.layer

const layer = Identities.layer.pipe(
  Layer.provide([layerFile, SharedIds.layer]),
  Layer.provide(lock),
  Layer.provide([disk, Home.layerAt(home)])
)

/** What somebody is told on a machine that is too busy to have his turn in time. */
const patient = new Set(["FileBusy", "IdentityMapChanged"])

/** Makes a change, and says so. One that fails is no change, and the next is tried. */
const change = (what: string, decision: Decision) =>
  Effect.gen(function* () {
    const { change } = yield* Identities.Identities
    yield* say(`begin ${what}`)
    if (wrong === "early") yield* say(`done ${what}`)
    const { mapping } = yield* change(decision)
    if (wrong !== "early") yield* say(`done ${what}`)
    return Option.map(mapping, ({ id }): string => id)
  }).pipe(
    Effect.catchAll(({ _tag, message }) =>
      Effect.as(say(patient.has(_tag) ? `refused ${what}` : `failed ${what}: ${message}`), Option.none<string>())
    )
  )

const program = Effect.gen(function* () {
  const linked: Array<readonly [name: string, id: string]> = []
  for (let n = Number(first); !stopping && (most === "0" || n < Number(first) + Number(most)); n++) {
    const name = nameOf(writer, n)
    const id = yield* change(`link ${name}`, linking(name))
    if (Option.isSome(id)) linked.push([name, id.value])
    const oldest = linked.length > keeps ? linked.shift() : undefined
    if (oldest !== undefined) yield* change(`unlink ${oldest[0]}`, Decision.Unlink({ id: oldest[1] }))
  }
  process.stdin.destroy()
})

void Effect.runPromise(Effect.provide(program, layer))
