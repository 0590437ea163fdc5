// What stands in files, and what does so nearly: of each part most are right, and some are something else.
import * as FastCheck from "effect/FastCheck"
import { linkedId, phone, scopedId, userNumber, username } from "./arbitrary.js"

/** Now and then with what would make another object of one by itself. */
export const json = FastCheck.oneof(
  { arbitrary: FastCheck.jsonValue({ maxDepth: 2 }), weight: 30 },
  FastCheck.constantFrom('{"__proto__":{"name":"x"}}', '[{"__proto__":null}]').map((text): unknown => JSON.parse(text))
)

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

export const sharedId = FastCheck.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/)

export const timestamp = FastCheck.oneof(
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

/** An identity with its provider in front. */
export const written = FastCheck.oneof(
  username.map((name) => `telegram:${name}`),
  phone.map((digits) => `twilio:${digits}`)
)

/** Something else in so many of a hundred. */
export const mostlyWith =
  (oddness: number) =>
  <A>(right: FastCheck.Arbitrary<A>): FastCheck.Arbitrary<unknown> =>
    FastCheck.oneof({ arbitrary: right, weight: 100 - oddness }, { arbitrary: odd, weight: oddness })

/** Mostly mappings; each of their fields is now and then something else. */
export const fields = (oddness: number) => {
  const mostly = mostlyWith(oddness)
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
export const fromFile = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
