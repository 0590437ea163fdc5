import * as Data from "effect/Data"
import type { Identity } from "./Identity.js"
import type { IdentityMap, Vouched } from "./IdentityMap.js"
import type { Recorded } from "./Recorded.js"

/** What becomes of an identity that belongs to another mapping: nothing happens at all, it alone changes over, or all do. */
export const conflictPolicies = ["refuse", "move", "merge"] as const
export type ConflictPolicy = (typeof conflictPolicies)[number]

/** What somebody wants done to the map. */
export type Decision = Data.TaggedEnum<{
  /** These identities in one mapping: a new one, or the one named by `into`. `keep` says whose history a new one continues. */
  Link: {
    readonly identities: ReadonlyArray<Identity>
    readonly name?: string | undefined
    readonly keep?: Identity | "none" | undefined
    readonly into?: string | undefined
    /** `refuse`, if absent. */
    readonly onConflict?: ConflictPolicy | undefined
  }
  /** The mapping with this id taken out, and with it every identity in it. */
  Unlink: { readonly id: string }
  /** These identities taken out of a mapping, which goes on without them. */
  Remove: { readonly id: string; readonly identities: ReadonlyArray<Identity> }
  /** Everybody taken out of a mapping but one, who goes on in its conversation alone. */
  Leave: { readonly id: string; readonly identity: Identity }
  Rename: { readonly id: string; readonly name: string }
  /** A username bound to the account that has it now. */
  Pin: Vouched
  /** Two identities that are not to be suggested for linking, ever. */
  Never: { readonly pair: readonly [Identity, Identity] }
  /** No trace of an identity. */
  Forget: { readonly identity: Identity }
  /** A change reverted. `history` is all that is on record, the oldest first; without `sequence`, the last that can be. */
  Undo: { readonly sequence?: number | undefined; readonly history: ReadonlyArray<Recorded> }
  /** The mappings and decisions of another map brought in, all or none. */
  Import: { readonly map: IdentityMap; readonly history: ReadonlyArray<Recorded>; readonly onConflict: ConflictPolicy }
}>

export const Decision = Data.taggedEnum<Decision>()
