import * as Arrays from "effect/Array"
import { printableJson } from "../../config/Printable.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import { write } from "../../identity/QuickMapping.js"

/** Any value as JSON for people and programs. */
export const json = (value: unknown): string => printableJson(JSON.stringify(value, null, 2))

/** A mapping as it stands in the file. */
export const mapping = (mapping: IdentityMapping): string => json(write(mapping))

/** So many are one text. */
const atOnce = 1_000

/**
 * All of them, in the file's order, as parts to print one after another, each on lines of its own: a text of the whole would
 * be as large as the file.
 */
export const mappings = (mappings: ReadonlyArray<IdentityMapping>): ReadonlyArray<() => string> => {
  if (mappings.length === 0) return [() => "[]"]
  const parts = Arrays.chunksOf(mappings, atOnce)
  return parts.map((part, index) => () => {
    const lines = json(part.map((mapping) => write(mapping))).slice("[\n".length, -"\n]".length)
    return `${index === 0 ? "[\n" : ""}${lines}${index === parts.length - 1 ? "\n]" : ","}`
  })
}
