import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { read, readLine, write, writeLine } from "../../src/identity/QuickRecorded.js"
import { actions } from "../../src/identity/Recorded.js"
import { WrittenRecord } from "../../src/identity/RecordedSchema.js"
import { fields, fromFile, json, mostlyWith, sharedId, timestamp, written } from "./odd.js"

/** A number, and now and then one that is no count. */
const count = (oddness: number, right: FastCheck.Arbitrary<number>) =>
  oddness === 0 ? right : FastCheck.oneof({ arbitrary: right, weight: 30 }, FastCheck.constantFrom(0, -1, 1.5, 2 ** 60))

const change = (oddness: number) => {
  const mostly = mostlyWith(oddness)
  const place = FastCheck.record({
    position: mostly(count(oddness, FastCheck.nat(9))),
    mapping: mostly(fields(Math.floor(oddness / 10))),
    beside: json
  })
  return FastCheck.oneof(
    FastCheck.record(
      { id: mostly(sharedId), before: mostly(place), after: mostly(place), colour: json },
      { requiredKeys: ["id"] }
    ),
    FastCheck.record({
      never: mostly(FastCheck.array(mostly(written), { minLength: 2, maxLength: oddness > 0 ? 3 : 2 })),
      before: mostly(FastCheck.boolean()),
      after: mostly(FastCheck.boolean())
    })
  )
}

/** Mostly records; each of their fields is now and then something else. */
const record = (oddness: number) => {
  const mostly = mostlyWith(oddness)
  const number = FastCheck.oneof(FastCheck.integer({ min: 1 }), FastCheck.constantFrom(1, 999_999_999_999_999))
  return FastCheck.record(
    {
      sequence: mostly(count(oddness, number)),
      at: mostly(timestamp),
      by: mostly(FastCheck.string()),
      action: mostly(FastCheck.constantFrom(...actions)),
      undoes: mostly(count(oddness, FastCheck.oneof(number, FastCheck.constantFrom(0, -1)))),
      base: mostly(FastCheck.string()),
      result: mostly(FastCheck.string()),
      changes: mostly(FastCheck.array(mostly(change(oddness)), { maxLength: 2 })),
      colour: json
    },
    { requiredKeys: ["sequence", "at", "by", "action", "base", "result", "changes"] }
  )
}

const decode = Schema.decodeUnknownEither(WrittenRecord)
const encode = Schema.encodeSync(WrittenRecord)

const thorough = { numRuns: 2_000 }

describe("a record that is read without its schema", () => {
  it.each([0, 2, 30])("is what the schema decodes, and is none where that decodes nothing (%s %% odd)", (oddness) => {
    const seen = { read: 0, refused: 0 }
    FastCheck.assert(
      FastCheck.property(FastCheck.oneof({ arbitrary: record(oddness), weight: 50 }, json), (value) => {
        const raw = fromFile(value)
        const found = Option.fromNullable(read(raw))
        deepStrictEqual(found, Either.getRight(decode(raw)))
        seen[Option.isSome(found) ? "read" : "refused"] += 1
      }),
      thorough
    )
    // The generator would make this law empty if it made one kind only.
    if (oddness < 30) assert.isAbove(seen.read, 200)
    if (oddness > 0) assert.isAbove(seen.refused, 200)
  })

  it("is written as the schema encodes it", () => {
    FastCheck.assert(
      FastCheck.property(record(0), (value) => {
        const found = read(fromFile(value))
        if (found === undefined) return
        deepStrictEqual(fromFile(write(found)), fromFile(encode(found)))
      }),
      thorough
    )
  })
})

describe("a line of the journal", () => {
  const Line = Schema.parseJson(
    Schema.Struct({ ...WrittenRecord.fields, adopted: Schema.optional(Schema.Array(WrittenRecord)) })
  )
  const line = (oddness: number) =>
    FastCheck.tuple(record(oddness / 2), mostlyWith(oddness)(FastCheck.array(record(oddness / 2), { maxLength: 2 })))

  it("is a record, or one with the history that came with it, and is written as it was", () => {
    const seen = { read: 0, refused: 0 }
    FastCheck.assert(
      FastCheck.property(line(4), FastCheck.boolean(), ([one, adopted], brings) => {
        const text = JSON.stringify(brings ? { ...one, adopted } : one)
        const found = readLine(text)
        const decoded = Either.getRight(Schema.decodeEither(Line)(text))
        deepStrictEqual(found, text.includes('"__proto__":') ? Option.none() : decoded)
        seen[Option.isSome(found) ? "read" : "refused"] += 1
        for (const it of Option.toArray(found)) deepStrictEqual(readLine(writeLine(it)), found)
      }),
      thorough
    )
    assert.isAbove(seen.read, 200)
    assert.isAbove(seen.refused, 200)
  })

  const made = {
    sequence: 1,
    at: "2026-01-01T00:00:00Z",
    by: "cli",
    action: "link",
    base: "absent",
    result: "x",
    changes: [
      {
        id: "a",
        after: {
          position: 0,
          mapping: {
            id: "a",
            identities: { telegram: "@john" },
            createdAt: "2026-01-01T00:00:00Z",
            updatedAt: "2026-01-01T00:00:00Z",
            beside: { deep: [] }
          }
        }
      }
    ]
  }

  it.each(['"mapping":{', '"beside":{', '"deep":[{'])("with another prototype behind %s is none", (place) => {
    const text = JSON.stringify(made).replace('"deep":[]', '"deep":[{"x":1}]')
    assert.isTrue(Option.isSome(readLine(text)))
    assert.isTrue(Option.isNone(readLine(text.replace(place, `${place}"__proto__":{"name":"evil"},`))))
  })

  it("that could not be read is not written", () => {
    const record = Option.getOrThrow(readLine(JSON.stringify(made)))
    assert.strictEqual(readLine(writeLine(record))._tag, "Some")
    for (const sequence of [0, 1.5, 2 ** 53]) {
      assert.throws(() => writeLine({ ...record, sequence }), "this is no record of a change")
    }
  })

  it.each(["", "{", "nothing", "[]", "null", '"x"'])("is not %j", (text) => {
    assert.isTrue(Option.isNone(readLine(text)))
  })
})
