import * as Schema from "effect/Schema"
import { printableJson } from "../../config/Printable.js"
import { IdentityMapping } from "../../identity/IdentityMapping.js"

const written = Schema.encodeSync(IdentityMapping)

/** Any value as JSON for people and programs. */
export const json = (value: unknown): string => printableJson(JSON.stringify(value, null, 2))

/** A mapping as it stands in the file. */
export const mapping = (mapping: IdentityMapping): string => json(written(mapping))

/** All of them, in the file's order. */
export const mappings = (mappings: ReadonlyArray<IdentityMapping>): string =>
  json(mappings.map((mapping) => written(mapping)))
