import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Document, Revision, Snapshot } from "../storage/Document.js"
import { absent, memory } from "../storage/Document.js"
import * as Log from "../storage/Log.js"
import { DocumentUnreadable, type FileBusy, type StorageFailed } from "../storage/StorageError.js"
import { IdentityMapChanged, IdentityMapUnreadable } from "./IdentityMapError.js"
import type { IdentityMap } from "./IdentityMap.js"
import { codec } from "./IdentityMapText.js"
import * as Journal from "./Journal.js"
import type { Plan } from "./Plan.js"

type ReadError = IdentityMapUnreadable | StorageFailed | FileBusy

export class IdentityStore extends Context.Tag("warelay/identity/IdentityStore")<
  IdentityStore,
  {
    /**
     * The map to route by: at least as new as every commit acknowledged before this ran. While it is unreadable, the
     * last one that was not, or nobody linked, which keeps people apart.
     */
    readonly current: Effect.Effect<IdentityMap>
    /** The map to decide by: the newest, never an earlier one. */
    readonly readable: Effect.Effect<Snapshot<IdentityMap>, ReadError>
    /**
     * Makes the plan's changes on the map that it was made for, and on no other: all of them, for good and on record, or
     * none.
     */
    readonly commit: (base: Revision, plan: Plan) => Effect.Effect<void, IdentityMapChanged | ReadError>
    /** All changes that were made, the oldest first; an edit by hand is among them from the next change on. */
    readonly history: Effect.Effect<Journal.History, ReadError>
  }
>() {}

const explained = <A, E>(effect: Effect.Effect<A, E | DocumentUnreadable>) =>
  Effect.catchIf(
    effect,
    (error): error is DocumentUnreadable => error instanceof DocumentUnreadable,
    ({ message }) => new IdentityMapUnreadable({ reason: message })
  )

/** Whether there is something to be done for good: where nothing has been yet, an imported history, be nobody linked in it. */
const isWorthWriting = ({ action, changes, decision }: Plan, now: Revision): boolean =>
  changes.length > 0 ||
  action === "forget" ||
  (decision._tag === "Import" && decision.history.length > 0 && now === absent)

/** A store on whatever keeps documents, with its journal on whatever keeps lines. */
export const make = (document: Document<IdentityMap>, log: Log.Log): IdentityStore["Type"] => ({
  current: Effect.map(document.current, ({ value }) => value),
  readable: explained(document.readable),
  commit: Effect.fn("IdentityStore.commit")((base, plan) =>
    document
      .modify(
        ({ revision }) => {
          if (!isWorthWriting(plan, revision)) return Either.right(Option.none())
          return revision === base ? Either.right(Option.some(plan.after)) : Either.left(new IdentityMapChanged())
        },
        Journal.recording(log, plan)
      )
      .pipe(explained, Effect.asVoid)
  ),
  history: explained(Effect.flatMap(document.readable, (now) => Journal.history(log, now)))
})

/** Forgotten at the end of the process. */
export const layerMemory: Layer.Layer<IdentityStore> = Layer.effect(
  IdentityStore,
  Effect.zipWith(memory(codec), Log.memory, make)
)
