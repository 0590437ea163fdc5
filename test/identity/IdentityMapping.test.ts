import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { accountOf } from "../../src/identity/Identity.js"
import { WrittenMapping, WrittenSharedId, WrittenTimestamp } from "../../src/identity/IdentityMappingSchema.js"
import { MappingName } from "../../src/identity/MappingNameSchema.js"
import { providers } from "../../src/identity/Provider.js"
import { identity, the } from "./arbitrary.js"

const isSharedId = Schema.is(WrittenSharedId)
const isTimestamp = Schema.is(WrittenTimestamp)
const isName = Schema.is(MappingName)

const reasonOf = <A, I>(schema: Schema.Schema<A, I>, value: unknown): string =>
  Either.match(Schema.decodeUnknownEither(schema)(value), { onLeft: ({ message }) => message, onRight: () => "" })

const firstIssue = <A, I>(schema: Schema.Schema<A, I>, value: unknown) => {
  const refusal = Either.getOrThrow(Either.flip(Schema.decodeUnknownEither(schema)(value)))
  return ParseResult.ArrayFormatter.formatErrorSync(refusal)[0]
}

describe("a shared id", () => {
  it.each(["shared-abc-123", "shared-a1b2c3d4-e5f60718", "a", "A", "family.of_4-x", `a${"b".repeat(63)}`, "Global"])(
    "may be %j",
    (id) => assert.isTrue(isSharedId(id))
  )

  it.each([
    "",
    "1abc",
    "-abc",
    ".abc",
    "_abc",
    "a b",
    "a:b",
    "a+b",
    "a/b",
    "a@b",
    "é",
    "aé",
    "shared-abc\n",
    `a${"b".repeat(64)}`,
    "+1234567890",
    "telegram:@john",
    "group:x",
    "unknown:x"
  ])("is not %j", (id) => {
    assert.isFalse(isSharedId(id))
    assert.include(reasonOf(WrittenSharedId, id), "is not a shared id")
  })

  it("is neither of the two words that are keys already", () => {
    assert.isFalse(isSharedId("global"))
    assert.isFalse(isSharedId("unknown"))
  })

  it("is not the name of a property that every object has", () => {
    const names = Object.getOwnPropertyNames(Object.prototype)
    assert.includeMembers(names, ["constructor", "toString", "hasOwnProperty", "valueOf", "__proto__"])
    for (const name of names) assert.isFalse(isSharedId(name), name)
  })
})

describe("a time", () => {
  it("is said to be none whatever stands there, also what cannot be printed", () => {
    for (const value of [5, null, ["+1234567890"], { toString: {} }, { toJSON: 1 }]) {
      for (const issue of [firstIssue(WrittenTimestamp, value), firstIssue(WrittenSharedId, value)]) {
        assert.match(issue?.message ?? "", /is not a |^Expected string/)
      }
    }
  })

  it.each([
    "2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00.000Z",
    "2024-01-01T00:00Z",
    "2024-12-31T23:59:59.999999+05:30",
    "2024-02-29T00:00:00Z",
    "2000-02-29T00:00:00Z",
    "2024-04-30T24:00:00+02:00",
    "2024-01-01T00:00:00-08:00"
  ])("may be written %j", (text) => assert.isTrue(isTimestamp(text)))

  it.each([
    "",
    "2024-01-01",
    "2024-01-01 00:00:00Z",
    "2024-01-01T00:00:00",
    "2024-13-01T00:00:00Z",
    "2024-01-32T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "2024-02-30T00:00:00+02:00",
    "2023-02-29T00:00:00Z",
    "2100-02-29T00:00Z",
    "2024-04-31T00:00:00.000Z",
    "2024-01-01T25:00:00Z",
    "1704067200000",
    "yesterday",
    "2024-01-01T00:00:00Z "
  ])("is not %j", (text) => {
    assert.isFalse(isTimestamp(text))
    assert.include(reasonOf(WrittenTimestamp, text), "is not a time such as 2024-01-01T00:00:00Z")
  })
})

