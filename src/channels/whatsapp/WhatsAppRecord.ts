import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"

type Fields = { readonly [field: string]: unknown }

/**
 * One change of what WhatsApp gave us to keep, as a line of the file. `credentials` takes the place of what was there,
 * `keys` adds to it by kind and id, where null takes a key out, and `ended` says that WhatsApp has logged us out.
 */
export interface Record {
  readonly credentials?: unknown
  readonly keys?: { readonly [kind: string]: Fields }
  readonly ended?: true
}

// By hand: a schema would lose a key with the name of a prototype's property.
const isRecord = (value: unknown): value is Record =>
  Predicate.isRecord(value) &&
  (value["keys"] === undefined ||
    (Predicate.isRecord(value["keys"]) && Object.values(value["keys"]).every(Predicate.isRecord))) &&
  (value["ended"] === undefined || value["ended"] === true)

const isBytes = (value: unknown): value is { readonly data: ReadonlyArray<number> } =>
  Predicate.hasProperty(value, "type") &&
  value.type === "Buffer" &&
  Predicate.hasProperty(value, "data") &&
  Array.isArray(value.data)

/** Bytes are written as base64; a Buffer has turned itself into an object of numbers before we see it. */
const encodeBytes = (_: string, value: unknown): unknown => {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") }
  return isBytes(value) ? { $bytes: Buffer.from(value.data).toString("base64") } : value
}

const decodeBytes = (_: string, value: unknown): unknown =>
  Predicate.hasProperty(value, "$bytes") && Predicate.isString(value.$bytes)
    ? Buffer.from(value.$bytes, "base64")
    : value

/** One line, without the newline. */
export const print = (value: unknown): string => JSON.stringify(value, encodeBytes)

/** What was printed, with bytes as Buffers; nothing if it is no JSON. */
export const parse = (text: string): Option.Option<unknown> =>
  Either.getRight(Either.try((): unknown => JSON.parse(text, decodeBytes)))

export const parseRecord = (line: string): Option.Option<Record> => Option.filter(parse(line), isRecord)
