import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Codec } from "../storage/Document.js"
import * as JsonText from "../storage/JsonText.js"
import { mismatch } from "../storage/Mismatch.js"
import * as Printed from "../storage/Printed.js"
import { foldedKey, Key } from "./Key.js"
import { SessionId } from "./SessionId.js"

/** What is known of a conversation. Fields that are not ours are kept. */
export const Session = Schema.Struct(
  {
    sessionId: SessionId,
    /** When it was last used, in milliseconds since 1970. */
    updatedAt: Schema.Number.pipe(Schema.finite()),
    /** The session whose history this one is to continue; absent as soon as a turn has succeeded in it. */
    forkOf: Schema.optional(SessionId),
    /** Somebody has ended it: the next message starts another, however soon it comes. */
    over: Schema.optional(Schema.Boolean)
  },
  { key: Schema.String, value: Schema.Unknown }
)
export type Session = typeof Session.Type

/** All conversations by their keys. */
export type SessionTable = ReadonlyMap<Key, Session>

/** Whether the next message would go on in it, were it to come now. Times in milliseconds, `now` since 1970. */
export const isOpen = ({ over, updatedAt }: Session, idle: number, now: number): boolean =>
  over !== true && updatedAt > now - idle

/** What is left without these keys, however their usernames are spelt. */
export const without = (table: SessionTable, keys: ReadonlyArray<Key>): SessionTable => {
  const gone = new Set(keys.map(foldedKey))
  return new Map(Array.from(table).filter(([key]) => !gone.has(foldedKey(key))))
}

const Table = Schema.Record({ key: Key, value: Session }).annotations({ identifier: "an object" })

const decodeTable = Schema.decodeUnknownEither(Table, { propertyOrder: "original" })

/** What was printed of a session, which does not change: each message prints the whole table, and one that is new in it. */
const printed = new WeakMap<Session, { readonly key: Key; readonly text: string }>()

const print = (key: Key, session: Session): string => {
  const known = printed.get(session)
  if (known?.key === key) return known.text
  const text = Printed.member(key, session, 0)
  printed.set(session, { key, text })
  return text
}

/** The sessions as the text of `sessions.json`. */
export const codec: Codec<SessionTable> = {
  empty: new Map(),
  decode: (text) =>
    Either.flatMap(JsonText.parse(text), (value) =>
      Either.mapBoth(decodeTable(value), {
        onLeft: (error) => mismatch(text, error),
        onRight: (table) =>
          new Map(Object.entries(table).map(([key, session]) => [Schema.decodeSync(Key)(key), session]))
      })
    ),
  encode: (table) =>
    `${Printed.object(
      Array.from(table, ([key, session]) => print(key, session)),
      0
    )}\n`
}