describe("a name", () => {
  it("has something to read in it, and not more than 200 characters", () => {
    for (const name of ["J", "John Doe", " Mom ", "👩‍👧", "x".repeat(200), "🙂".repeat(200)]) {
      assert.isTrue(isName(name), name)
    }
    for (const name of ["", " ", "\t\n", "x".repeat(201), "🙂".repeat(201), `e${"\u0301".repeat(200)}`]) {
      assert.isFalse(isName(name))
      assert.include(reasonOf(MappingName, name), "1 to 200 characters")
    }
  })
})

const base = { id: "shared-abc-123", createdAt: "2024-01-01T00:00:00Z", updatedAt: "2024-01-01T00:00:00Z" }
const decode = Schema.decodeUnknownSync(WrittenMapping)
const encode = Schema.encodeSync(WrittenMapping)

describe("a mapping", () => {
  it.prop(
    "is encoded as it was decoded, grouped by provider in the order in which they are written",
    [FastCheck.uniqueArray(identity, { minLength: 1, maxLength: 8, selector: accountOf })],
    ([identities]) => {
      const grouped = providers.flatMap((provider) => identities.filter((one) => one.provider === provider))
      const mapping = WrittenMapping.make({
        id: WrittenSharedId.make("a"),
        identities: grouped,
        createdAt: WrittenTimestamp.make(base.createdAt),
        updatedAt: WrittenTimestamp.make(base.updatedAt)
      })
      deepStrictEqual(decode(encode(mapping)), mapping)
      deepStrictEqual(encode(decode(encode(mapping))), encode(mapping))
    }
  )

  it("writes one identity of a provider as a string, several as an array, and none not at all", () => {
    const identities = { whatsapp: ["+1234567890", "5@lid"], telegram: "@John" }
    const mapping = decode({ ...base, identities })
    deepStrictEqual(mapping.identities, [
      the("whatsapp", "+1234567890"),
      the("whatsapp", "5@lid"),
      the("telegram", "@John")
    ])
    deepStrictEqual(encode(mapping).identities, { whatsapp: ["+1234567890", "5@lid"], telegram: "@John" })
    deepStrictEqual(Object.keys(encode(mapping)), ["id", "identities", "createdAt", "updatedAt"])
  })

  it("an array of one is an identity too, and is written as a string afterwards", () => {
    const mapping = decode({ ...base, identities: { twilio: ["+1234567890"] } })
    deepStrictEqual(encode(mapping).identities, { twilio: "+1234567890" })
  })

  it("says whose conversation goes on, which mappings it took in, and which accounts usernames are pinned to", () => {
    const rest = { keep: "telegram:@John", continues: ["gone"] as const, pins: { "@John": "42" } }
    const written = { ...base, identities: { telegram: "@John" }, ...rest }
    deepStrictEqual(encode(decode(written)), written)
    deepStrictEqual(decode({ ...written, keep: "none" }).keep, "none")
    for (const keep of ["nobody", "@John", "telegram:-42", ""]) {
      assert.include(reasonOf(WrittenMapping, { ...written, keep }), "none, or an identity such as")
    }
    for (const pins of [{ "@John": "@mary" }, { John: "42" }, { "42": "42" }, { "@John": 42 }, { "@John": "-42" }]) {
      assert.include(reasonOf(WrittenMapping, { ...written, pins }), '{ "@john": "42" }')
    }
    for (const continues of [[], ["constructor"], ["a b"], "gone"]) {
      assert.isNotEmpty(reasonOf(WrittenMapping, { ...written, continues }))
    }
  })

  it("has at least one identity", () => {
    assert.include(reasonOf(WrittenMapping, { ...base, identities: {} }), "at least one identity")
    assert.include(reasonOf(WrittenMapping, { ...base, identities: { signal: "x" } }), "at least one identity")
    assert.include(reasonOf(WrittenMapping, { ...base, identities: { telegram: [] } }), "at least one")
  })
})
