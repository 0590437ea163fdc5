import * as Schema from "effect/Schema"
import { WrittenIdentity } from "./IdentitySchema.js"
import { unconfigured } from "./LinkingSettings.js"

/** The settings of this room, at the top of the configuration file. */
export const linkingFields = {
  maxIdentities: Schema.optionalWith(
    Schema.Int.pipe(Schema.greaterThanOrEqualTo(2, { message: () => "a whole number from 2 on is expected" })),
    { default: () => unconfigured.maxIdentities }
  ),
  neverLink: Schema.optionalWith(Schema.Array(WrittenIdentity), { default: () => unconfigured.neverLink })
}
