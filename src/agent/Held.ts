import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Descriptor } from "../storage/Disk.js"

/** Sessions that are ours for a turn. */
export interface Held {
  /** What a process inherits that is to hold them as long as it lives, should ours be killed. */
  readonly descriptors: ReadonlyArray<Descriptor>
  /** The process group that we let into them last, if nobody else held one of them since. */
  readonly last: Option.Option<number>
  /** Notes down that a process group is in them now, so that it can be ended should we be killed. */
  readonly enter: (group: number) => Effect.Effect<void>
  /** Has later turns hold them by the same descriptors, until the scope closes. */
  readonly keep: Effect.Effect<void, never, Scope.Scope>
}

/** Nobody holds anything: for an agent whose turns do not overlap in any case. */
export const unheld: Held = { descriptors: [], last: Option.none(), enter: () => Effect.void, keep: Effect.void }
