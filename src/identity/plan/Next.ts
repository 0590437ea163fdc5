import type * as Option from "effect/Option"
import type { Entries, JsonObject, Never } from "../IdentityMap.js"
import type { IdentityMapping, SharedId, Timestamp } from "../IdentityMapping.js"
import type { Limits } from "../LinkingSettings.js"
import type { Action } from "../Recorded.js"

/** What a plan takes from outside: the time, who decides, an id that nobody has had, and what may be linked. */
export interface Fresh {
  readonly now: Timestamp
  readonly by: string
  readonly id: SharedId
  readonly limits: Limits
}

/** What a decision makes of a map; what is left out stays as it is. */
export interface Next {
  readonly action: Action
  readonly undoes?: number
  readonly entries: Entries
  readonly never?: Never
  readonly raw?: JsonObject
  readonly mapping: Option.Option<IdentityMapping>
}
