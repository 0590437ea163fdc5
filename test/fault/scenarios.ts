// What a command does to a home, for everything that stops, fails, cuts the power or comes between. One more is one entry.
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Decision } from "../../src/identity/Decision.js"
import type { Identity } from "../../src/identity/Identity.js"
import { Identities, type Wish } from "../../src/identity/Identities.js"
import * as IdentityMapText from "../../src/identity/IdentityMapText.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { WrittenSharedId } from "../../src/identity/IdentityMappingSchema.js"
import type { Recorded } from "../../src/identity/Recorded.js"
import { Key } from "../../src/session/Key.js"
import { SessionStore } from "../../src/session/SessionStore.js"
import { codec as sessionsText } from "../../src/session/SessionTable.js"
import { SessionId } from "../../src/session/SessionId.js"
import { the } from "../identity/arbitrary.js"
import { fromTheFirst } from "./ids.js"

/** What commands need. */
export type Stores = Identities | IdentityStore | SessionStore

/** Whatever a command can fail with, as a person sees it. */
export interface Failure {
  readonly _tag: string
  readonly message: string
}

export type Command = Effect.Effect<unknown, Failure, Stores>

/** Files by their paths, with their content; an arrow makes it a symbolic link: `-> ../map.json`. */
export type Layout = Readonly<Record<string, string>>

export interface Scenario {
  readonly name: string
  /** Where the home is, in an empty directory. */
  readonly home: string
  /** What is there before, paths counted from the empty directory. */
  readonly before: Layout
  /** What has been done there already. */
  readonly given?: Command
  readonly command: Command
  /** Whether the command changes something, finds it so already, or says no. */
  readonly outcome: "changes" | "agrees" | "refuses"
  /** A change that can be made whatever became of the command. */
  readonly next: Command
  /** What somebody may have made of a document by hand meanwhile. The text contains `by-hand`. */
  readonly edit?: { readonly file: string; readonly text: string }
}

/** The documents of which every byte is the old or the new one's, counted from the home. */
export const documents = ["identity-map.json", "sessions.json"]

/**
 * What commands did, without the names of the contents, which are hashes of their bytes. What was done by hand before is on
 * record from the next attempt at a change on, whatever becomes of it.
 */
const told = (history: ReadonlyArray<Recorded>) =>
  history
    .filter(({ by }) => by !== "hand")
    .map(({ action, at, by, changes, sequence }) => ({ action, at, by, changes, sequence }))

/** All that a home says, read as every command reads it. */
export const everything: Effect.Effect<string, Failure, Stores> = Effect.gen(function* () {
  const map = yield* (yield* IdentityStore).readable
  const history = yield* (yield* Identities).history
  const sessions = yield* (yield* SessionStore).all
  return [IdentityMapText.codec.encode(map.value), JSON.stringify(told(history)), sessionsText.encode(sessions)].join(
    "\n"
  )
})

const linking = (...identities: ReadonlyArray<Identity>) => Decision.Link({ identities })

const change = (wish: Wish): Command => fromTheFirst(Effect.flatMap(Identities, ({ change }) => change(wish)))

const link = change(linking(the("whatsapp", "+1234567890"), the("telegram", "@john")))
const linkOthers = change(linking(the("telegram", "77"), the("telegram", "78")))
const linkMore = change(linking(the("telegram", "87"), the("telegram", "88")))
const unlink = (id: string) => change(Decision.Unlink({ id }))

/** What the first mapping that a command makes is called. */
const firstId = "shared-00000000-00000001"

