import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ConfigInvalid } from "../config/ConfigFile.js"
import { type Identity, WrittenIdentity } from "./Identity.js"

/** As it is where nothing is configured. */
export const unconfigured: { readonly maxIdentities: number; readonly neverLink: ReadonlyArray<Identity> } = {
  maxIdentities: 20,
  neverLink: []
}

/** The settings of this room, at the top of the configuration file. */
export const linkingFields = {
  /** At most so many accounts share one conversation. */
  maxIdentities: Schema.optionalWith(
    Schema.Int.pipe(Schema.greaterThanOrEqualTo(2, { message: () => "a whole number from 2 on is expected" })),
    { default: () => unconfigured.maxIdentities }
  ),
  /** Accounts that many people use, such as an office's number: never linked. */
  neverLink: Schema.optionalWith(Schema.Array(WrittenIdentity), { default: () => unconfigured.neverLink })
}

export const Limits = Schema.Struct(linkingFields)
export type Limits = typeof Limits.Type

/** What may be linked, which is asked for when something is about to be; what is `unconfigured`, where nobody says. */
export class LinkingSettings extends Context.Reference<LinkingSettings>()("warelay/identity/LinkingSettings", {
  defaultValue: (): { readonly limits: Effect.Effect<Limits, ConfigInvalid> } => ({
    limits: Effect.succeed(unconfigured)
  })
}) {}
