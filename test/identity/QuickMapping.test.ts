import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { accountOf } from "../../src/identity/Identity.js"
import { get, list } from "../../src/identity/IdentityMap.js"
import { decodeAt } from "../../src/identity/IdentityMapText.js"
import { IdentityMapping, Timestamp } from "../../src/identity/IdentityMapping.js"
import { isObject, read, write } from "../../src/identity/QuickMapping.js"
import { linkedId, phone, scopedId, userNumber, username } from "./arbitrary.js"

const json = FastCheck.jsonValue({ maxDepth: 2 })

/** What is nearly right more often than not. */
const odd = FastCheck.oneof(
  json,
  FastCheck.constantFrom(
    "",
    " ",
    "global",
    "unknown",
    "constructor",
    "1a",
    "none",
    "None",
    "@joh",
    "+0123456",
    "5000000000000000"
  ),
  FastCheck.constantFrom(
    "2024-02-30T00:00:00Z",
    "2024-13-01T00:00:00Z",
    "2024-01-01",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:00+25:00"
  )
)

const sharedId = FastCheck.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/)

const timestamp = FastCheck.oneof(
  FastCheck.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }).map((date) =>
    date.toISOString()
  ),
  FastCheck.constantFrom(
    "2024-01-01T00:00:00Z",
    "2024-02-29T23:59Z",
    "2024-01-31T00:00:00.5+02:00",
    "2024-01-01T24:00:00Z"
  )
)

const spaced = phone.map((digits) => `${digits.slice(0, 3)} (${digits.slice(3, 5)})-${digits.slice(5)}`)

const idsOf = (...kinds: ReadonlyArray<FastCheck.Arbitrary<string>>) => {
  const one = FastCheck.oneof(...kinds)
  return FastCheck.oneof(one, FastCheck.array(one, { minLength: 1, maxLength: 3 }))
}

const written = FastCheck.oneof(
  username.map((name) => `telegram:${name}`),
  phone.map((digits) => `twilio:${digits}`)
)

/** Mostly mappings; each of their fields is now and then something else. */
const fields = (oddness: number) => {
  const mostly = <A>(right: FastCheck.Arbitrary<A>): FastCheck.Arbitrary<unknown> =>
    FastCheck.oneof({ arbitrary: right, weight: 100 - oddness }, { arbitrary: odd, weight: oddness })
  return FastCheck.record(
    {
      id: mostly(sharedId),
      name: mostly(FastCheck.string()),
      identities: mostly(
        FastCheck.record(
          {
            whatsapp: mostly(idsOf(phone, spaced, linkedId)),
            telegram: mostly(idsOf(username, userNumber)),
            twilio: mostly(idsOf(phone, scopedId)),
            signal: json
          },
          { requiredKeys: [] }
        )
      ),
      keep: mostly(FastCheck.oneof(FastCheck.constant("none"), written)),
      continues: mostly(FastCheck.array(mostly(sharedId), { minLength: 1, maxLength: 3 })),
      pins: mostly(FastCheck.dictionary(username, mostly(userNumber))),
      createdAt: mostly(timestamp),
      updatedAt: mostly(timestamp),
      colour: json
    },
    { requiredKeys: ["id", "createdAt", "updatedAt", "identities"] }
  )
}

/** As it would come out of a file. */
const fromFile = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const decode = Schema.decodeUnknownEither(IdentityMapping)

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
    const encode = Schema.encodeSync(IdentityMapping)
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
    const isTimestamp = Schema.is(Timestamp)
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
