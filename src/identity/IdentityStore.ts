import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Document, Revision, Snapshot } from "../storage/Document.js"
import { memory } from "../storage/Document.js"
import type { FileBusy, StorageFailed } from "../storage/StorageError.js"
import { IdentityMapChanged, IdentityMapUnreadable } from "./IdentityError.js"
import type { IdentityMap } from "./IdentityMap.js"
import { codec } from "./IdentityMapText.js"
import { apply, type Plan } from "./Plan.js"

export class IdentityStore extends Context.Tag("warelay/identity/IdentityStore")<
  IdentityStore,
  {
    /**
     * The map to route by: at least as new as every commit acknowledged before this ran. While it is unreadable, the
     * last one that was not, or nobody linked, which keeps people apart.
     */
    readonly current: Effect.Effect<IdentityMap>
    /** The map to decide by: the newest, never an earlier one. */
    readonly readable: Effect.Effect<Snapshot<IdentityMap>, IdentityMapUnreadable>
    /** Makes the plan's changes on the map that it was made for, and on no other: all of them, for good, or none. */
    readonly commit: (
      base: Revision,
      plan: Plan
    ) => Effect.Effect<void, IdentityMapChanged | IdentityMapUnreadable | StorageFailed | FileBusy>
  }
>() {}

/** A store on whatever keeps documents. */
export const make = (document: Document<IdentityMap>): IdentityStore["Type"] => ({
  current: Effect.map(document.current, ({ value }) => value),
  readable: Effect.mapError(document.readable, ({ message }) => new IdentityMapUnreadable({ reason: message })),
  commit: Effect.fn("IdentityStore.commit")((base, plan) =>
    document
      .modify(({ revision, value }) => {
        if (plan.changes.length === 0) return Either.right(Option.none())
        if (revision !== base) return Either.left(new IdentityMapChanged())
        return Either.right(Option.some(apply(value, plan.changes)))
      })
      .pipe(
        Effect.catchTag("DocumentUnreadable", ({ message }) => new IdentityMapUnreadable({ reason: message })),
        Effect.asVoid
      )
  )
})

/** Forgotten at the end of the process. */
export const layerMemory: Layer.Layer<IdentityStore> = Layer.effect(IdentityStore, Effect.map(memory(codec), make))
