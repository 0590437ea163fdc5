import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { accountOf } from "../../src/identity/Identity.js"
import { get, list } from "../../src/identity/IdentityMap.js"
import { decodeAt } from "../../src/identity/IdentityMapText.js"
import { WrittenMapping, WrittenTimestamp } from "../../src/identity/IdentityMappingSchema.js"
import { isObject, read, write } from "../../src/identity/QuickMapping.js"
import { fields, fromFile, json, sharedId, written } from "./odd.js"

const decode = Schema.decodeUnknownEither(WrittenMapping)

const thorough = { numRuns: 2_000 }

const agree = (raw: unknown, id: string): boolean => {
  const decoded = isObject(raw) ? Either.getRight(decode(raw)) : Option.none()
  const expected = Option.filter(decoded, (mapping) => String(mapping.id) === id)
  const entry = Option.fromNullable(read(raw, id))
  deepStrictEqual(
    Option.map(entry, ({ mapping }) => mapping),
    expected
  )
  deepStrictEqual(
    Option.map(entry, ({ accounts }) => accounts),
    Option.map(expected, ({ identities }) => identities.map(accountOf))
  )
  return Option.isSome(entry)
}

describe("a mapping that is read without its schema", () => {
  it.each([0, 4, 50])("is what the schema decodes, and is none where that decodes nothing (%s %% odd)", (oddness) => {
    const seen = { read: 0, refused: 0 }
    FastCheck.assert(
      FastCheck.property(fields(oddness), (value) => {
        const raw = fromFile(value)
        const id = isObject(raw) && typeof raw["id"] === "string" ? raw["id"] : ""
        seen[agree(raw, id) ? "read" : "refused"] += 1
      }),
      thorough
    )
    // The generator would make this law empty if it made one kind only.
    if (oddness < 50) assert.isAbove(seen.read, 200)
    if (oddness > 0) assert.isAbove(seen.refused, 200)
  })

  it("stands under its own id", () => {
    FastCheck.assert(
      FastCheck.property(fields(0), sharedId, (value, id) => {
        agree(fromFile(value), id)
      })
    )
  })

  it("is nothing where there is no object", () => {
    FastCheck.assert(FastCheck.property(json, sharedId, (value, id) => void agree(fromFile(value), id)))
  })

  it("is written as the schema encodes it", () => {
    const encode = Schema.encodeSync(WrittenMapping)
    FastCheck.assert(
      FastCheck.property(fields(0), (value) => {
        const decoded = decode(fromFile(value))
        if (Either.isLeft(decoded)) return
        assert.strictEqual(JSON.stringify(write(decoded.right)), JSON.stringify(encode(decoded.right)))
      }),
      thorough
    )
  })
})

describe("a map that is read without its schema", () => {
  const map = FastCheck.record(
    {
      version: FastCheck.oneof({ arbitrary: FastCheck.constant(1), weight: 9 }, { arbitrary: json, weight: 1 }),
      mappings: FastCheck.oneof(
        {
          arbitrary: FastCheck.array(fields(1), { maxLength: 4 }).map((all) =>
            Object.fromEntries(all.map((one) => [one.id, one]))
          ),
          weight: 9
        },
        { arbitrary: json, weight: 1 }
      ),
      never: FastCheck.oneof(
        { arbitrary: FastCheck.array(FastCheck.tuple(written, written), { maxLength: 2 }), weight: 9 },
        { arbitrary: json, weight: 1 }
      ),
      $schema: json
    },
    { requiredKeys: ["version", "mappings"] }
  )

  it("holds the mappings that the schema decodes, and none that it does not", () => {
    let readable = 0
    FastCheck.assert(
      FastCheck.property(map, (value) => {
        const raw = fromFile(value)
        const decoded = decodeAt(JSON.stringify(raw), raw)
        if (Either.isLeft(decoded) || !isObject(raw) || !isObject(raw["mappings"])) return
        readable += 1
        const mappings = Object.values(raw["mappings"])
        assert.strictEqual(list(decoded.right).length, mappings.length)
        for (const one of mappings) {
          const expected = Either.getOrThrow(decode(one))
          deepStrictEqual(get(decoded.right, expected.id), Option.some(expected))
        }
      }),
      thorough
    )
    assert.isAbove(readable, 200)
  })
})

describe("a time that is believed without calculating", () => {
  it("is one that a calendar has", () => {
    const isTimestamp = Schema.is(WrittenTimestamp)
    const two = FastCheck.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, "0"))
    FastCheck.assert(
      FastCheck.property(FastCheck.tuple(two, two, two, two, two), ([month, day, hour, minute, second]) => {
        const text = `2023-${month}-${day}T${hour}:${minute}:${second}Z`
        const days = new Date(Date.UTC(2023, Number(month), 0)).getUTCDate()
        assert.strictEqual(isTimestamp(text), !Number.isNaN(Date.parse(text)) && Number(day) <= days)
      }),
      { numRuns: 20_000 }
    )
  })
})
