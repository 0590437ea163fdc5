import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Codec } from "../storage/Document.js"
import * as JsonText from "../storage/JsonText.js"
import { mismatch } from "../storage/Mismatch.js"
import { type Entry, empty, type IdentityMap, make } from "./IdentityMap.js"
import { IdentityMapping, type SharedId } from "./IdentityMapping.js"

const version = 1

const Versioned = Schema.Struct({ version: Schema.Number })

const JsonRecord = Schema.Record({ key: Schema.String, value: Schema.Unknown }).annotations({ identifier: "an object" })

/** The ids are looked at one by one: a record would pass over a key that is none. */
const Whole = Schema.Struct({
  version: Schema.Literal(version),
  mappings: Schema.Record({ key: Schema.String, value: JsonRecord }).annotations({ identifier: "an object" })
})

const whole = Schema.decodeUnknownEither(Whole)
const jsonRecord = Schema.decodeUnknownEither(JsonRecord)
const mappingOf = Schema.decodeUnknownEither(IdentityMapping)
const versioned = Schema.is(Versioned)

const problemAt = (text: string, path: ReadonlyArray<PropertyKey>, reason: string): JsonText.JsonProblem =>
  new JsonText.JsonProblem({ ...JsonText.locate(text, path), reason })

const decode = (text: string): Either.Either<IdentityMap, JsonText.JsonProblem> =>
  Either.gen(function* () {
    const value = yield* JsonText.parse(text)
    if (versioned(value) && value.version !== version) {
      const reason = `this is version ${value.version} of the identity map, and this warelay reads version ${version}`
      return yield* Either.left(problemAt(text, ["version"], reason))
    }
    const raw = yield* Either.mapLeft(jsonRecord(value), (error) => mismatch(text, error))
    const { mappings } = yield* Either.mapLeft(whole(value), (error) => mismatch(text, error))
    const entries = new Map<SharedId, Entry>()
    for (const [key, object] of Object.entries(mappings)) {
      const mapping = yield* Either.mapLeft(mappingOf(object), (error) => mismatch(text, error, ["mappings", key]))
      if (mapping.id !== key) {
        const reason = "the id differs from the key that this mapping stands under"
        return yield* Either.left(problemAt(text, ["mappings", key, "id"], reason))
      }
      entries.set(mapping.id, { mapping, raw: object })
    }
    return make(entries, raw)
  })

const encode = (map: IdentityMap): string =>
  JsonText.print({
    ...map.raw,
    version,
    mappings: Object.fromEntries(Array.from(map.entries, ([id, { raw }]) => [id, raw]))
  })

/** The identity map as the text of `identity-map.json`. */
export const codec: Codec<IdentityMap> = { empty, decode, encode }
