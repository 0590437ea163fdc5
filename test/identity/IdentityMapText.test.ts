import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { find, get, list } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { the } from "./arbitrary.js"

const example = `{
  "version": 1,
  "mappings": {
    "shared-abc-123": {
      "id": "shared-abc-123",
      "name": "John Doe",
      "identities": {
        "whatsapp": "+1234567890",
        "telegram": "@john"
      },
      "createdAt": "2024-01-01T00:00:00Z",
      "updatedAt": "2024-01-01T00:00:00Z"
    }
  }
}
`

const decoded = (text: string) =>
  Either.getOrThrowWith(codec.decode(text), ({ column, line, reason }) => new Error(`${line}:${column} ${reason}`))

const problem = (text: string) => {
  const result = codec.decode(text)
  assert.isTrue(Either.isLeft(result), text)
  return Either.isLeft(result) ? result.left : assert.fail()
}

/** The example with one thing replaced. */
const but = (part: string, replacement: string): string => {
  assert.include(example, part)
  return example.replace(part, () => replacement)
}

describe("the identity map's file", () => {
  it("is the user's own example, byte for byte", () => {
    assert.strictEqual(codec.encode(decoded(example)), example)
    const [mapping] = list(decoded(example))
    assert.strictEqual(mapping?.name, "John Doe")
    deepStrictEqual(
      find(decoded(example), the("telegram", "@john")),
      Option.map(Option.fromNullable(mapping), ({ id }) => id)
    )
  })

  it("an empty map is a whole file", () => {
    assert.strictEqual(codec.encode(codec.empty), '{\n  "version": 1,\n  "mappings": {}\n}\n')
    deepStrictEqual(list(decoded(codec.encode(codec.empty))), [])
  })

  it("fields that we do not know survive a rewrite, at every level and where they stood", () => {
    const text = `{
  "$schema": "./map.schema.json",
  "mappings": {
    "b": {
      "colour": [
        1,
        null,
        {
          "deep": "\\u0007 é"
        }
      ],
      "id": "b",
      "identities": {
        "signal": {
          "future": true
        },
        "telegram": "@john",
        "whatsapp": [
          "+1234567890"
        ]
      },
      "createdAt": "2024-01-01T00:00:00Z",
      "updatedAt": "2024-01-01T00:00:00+00:00",
      "note": ""
    },
    "a": {
      "id": "a",
      "name": "",
      "identities": {
        "whatsapp": "+1 234 567 8901"
      },
      "createdAt": "2024-01-01T00:00Z",
      "updatedAt": "2024-01-01T00:00:00.123456Z"
    }
  },
  "version": 1,
  "last": false
}
`
    assert.strictEqual(codec.encode(decoded(text)), text)
    deepStrictEqual(
      list(decoded(text)).map(({ id }) => String(id)),
      ["b", "a"]
    )
  })

  it.each<readonly [string, string]>([
    ["a byte order mark", `\uFEFF${example}`],
    ["other white space", JSON.stringify(JSON.parse(example))],
    ["tabs", JSON.stringify(JSON.parse(example), null, "\t")],
    ["carriage returns", example.replaceAll("\n", "\r\n")],
    ["escapes that were not needed", but("John", "\\u004aohn")],
    ["an array with one identity in it", but('"@john"', '[ "@john" ]')]
  ])("is read with %s", (_, text) => {
    const [mapping] = list(decoded(text))
    deepStrictEqual(mapping, list(decoded(example))[0])
  })

  it.each<readonly [string, string, string, number, number]>([
    ["is empty", "", "", 1, 1],
    ["is white space", " \n ", "", 1, 1],
    ["is cut off", example.slice(0, 60), "it ends here", 4, 24],
    ["is cut off at the very end", example.trimEnd().slice(0, -1), "it ends here", 14, 4],
    ["holds two documents", `${example}${example}`, "", 16, 1],
    ["has text behind it", `${example}x`, "", 16, 1],
    ["has a comma too many", but('"@john"', '"@john",'), "", 10, 7],
    ["has a comma too few", but('"shared-abc-123",', '"shared-abc-123"'), "", 6, 7],
    ["has a comment", but('"version": 1,', '"version": 1, // ours'), "", 2, 17],
    ["has single quotes", but('"@john"', "'@john'"), "", 9, 21],
    ["has a line break in a string", but("John Doe", "John\nDoe"), "", 6, 20],
    ["is an array", "[]", "an object", 1, 1],
    ["is null", "\n null", "an object", 2, 2],
    ["is a string", '"x"', "an object", 1, 1],
    ["lacks the version", but('"version": 1,', ""), '"version" is missing', 1, 1],
    ["has a version that is no number", but('"version": 1,', '"version": "1",'), "Expected 1", 2, 14],
    ["lacks the mappings", '{\n  "version": 1\n}\n', '"mappings" is missing', 1, 1],
    ["has an array of mappings", '{ "version": 1, "mappings": [] }', "an object", 1, 29],
    ["has a mapping that is none", but('"shared-abc-123": {', '"x": 5, "shared-abc-123": {'), "an object", 4, 10],
    ["has a mapping that is null", '{ "version": 1, "mappings": { "a": null } }', "an object", 1, 36],
    ["lacks an id", but('"id": "shared-abc-123",', ""), '"id" is missing', 4, 23],
    ["has an id that is a number", but('"id": "shared-abc-123"', '"id": 7'), "Expected string", 5, 13],
    ["has another id than its key", but('"id": "shared-abc-123"', '"id": "shared-abc-124"'), "differs", 5, 13],
    ["has another key than its id", but('"shared-abc-123": {', '"shared-abc-124": {'), "differs", 5, 13],
    ["has a name that is no string", but('"John Doe"', "null"), "Expected string", 6, 15],
    [
      "has a name to keep that is none",
      but('"identities": {', '"keep": "nobody", "identities": {'),
      "none, or an identity",
      7,
      15
    ],
    ["lacks the identities", but('"identities"', '"identity"'), '"identities" is missing', 4, 23],
    ["has identities in an array", but('"identities": {', '"identities": [], "x": {'), "Expected", 7, 21],
    ["has no identity", but('"identities": {', '"identities": {}, "x": {'), "at least one identity", 7, 21],
    [
      "has identities of unknown providers alone",
      but('"identities": {', '"identities": {"a": "b"}, "x": {'),
      "at least",
      7,
      21
    ],
    ["has an empty array of identities", but('"@john"', "[]"), "at least one", 9, 21],
    ["has a number for an identity", but('"@john"', "42"), "a string or an array", 9, 21],
    ["has a number among identities", but('"@john"', '["@john", 42]'), "a string or an array", 9, 21],
    ["has null for an identity", but('"@john"', "null"), "a string or an array", 9, 21],
    ["has a malformed username", but('"@john"', '"john"'), '"john" is not a username', 9, 21],
    ["has a malformed one among several", but('"@john"', '[\n"@john",\n  "-5"]'), '"-5" is not a username', 11, 3],
    ["has a number without +", but('"+1234567890"', '"1234567890"'), "is not a phone number", 8, 21],
    ["has an identity with its provider in front", but('"@john"', '"telegram:@john"'), "is not a username", 9, 21],
    ["lacks a time", but(',\n      "updatedAt": "2024-01-01T00:00:00Z"', ""), '"updatedAt" is missing', 4, 23],
    [
      "has a time that is a number",
      but('"createdAt": "2024-01-01T00:00:00Z"', '"createdAt": 5'),
      "Expected string",
      11,
      20
    ],
    ["has a time that is none", but('"updatedAt": "2024', '"updatedAt": "24'), "is not a time", 12, 20],
    ["has a key twice", but('"version": 1,', '"version": 1, "version": 1,'), "stands twice", 2, 17],
    ["has a key twice, once escaped", but('"version": 1,', '"version": 1, "\\u0076ersion": 1,'), "twice", 2, 17],
    ["has a mapping twice", but('"mappings": {', '"mappings": { "a": {}, "a": {},'), "stands twice", 3, 26],
    ["has a provider twice", but('"telegram": "@john"', '"telegram": "@john", "telegram": "@mary"'), "twice", 9, 30],
    ["has an unknown key twice", but('"version": 1,', '"version": 1, "x": {"y": [{"z": 1, "z": 1}]},'), "twice", 2, 38],
    ["has the key __proto__", but('"version": 1,', '"version": 1, "__proto__": {},'), "cannot be a key", 2, 17],
    ["has an escaped __proto__", but('"version": 1,', '"version": 1, "\\u005f_proto__": 1,'), "cannot be a key", 2, 17],
    ["has a mapping __proto__", but('"mappings": {', '"mappings": { "__proto__": {},'), "cannot be a key", 3, 17],
    [
      "has a date for a time",
      but('"updatedAt": "2024-01-01T00:00:00Z"', '"updatedAt": "2024-01-01"'),
      '"2024-01-01" is',
      12,
      20
    ],
    [
      "has one alone who is never linked",
      but('"version": 1,', '"version": 1, "never": [["telegram:@john"]],'),
      "two id",
      2,
      27
    ],
    [
      "has three who are never linked",
      but('"version": 1,', '"version": 1, "never": [["telegram:@john", "telegram:@mary", "telegram:@jane"]],'),
      "two id",
      2,
      27
    ],
    [
      "has nobody who is never linked",
      but('"version": 1,', '"version": 1, "never": [[]],'),
      "two identities such as",
      2,
      27
    ],
    ["has a pair that is none", but('"version": 1,', '"version": 1, "never": ["telegram:@john"],'), "two id", 2, 27],
    [
      "has nobody to whom somebody is not linked",
      but('"version": 1,', '"version": 1, "never": [["telegram:@john", "@"]],'),
      "an identity such as",
      2,
      46
    ],
    [
      "is nested too deeply",
      but('"version": 1,', `"version": 1, "x": ${"[".repeat(2000)}${"]".repeat(2000)},`),
      "deeply",
      2,
      222
    ]
  ])("is unreadable when it %s", (_, text, reason, line, column) => {
    const found = problem(text)
    deepStrictEqual({ line: found.line, column: found.column }, { line, column }, found.reason)
    assert.include(found.reason, reason)
  })

  it("is unreadable with a mapping under a name that no id can have", () => {
    const names = ["global", "unknown", "1abc", "", "a b", "é", "+1234567890", "telegram:@john", "x".repeat(65)]
    for (const name of [...names, ...Object.getOwnPropertyNames(Object.prototype)]) {
      const text = example.replaceAll('"shared-abc-123"', () => JSON.stringify(name))
      const { line, reason } = problem(text)
      assert.strictEqual(line, name === "__proto__" ? 4 : 5, name)
      assert.include(reason, name === "__proto__" ? "cannot be a key" : "is not a shared id")
      const isReserved = /^(?!__proto__)[a-z_]{4,64}$/i.test(name)
      assert.strictEqual(reason.includes("it is a reserved word"), isReserved, reason)
    }
  })

  it("a version that is not ours is named beside ours, whatever else the file holds", () => {
    for (const text of [but('"version": 1', '"version": 2'), '{\n  "version": 2, "people": []}']) {
      const { line, reason } = problem(text)
      assert.strictEqual(line, 2)
      assert.include(reason, "version 2")
      assert.include(reason, "version 1")
    }
  })

  it("nesting that would end the program is a problem like any other", () => {
    for (const depth of [199, 201, 1000, 2000, 3000, 4000, 5000, 6000, 8000, 100_000]) {
      const text = but('"version": 1,', `"version": 1, "x": ${"[".repeat(depth)}${"]".repeat(depth)},`)
      const result = codec.decode(text)
      assert.strictEqual(Either.isRight(result), depth < 200, String(depth))
    }
    const value = JSON.parse(example)
    for (const depth of [150, 250]) {
      const nested = Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 1)
      const text = `${JSON.stringify({ ...value, nested }, null, 2)}\n`
      assert.strictEqual(Either.isRight(codec.decode(text)), depth < 200, String(depth))
    }
  })

  it("no problem shows a whole phone number, because it goes into the log", () => {
    const texts = [
      but('"+1234567890"', '"001234567890"'),
      but('"+1234567890"', '["+1234567891", "+1234567890 (old)"]'),
      but('"identities": {', '"identities": [ "+1234567890" ], "x": {'),
      but('"John Doe"', '{ "phone": "+1234567890" }'),
      example.replaceAll("shared-abc-123", "+1234567890"),
      but('"shared-abc-123": {', '"+1234567890": {'),
      but('"version": 1,', '"+1234567890": 1, "+1234567890": 2, "version": 1,'),
      but('"version": 1,', '"version": { "x": "+1234567890" },'),
      but('"version": 1,', '"version": 1, +1234567890: 5,'),
      but('"version": 1,', '"version": 1 1234567890,'),
      but('"createdAt": "2024-01-01T00:00:00Z"', '"createdAt": "+1234567890"')
    ]
    for (const text of texts) {
      assert.notMatch(problem(text).reason.replaceAll(/such as [^ ,]+/g, ""), /[0-9]{5}/, text)
    }
  })

  it.prop("any text is read or refused, and never more than that", [FastCheck.string({ unit: "binary" })], ([text]) => {
    assert.isTrue(Either.isLeft(codec.decode(text)))
  })

  it.prop(
    "a file with any one piece cut out is refused, or is a whole map still",
    [FastCheck.nat(example.length), FastCheck.integer({ min: 1, max: 40 })],
    ([at, length]) => {
      const text = example.slice(0, at) + example.slice(at + length)
      const result = codec.decode(text)
      if (Either.isLeft(result)) return
      const again = codec.decode(codec.encode(result.right))
      deepStrictEqual(Either.map(again, list), Either.map(result, list))
      deepStrictEqual(Either.map(again, codec.encode), Either.map(result, codec.encode))
    }
  )

  it("of an account in two mappings the first in the file is the owner, and both are kept", () => {
    const text = codec.encode(decoded(example))
    const two = text.replace(
      /"mappings": \{\n/,
      `"mappings": {
    "z-first": {
      "id": "z-first",
      "identities": {
        "telegram": "@JOHN"
      },
      "createdAt": "2024-01-01T00:00:00Z",
      "updatedAt": "2024-01-01T00:00:00Z"
    },
`
    )
    const map = decoded(two)
    assert.strictEqual(Option.getOrUndefined(find(map, the("telegram", "@john"))), "z-first")
    assert.strictEqual(Option.getOrUndefined(find(map, the("whatsapp", "+1234567890"))), "shared-abc-123")
    assert.strictEqual(list(map).length, 2)
    assert.strictEqual(codec.encode(map), two)
  })

  it("nothing is found under a name that every object has", () => {
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      deepStrictEqual(get(decoded(example), name), Option.none(), name)
    }
  })
})
