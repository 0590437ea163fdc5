import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { revisionOf } from "../storage/Document.js"
import { Change, type Placed } from "./Change.js"
import { WrittenMapping, WrittenObject, WrittenSharedId, WrittenTimestamp } from "./IdentityMappingSchema.js"
import { WrittenPair } from "./PairSchema.js"
import { actions } from "./Recorded.js"

const Place = Schema.Struct({ position: Schema.NonNegativeInt, mapping: WrittenObject })

const isChange = (value: unknown): value is Change =>
  Predicate.isTagged(value, "Mapping") || Predicate.isTagged(value, "Never")

const MappingWritten = Schema.Struct({
  id: WrittenSharedId,
  before: Schema.optional(Place),
  after: Schema.optional(Place)
})

const NeverWritten = Schema.Struct({ never: WrittenPair, before: Schema.Boolean, after: Schema.Boolean })

const mappingWritten = ParseResult.decodeUnknownEither(MappingWritten)
const neverWritten = ParseResult.decodeUnknownEither(NeverWritten)
const encodePair = ParseResult.encodeEither(WrittenPair)
const mappingOf = ParseResult.decodeUnknownEither(WrittenMapping)

const placed = (change: typeof MappingWritten.Type, field: "before" | "after") =>
  Either.transposeMapOption(Option.fromNullable(change[field]), ({ mapping: raw, position }) =>
    Either.mapBoth(mappingOf(raw), {
      onLeft: (issue) => new ParseResult.Pointer([field, "mapping"], raw, issue),
      onRight: (mapping) => ({ position, mapping, raw })
    })
  )

const written = (place: Option.Option<Placed>) =>
  Option.getOrUndefined(Option.map(place, ({ position, raw }) => ({ position, mapping: raw })))

/** Which of the two it is, its fields say: a union would name what either of them lacks. */
const RecordedChange = Schema.transformOrFail(WrittenObject, Schema.declare(isChange), {
  strict: true,
  decode: (raw) =>
    "never" in raw
      ? Either.map(neverWritten(raw), ({ after, before, never }) => Change.Never({ pair: never, before, after }))
      : Either.flatMap(mappingWritten(raw), (change) =>
          Either.zipWith(placed(change, "before"), placed(change, "after"), (before, after) =>
            Change.Mapping({ id: change.id, before, after })
          )
        ),
  encode: Change.$match({
    Mapping: ({ after, before, id }) => Either.right({ id, before: written(before), after: written(after) }),
    Never: ({ after, before, pair }) => Either.map(encodePair(pair), (never) => ({ never, before, after }))
  })
})

const Revision = Schema.String.pipe(Schema.fromBrand(revisionOf))

/** A record as it is written. */
export const WrittenRecord = Schema.Struct({
  sequence: Schema.Int.pipe(Schema.positive()),
  at: WrittenTimestamp,
  by: Schema.String,
  action: Schema.Literal(...actions),
  undoes: Schema.optional(Schema.Int),
  base: Revision,
  result: Revision,
  changes: Schema.Array(RecordedChange)
})
