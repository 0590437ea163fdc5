import * as Arrays from "effect/Array"
import { printableJson } from "../../config/Printable.js"
import type { Entry } from "../../identity/IdentityMap.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import { write } from "../../identity/QuickMapping.js"
import * as Printed from "../../storage/Printed.js"

/** Any value as JSON for people and programs. */
export const json = (value: unknown): string => printableJson(JSON.stringify(value, null, 2))

/** A mapping as it stands in the file. */
export const mapping = (mapping: IdentityMapping): string => json(write(mapping))

/** What was read as it is to be printed is not taken apart for that. */
const item = (entry: Entry): string =>
  entry.isExact === true && entry.text !== undefined ? Printed.asItem(entry.text) : Printed.item(write(entry.mapping))

/** So many are one text. */
const atOnce = 1_000

/**
 * All of them, in the file's order, as parts to print one after another, each on lines of its own: a text of the whole would
 * be as large as the file.
 */
export const mappings = (entries: ReadonlyArray<Entry>): ReadonlyArray<() => string> => {
  if (entries.length === 0) return [() => "[]"]
  const parts = Arrays.chunksOf(entries, atOnce)
  return parts.map((part, index) => () => {
    const lines = printableJson(part.map(item).join(",\n"))
    return `${index === 0 ? "[\n" : ""}${lines}${index === parts.length - 1 ? "\n]" : ","}`
  })
}
