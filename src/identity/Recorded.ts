import * as Context from "effect/Context"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { Revision } from "../storage/Document.js"
import { Change, type Placed } from "./Change.js"
import { JsonObject } from "./IdentityMap.js"
import { IdentityMapping, SharedId, Timestamp } from "./IdentityMapping.js"
import { Pair } from "./Pair.js"

/** Who changes the map: `cli`, `library`, `relay`, `chat`, or `hand` for an edit of the file itself. */
export class Actor extends Context.Reference<Actor>()("warelay/identity/Actor", {
  defaultValue: (): string => "library"
}) {}

export const actions = [
  "link",
  "unlink",
  "rename",
  "pin",
  "never",
  "forget",
  "undo",
  "import",
  /** The file was edited, or restored, by somebody who took no lock. */
  "edit",
  /** The file was deleted. */
  "reset"
] as const
export type Action = (typeof actions)[number]

const Place = Schema.Struct({ position: Schema.NonNegativeInt, mapping: JsonObject })

const isChange = (value: unknown): value is Change =>
  Predicate.isTagged(value, "Mapping") || Predicate.isTagged(value, "Never")

const MappingWritten = Schema.Struct({
  id: SharedId,
  before: Schema.optional(Place),
  after: Schema.optional(Place)
})

const NeverWritten = Schema.Struct({ never: Pair, before: Schema.Boolean, after: Schema.Boolean })

const mappingWritten = ParseResult.decodeUnknownEither(MappingWritten)
const neverWritten = ParseResult.decodeUnknownEither(NeverWritten)
const encodePair = ParseResult.encodeEither(Pair)
const mappingOf = ParseResult.decodeUnknownEither(IdentityMapping)

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
const RecordedChange = Schema.transformOrFail(JsonObject, Schema.declare(isChange), {
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

/**
 * One change that was made, as a line of the journal has it. `base` and `result` name the contents of the map before and
 * after; what the change is made of stands in `changes`, as it was written.
 */
export const Recorded = Schema.Struct({
  sequence: Schema.Int.pipe(Schema.positive()),
  at: Timestamp,
  by: Schema.String,
  action: Schema.Literal(...actions),
  /** The change that an undo reverts. */
  undoes: Schema.optional(Schema.Int),
  base: Revision,
  result: Revision,
  changes: Schema.Array(RecordedChange)
})
export type Recorded = typeof Recorded.Type
