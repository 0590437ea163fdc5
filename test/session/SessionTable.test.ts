import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { Key } from "../../src/session/Key.js"
import { codec, type Session, type SessionTable } from "../../src/session/SessionTable.js"
import { SessionId } from "../../src/session/SessionId.js"
import * as JsonText from "../../src/storage/JsonText.js"
import { accepted } from "../identity/arbitrary.js"
import { jsonValue } from "../support/json.js"

const key = FastCheck.oneof(
  accepted.map((identity) => Key.make(identity.toString())),
  FastCheck.constantFrom("global", "unknown", "shared-abc-123", "group:12345-678@g.us").map((text) => Key.make(text)),
  FastCheck.string({ unit: "binary" }).map((text) => Key.make(`unknown:${text}`))
)

const session: FastCheck.Arbitrary<Session> = FastCheck.record(
  {
    sessionId: FastCheck.uuid().map((id) => SessionId.make(id)),
    updatedAt: FastCheck.nat(),
    over: FastCheck.boolean(),
    note: jsonValue(2)
  },
  { requiredKeys: ["sessionId", "updatedAt"] }
)

const changes = FastCheck.array(FastCheck.tuple(key, session), { maxLength: 8 })

const printed = (table: SessionTable): string => JsonText.print(Object.fromEntries(table))

describe("a table of sessions", () => {
  it.prop("is written as it would be printed as a whole, after each change", [changes], ([changes]) => {
    const table = new Map<Key, Session>()
    assert.strictEqual(codec.encode(table), "{}\n")
    for (const [key, session] of changes) {
      table.set(key, session)
      assert.strictEqual(codec.encode(table), printed(table))
    }
    const again = Either.getOrThrow(codec.decode(codec.encode(table)))
    deepStrictEqual(JSON.stringify(Array.from(again)), JSON.stringify(Array.from(table)))
  })

  it.prop("has a session under another key as it stands there", [key, key, session], ([one, other, session]) => {
    codec.encode(new Map([[one, session]]))
    const table = new Map([
      [other, session],
      [one, session]
    ])
    assert.strictEqual(codec.encode(table), printed(table))
  })
})
