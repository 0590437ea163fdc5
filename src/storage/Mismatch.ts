import * as ParseResult from "effect/ParseResult"
import { JsonProblem, locate } from "./JsonText.js"

/** What a schema says by itself ends with the value that it found. That may be long, or private: the place suffices. */
const found = /^(Expected .*?), actual [^]*$/s

/**
 * The first thing in which the value at `base` in a text is not what a schema asks for, and where that stands. A field
 * that is missing is reported where the object that lacks it begins.
 */
export const mismatch = (
  text: string,
  error: ParseResult.ParseError,
  base: ReadonlyArray<PropertyKey> = []
): JsonProblem => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const path = [...base, ...(issue?.path ?? [])]
  const missing = issue?._tag === "Missing" ? `${JSON.stringify(path.at(-1))} ` : ""
  const reason = `${missing}${(issue?.message ?? error.message).replace(found, "$1")}`
  return new JsonProblem({ ...locate(text, path), reason })
}
