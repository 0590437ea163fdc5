import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * The document with which the `claude` command ends a turn: all of its output with `--output-format json`, the last line
 * with `stream-json`. `is_error` counts, whatever its `subtype` says.
 */
export const ClaudeResult = Schema.Struct({
  type: Schema.optional(Schema.Literal("result")),
  result: Schema.optional(Schema.NullOr(Schema.String)),
  is_error: Schema.optional(Schema.Boolean),
  session_id: Schema.optional(Schema.NullOr(Schema.String)),
  errors: Schema.optional(Schema.Array(Schema.String))
}).pipe(
  // Any object is of the shape above; one with none of these is not an end of a turn.
  Schema.filter(({ type, result, is_error }) => type !== undefined || typeof result === "string" || is_error === true)
)
export type ClaudeResult = typeof ClaudeResult.Type

const json = Schema.decodeOption(Schema.parseJson())
const decode = Schema.decodeUnknownOption(ClaudeResult)

const last = (values: ReadonlyArray<unknown>): Option.Option<ClaudeResult> =>
  Arr.last(Arr.filterMap(values, (value) => decode(value)))

/** The last result in what was printed: one JSON document, an array of events, or a document a line among other lines. */
export const resultIn = (stdout: string): Option.Option<ClaudeResult> =>
  json(stdout).pipe(
    Option.flatMap((value) => last(Array.isArray(value) ? value : [value])),
    Option.orElse(() => last(Arr.filterMap(stdout.split("\n"), (line) => json(line))))
  )

/** Whether a line is the result that ends a turn. */
export const isResult = (line: string): boolean => Option.isSome(Option.flatMap(json(line), decode))
