import * as Either from "effect/Either"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as JsonText from "../storage/JsonText.js"
import { mismatch } from "../storage/Mismatch.js"
import { version } from "./IdentityMap.js"
import { WrittenMapping, WrittenObject } from "./IdentityMappingSchema.js"
import { WrittenPair } from "./PairSchema.js"

const Versioned = Schema.Struct({ version: Schema.Number })

const Never = Schema.Array(WrittenPair).annotations({ identifier: "a list of pairs of identities" })

/** The ids are looked at one by one: a record would pass over a key that is none. */
const Whole = Schema.Struct({
  version: Schema.Literal(version),
  mappings: Schema.Record({ key: Schema.String, value: WrittenObject }).annotations({ identifier: "an object" }),
  never: Schema.optional(Never)
})

/** Said of a map that nothing can be said of: we read less than the schemas, which must not be. */
const unread = new JsonText.JsonProblem({ line: 1, column: 1, reason: "this identity map cannot be read" })

/** What the schemas have to say of a value that was not read: what is wrong with it, and where. */
export const wrongIn = (
  text: string,
  value: unknown,
  base: ReadonlyArray<PropertyKey>
): Either.Either<never, JsonText.JsonProblem> => {
  const found = Either.gen(function* () {
    if (Schema.is(Versioned)(value) && value.version !== version) {
      const reason = `this is version ${value.version} of the identity map, and this warelay reads version ${version}`
      return yield* Either.left(JsonText.problemAt(text, [...base, "version"], reason))
    }
    const at = (path: ReadonlyArray<PropertyKey>) => Either.mapLeft((error: ParseError) => mismatch(text, error, path))
    yield* at(base)(Schema.decodeUnknownEither(WrittenObject)(value))
    const { mappings } = yield* at(base)(Schema.decodeUnknownEither(Whole)(value))
    for (const [key, object] of Object.entries(mappings)) {
      const place = [...base, "mappings", key]
      const mapping = yield* at(place)(Schema.decodeUnknownEither(WrittenMapping)(object))
      if (mapping.id !== key) {
        const reason = "the id differs from the key that this mapping stands under"
        return yield* Either.left(JsonText.problemAt(text, [...place, "id"], reason))
      }
    }
  })
  return Either.andThen(found, Either.left(unread))
}
