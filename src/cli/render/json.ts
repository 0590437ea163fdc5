import { printableJson } from "../../config/Printable.js"
import { IdentityMapping } from "../../identity/IdentityMapping.js"
import { write } from "../../identity/QuickMapping.js"

/** Any value as JSON for people and programs. */
export const json = (value: unknown): string => printableJson(JSON.stringify(value, null, 2))

/** A mapping as it stands in the file. */
export const mapping = (mapping: IdentityMapping): string => json(write(mapping))

/** All of them, in the file's order. */
export const mappings = (mappings: ReadonlyArray<IdentityMapping>): string =>
  json(mappings.map((mapping) => write(mapping)))
