import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { type IdentityMap, list } from "../../src/identity/IdentityMap.js"
import { codec, decodeAt, documentOf } from "../../src/identity/IdentityMapText.js"
import { depth } from "../../src/identity/PrintedMapping.js"
import { write } from "../../src/identity/QuickMapping.js"
import * as JsonText from "../../src/storage/JsonText.js"
import * as Printed from "../../src/storage/Printed.js"
import { mapOf } from "../bench/maps.mjs"
import { intents } from "./decisions.js"
import { anyMap, soundMap } from "./maps.js"
import { keeping, through } from "./world.js"

/**
 * What a map says, however it was read. What is written of it is what is printed of it as a whole, and of a mapping that is
 * taken for what would be written of it, that is its text.
 */
const said = (map: IdentityMap) => {
  const text = JsonText.print(documentOf(map))
  assert.strictEqual(codec.encode(map), text)
  for (const { isExact, mapping, text } of map.entries.values()) {
    if (isExact === true) assert.strictEqual(text, Printed.member(mapping.id, write(mapping), depth))
  }
  return { mappings: list(map), owners: new Map(map.owners), never: map.never, text }
}

/** What is found in a text that is parsed as a whole. */
const parsed = (text: string) => Either.flatMap(JsonText.parse(text), (value) => decodeAt(text, value))

const agree = (text: string) =>
  deepStrictEqual(Either.map(codec.decode(text), said), Either.map(parsed(text), said), text)

const entriesIn = (text: string) => Array.from(Either.getOrThrow(codec.decode(text)).entries.values())

/** How many of its mappings are kept as the text that they stand in. */
const asText = (text: string): number => entriesIn(text).filter((entry) => entry.text !== undefined).length

const usual = `{
  "version": 1,
  "mappings": {
    "shared-abc-123": {
      "id": "shared-abc-123",
      "name": "John Doe",
      "identities": {
        "whatsapp": "+1234567890",
        "telegram": "@John",
        "twilio": "+1234567890"
      },
      "keep": "telegram:@John",
      "pins": {
        "@John": "42"
      },
      "createdAt": "2024-01-01T00:00:00Z",
      "updatedAt": "2024-01-01T00:00:00Z"
    },
    "b": {
      "id": "b",
      "identities": {
        "telegram": "@mary"
      },
      "createdAt": "2024-01-01T00:00:00Z",
      "updatedAt": "2024-01-01T00:00:00Z"
    }
  }
}
`

/** The same with one thing replaced. */
const but = (part: string, replacement: string): string => {
  assert.include(usual, part)
  return usual.replace(part, () => replacement)
}

