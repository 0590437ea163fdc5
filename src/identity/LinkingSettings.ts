import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { ConfigInvalid } from "../config/ConfigFile.js"
import type { Identity } from "./Identity.js"

export interface Limits {
  /** At most so many accounts share one conversation. */
  readonly maxIdentities: number
  /** Accounts that many people use, such as an office's number: never linked. */
  readonly neverLink: ReadonlyArray<Identity>
}

/** As it is where nothing is configured. */
export const unconfigured: Limits = { maxIdentities: 20, neverLink: [] }

/** What may be linked, which is asked for when something is about to be; what is `unconfigured`, where nobody says. */
export class LinkingSettings extends Context.Reference<LinkingSettings>()("warelay/identity/LinkingSettings", {
  defaultValue: (): { readonly limits: Effect.Effect<Limits, ConfigInvalid> } => ({
    limits: Effect.succeed(unconfigured)
  })
}) {}