const uuid = (n: number) => SessionId.make(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`)

/** Another map, with what is on record of it. */
const bring: Command = fromTheFirst(
  Effect.gen(function* () {
    const { change } = yield* Identities
    const map = yield* Effect.orDie(IdentityMapText.codec.decode(family))
    yield* change(Decision.Import({ map, history: [], onConflict: "merge" }))
  })
)

const swap = (key: string, before: number | undefined, after: number): Command =>
  Effect.flatMap(SessionStore, ({ swap }) =>
    swap(
      Key.make(key),
      Option.map(Option.fromNullable(before), (n) => ({ sessionId: uuid(n), updatedAt: n })),
      { sessionId: uuid(after), updatedAt: after }
    )
  )

const swapOther = swap("telegram:77", undefined, 77)

const mapping = (id: string, ...telegram: ReadonlyArray<string>) => ({
  [id]: {
    id,
    identities: { telegram },
    createdAt: "2024-01-01T00:00:00Z",
    updatedAt: "2024-01-01T00:00:00Z",
    ours: [1]
  }
})

const printed = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

const mapOf = (mappings: object) => printed({ version: 1, mappings, ours: { kept: true } })

const family = mapOf({ ...mapping("mom", "7", "8"), ...mapping("work", "9", "@boss") })
const earlierFamily = mapOf(mapping("mom", "7", "8"))
const editedFamily = mapOf({ ...mapping("mom", "7", "8"), ...mapping("by-hand", "5", "6") })
const agreed = mapOf({
  agreed: {
    id: "agreed",
    identities: { whatsapp: "+1234567890", telegram: "@john" },
    createdAt: "2024-01-01T00:00:00Z",
    updatedAt: "2024-01-01T00:00:00Z"
  }
})

const session = (n: number, more: object = {}) => ({ sessionId: uuid(n), updatedAt: n, ...more })
const talks = printed({ "telegram:7": session(1, { ours: true }), "+1234567890": session(2) })
const editedTalks = printed({ "telegram:7": session(1), "by-hand": session(3), "+1234567890": session(2) })

const map = "home/identity-map.json"
const sessions = "home/sessions.json"

export const scenarios: ReadonlyArray<Scenario> = [
  {
    name: "link into an existing map",
    home: "home",
    before: { [map]: family, [`${map}.bak`]: earlierFamily },
    command: link,
    outcome: "changes",
    next: linkOthers,
    edit: { file: "identity-map.json", text: editedFamily }
  },
  {
    name: "link into an absent home",
    home: "home",
    before: {},
    command: link,
    outcome: "changes",
    next: linkOthers,
    edit: { file: "identity-map.json", text: editedFamily }
  },
  {
    name: "link into an absent home three directories deep",
    home: "some/where/home",
    before: {},
    command: link,
    outcome: "changes",
    next: linkOthers
  },
  {
    name: "unlink",
    home: "home",
    before: { [map]: family },
    command: unlink("mom"),
    outcome: "changes",
    next: linkOthers
  },
  {
    name: "unlink the only mapping of a map that is a symbolic link",
    home: "home",
    before: { [map]: "-> ../elsewhere/map.json", "elsewhere/map.json": earlierFamily },
    command: unlink("mom"),
    outcome: "changes",
    next: linkOthers,
    edit: { file: "identity-map.json", text: editedFamily }
  },
  {
    name: "link through a symbolic link that dangles, in a home that is one",
    home: "home",
    before: { home: "-> real", "real/identity-map.json": "-> ../elsewhere/map.json", "elsewhere/notes": "mine" },
    command: link,
    outcome: "changes",
    next: linkOthers
  },
  {
    name: "link into a mapping that is on record",
    home: "home",
    before: {},
    given: linkOthers,
    command: change(Decision.Link({ identities: [the("whatsapp", "+1234567890")], into: firstId })),
    outcome: "changes",
    next: linkMore
  },
  {
    name: "undo, after which nothing is linked",
    home: "home",
    before: {},
    given: linkOthers,
    command: change({ _tag: "Undo" }),
    outcome: "changes",
    next: linkMore
  },
  {
    name: "two who are never to be suggested, in a map that is older than its journal",
    home: "home",
    before: { [map]: family },
    given: linkMore,
    command: change(Decision.Never({ pair: [the("telegram", "7"), the("telegram", "5")] })),
    outcome: "changes",
    next: linkOthers
  },
  {
    name: "a mapping that gets another name",
    home: "home",
    before: { [map]: family },
    command: change(Decision.Rename({ id: "mom", name: "Mother" })),
    outcome: "changes",
    next: linkOthers,
    edit: { file: "identity-map.json", text: editedFamily }
  },
  {
    name: "a username bound to the account that has it",
    home: "home",
    before: { [map]: agreed },
    command: change(
      Decision.Pin({
        id: WrittenSharedId.make("agreed"),
        username: the("telegram", "@john"),
        number: the("telegram", "5")
      })
    ),
    outcome: "changes",
    next: linkOthers
  },
  {
    name: "another map brought in with its record",
    home: "home",
    before: { [map]: earlierFamily },
    given: linkMore,
    command: bring,
    outcome: "changes",
    next: linkOthers
  },
  {
    name: "a link that is refused",
    home: "home",
    before: { [map]: family },
    command: change(linking(the("telegram", "7"), the("telegram", "@john"))),
    outcome: "refuses",
    next: linkOthers,
    edit: { file: "identity-map.json", text: editedFamily }
  },
  {
    name: "a link of what is linked so already",
    home: "home",
    before: { [map]: agreed, [`${map}.bak`]: earlierFamily },
    command: link,
    outcome: "agrees",
    next: linkOthers
  },
  {
    name: "the first session of all",
    home: "home",
    before: { [map]: family },
    command: swap("telegram:7", undefined, 1),
    outcome: "changes",
    next: swapOther,
    edit: { file: "sessions.json", text: editedTalks }
  },
  {
    name: "a session in place of another",
    home: "home",
    before: { [sessions]: talks, [`${sessions}.bak`]: "{}\n" },
    command: swap("+1234567890", 2, 4),
    outcome: "changes",
    next: swapOther,
    edit: { file: "sessions.json", text: editedTalks }
  },
  {
    name: "a session that is not what it was taken for",
    home: "home",
    before: { [sessions]: talks },
    command: swap("+1234567890", 5, 6),
    outcome: "refuses",
    next: swapOther
  }
]

/** The one with this name. */
export const scenario = (name: string): Scenario =>
  Option.getOrThrowWith(
    Option.fromNullable(scenarios.find((one) => one.name === name)),
    () => new Error(`no scenario is called ${name}`)
  )
