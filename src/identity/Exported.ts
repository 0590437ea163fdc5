import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Codec } from "../storage/Document.js"
import * as JsonText from "../storage/JsonText.js"
import { mismatch } from "../storage/Mismatch.js"
import { mappingsIn } from "./Change.js"
import { empty, type IdentityMap } from "./IdentityMap.js"
import { decodeAt, documentOf } from "./IdentityMapText.js"
import type { History } from "./Journal.js"
import { write } from "./QuickRecorded.js"
import type { Recorded } from "./Recorded.js"
import { WrittenRecord } from "./RecordedSchema.js"

/** The identity map with everything that led to it. */
export interface Exported {
  readonly map: IdentityMap
  readonly history: History
}

const version = 1

const Envelope = Schema.Struct({
  warelay: Schema.Literal("identity-export"),
  version: Schema.Literal(version),
  map: Schema.Object,
  history: Schema.Array(Schema.Unknown).annotations({ identifier: "a list of changes" })
})

const envelope = Schema.decodeUnknownEither(Envelope)
const versioned = Schema.is(Schema.Struct({ version: Schema.Number }))
const recorded = Schema.decodeUnknownEither(WrittenRecord)

type Problem = JsonText.JsonProblem

/** As many digits as can be typed for `undo`, and far from where numbers end that can be counted on from. */
const greatest = 999_999_999_999_999

/** The records, each under the number that is next to come. */
const historyIn = (text: string, records: ReadonlyArray<unknown>): Either.Either<History, Problem> =>
  Either.gen(function* () {
    const history: Array<Recorded> = []
    for (const [index, one] of records.entries()) {
      const place = ["history", index]
      const record = yield* Either.mapLeft(recorded(one), (error) => mismatch(text, error, place))
      if (record.sequence <= (history.at(-1)?.sequence ?? 0)) {
        const reason = "the numbers of changes rise, and this one does not"
        return yield* Either.left(JsonText.problemAt(text, [...place, "sequence"], reason))
      }
      if (record.sequence > greatest) {
        const reason = "the number of a change has 15 digits at most"
        return yield* Either.left(JsonText.problemAt(text, [...place, "sequence"], reason))
      }
      const stranger = record.changes.findIndex((change) =>
        mappingsIn([change]).some(({ after, before, id }) =>
          [before, after].some(Option.exists(({ mapping }) => mapping.id !== id))
        )
      )
      if (stranger >= 0) {
        const reason = "the id of this change differs from that of its mapping"
        return yield* Either.left(JsonText.problemAt(text, [...place, "changes", stranger, "id"], reason))
      }
      history.push(record)
    }
    return history
  })

const exportIn = (text: string, value: object): Either.Either<Exported, Problem> =>
  Either.gen(function* () {
    if (versioned(value) && value.version !== version) {
      const reason = `this is version ${value.version} of an export, and this warelay reads version ${version}`
      return yield* Either.left(JsonText.problemAt(text, ["version"], reason))
    }
    const { history, map } = yield* Either.mapLeft(envelope(value), (error) => mismatch(text, error))
    return { map: yield* decodeAt(text, map, ["map"]), history: yield* historyIn(text, history) }
  })

const decode = (text: string): Either.Either<Exported, Problem> =>
  Either.gen(function* () {
    const value = yield* JsonText.parse(text)
    if (Predicate.isReadonlyRecord(value)) {
      if (Object.hasOwn(value, "warelay")) return yield* exportIn(text, value)
      if (Object.hasOwn(value, "mappings")) return { map: yield* decodeAt(text, value), history: [] }
    }
    return yield* Either.left(JsonText.problemAt(text, [], "this is neither an export nor an identity map"))
  })

/** An export as one JSON document. An identity map alone is read as an export without a history. */
export const codec: Codec<Exported> = {
  empty: { map: empty, history: [] },
  decode,
  encode: ({ history, map }) =>
    JsonText.print({ warelay: "identity-export", version, map: documentOf(map), history: history.map(write) })
}