describe("a map that is laid out as we print it", () => {
  it.prop("is the map that its value is", [anyMap], ([map]) => {
    const text = JsonText.print(documentOf(map))
    agree(text)
    assert.strictEqual(asText(text), map.entries.size)
  })

  it("is read in its usual form", () => {
    agree(usual)
    agree(mapOf(3))
    assert.strictEqual(asText(usual), 2)
    assert.deepStrictEqual(
      [usual, but("+1234567890", "+1 (234) 567-890"), but('"keep"', '"kept"')].map((text) =>
        entriesIn(text).map(({ isExact }) => isExact)
      ),
      [
        [true, true],
        [false, true],
        [false, true]
      ]
    )
  })

  it.each<readonly [string, string]>([
    ["a name in other letters", but("John Doe", "Йон 🙂 é\u007f\u2028")],
    ["a name with escapes", but("John Doe", 'John \\"the\\\\ Doe\\u0007')],
    ["a name that is nothing", but("John Doe", "")],
    ["a name that is no text", but('"John Doe"', "7")],
    ["a lone surrogate, escaped", but("John Doe", "\\ud800")],
    ["a lone surrogate", but("John Doe", "\ud800")],
    ["a line break in a name", but("John Doe", "John\nDoe")],
    ["an escape that was not needed", but("John Doe", "\\u004aohn")],
    ["a comma too many", but('"twilio": "+1234567890"', '"twilio": "+1234567890",')],
    ["a comma too few", but('"@John",', '"@John"')],
    ["a comma too many behind a mapping", but("    }\n  }\n", "    },\n  }\n")],
    ["a comma too few behind a mapping", but("    },\n", "    }\n")],
    [
      "a comma too few before the last identity of a mapping",
      but('"@John",\n        "twilio": "+1234567890"', '"@John",')
    ],
    ["no identity", but('        "telegram": "@mary"\n', "")],
    ["no identity, in short", but('{\n        "telegram": "@mary"\n      }', "{}")],
    ["a provider twice", but('"telegram": "@mary"', '"telegram": "@mary",\n        "telegram": "@mary"')],
    [
      "providers in another order",
      but(
        '"telegram": "@John",\n        "twilio": "+1234567890"',
        '"twilio": "+1234567890",\n        "telegram": "@John"'
      )
    ],
    ["a username that is none", but("@mary", "@m")],
    ["a number that is none", but("+1234567890", "1234567890")],
    ["a number that is none at the last provider", but('"twilio": "+1234567890"', '"twilio": "x"')],
    ["a number with separators", but("+1234567890", "+1 (234) 567-890")],
    ["another id than its key", but('"id": "b"', '"id": "c"')],
    ["an id that is none", usual.replaceAll('"b"', '"1b"')],
    ["an id that nobody has", usual.replaceAll('"b"', '"constructor"')],
    ["an id that stands twice", usual.replaceAll('"b"', '"shared-abc-123"')],
    ["the id __proto__", usual.replaceAll('"b"', '"__proto__"')],
    ["a time that is none", but('"createdAt": "2024-01-01', '"createdAt": "2024-02-30')],
    ["another time that is none", but('"updatedAt": "2024-01-01', '"updatedAt": "2024-02-30')],
    ["a pin for a name that is none", but('"@John": "42"', '"John": "42"')],
    ["a pin that is none", but('"@John": "42"', '"@John": "-42"')],
    ["nobody's history kept", but('"keep": "telegram:@John"', '"keep": "none"')],
    ["a name to keep that is none", but('"keep": "telegram:@John"', '"keep": "telegram"')],
    ["two pins", but('"@John": "42"', '"@John": "42",\n        "@Jane": "43"')],
    ["a pin twice", but('"@John": "42"', '"@John": "42",\n        "@John": "43"')],
    ["a field of somebody else's", but('"name": "John Doe"', '"note": {\n        "a": []\n      }')],
    ["a mapping that is empty", but('    "b": {\n', '    "a": {},\n    "b": {\n')],
    ["another version", but('"version": 1', '"version": 2')],
    ["the version twice", but('"version": 1,', '"version": 1,\n  "version": 1,')],
    ["mappings twice", but('  "mappings": {', '  "mappings": {},\n  "mappings": {')],
    ["mappings somewhere deeper", `{\n  "x": ${usual.trimEnd().replaceAll("\n", "\n  ")}\n}\n`],
    ["something around them", but('  "version": 1,', '  "$schema": "x",\n  "version": 1,')],
    ["something behind them", but("    }\n  }\n}", '    }\n  },\n  "last": {\n    "a": 1\n  }\n}')],
    [
      "pairs never to be linked",
      but(
        "    }\n  }\n}",
        '    }\n  },\n  "never": [\n    [\n      "telegram:42",\n      "telegram:@mary"\n    ]\n  ]\n}'
      )
    ],
    ["pairs that are none", but("    }\n  }\n}", '    }\n  },\n  "never": 5\n}')],
    ["no line break at its end", usual.trimEnd()],
    ["a byte order mark", `\uFEFF${usual}`],
    ["something behind its end", `${usual}x`],
    ["other white space", JSON.stringify(JSON.parse(usual))]
  ])("is nothing else with %s", (_, text) => {
    agree(text)
  })

  it.prop(
    "is nothing else when anything is cut out of it, doubled, or put elsewhere",
    [FastCheck.nat(usual.length), FastCheck.nat(60), FastCheck.nat(usual.length), FastCheck.nat(2)],
    ([from, length, to, copies]) => {
      const part = usual.slice(from, from + length)
      const rest = `${usual.slice(0, from)}${usual.slice(from + length)}`
      agree(`${rest.slice(0, to)}${part.repeat(copies)}${rest.slice(to)}`)
    },
    { fastCheck: { numRuns: 2_000 } }
  )

  it.effect.prop(
    "is printed, whatever was decided, as it would be printed as a whole",
    [soundMap, intents()],
    ([map, wanted]) =>
      keeping(({ edit }) =>
        Effect.zipRight(
          edit(map),
          through(wanted, ({ after }) => {
            assert.strictEqual(codec.encode(after.map), JsonText.print(documentOf(after.map)))
          })
        )
      ),
    { fastCheck: { numRuns: 60 } }
  )
})
