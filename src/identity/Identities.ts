import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { FileBusy, StorageFailed } from "../storage/StorageError.js"
import type { Identity } from "./Identity.js"
import { IdentityMapChanged, type IdentityMapUnreadable } from "./IdentityError.js"
import { find, get, list } from "./IdentityMap.js"
import { type IdentityMapping, Timestamp } from "./IdentityMapping.js"
import { IdentityStore } from "./IdentityStore.js"
import { type Decision, type Plan, plan, type Refusal } from "./Plan.js"
import { SharedIds } from "./SharedIds.js"

export type ChangeError = Refusal | IdentityMapChanged | IdentityMapUnreadable | StorageFailed | FileBusy

export class Identities extends Context.Tag("warelay/identity/Identities")<
  Identities,
  {
    /** Does what was decided, or nothing. When it has succeeded, every reader sees it. */
    readonly change: (decision: Decision) => Effect.Effect<Plan, ChangeError>
    /** All mappings, oldest first. */
    readonly list: Effect.Effect<ReadonlyArray<IdentityMapping>, IdentityMapUnreadable>
    /** The mapping with this id; any text may be asked for. */
    readonly get: (id: string) => Effect.Effect<Option.Option<IdentityMapping>, IdentityMapUnreadable>
    /** The mapping that an identity belongs to. */
    readonly find: (identity: Identity) => Effect.Effect<Option.Option<IdentityMapping>, IdentityMapUnreadable>
  }
>() {}

const timestamp = Schema.decodeSync(Timestamp)

/** A decision is made anew while others' come between: soon at first, then about every 50 ms, for as long as this. */
const again = Schedule.exponential("2 millis", 1.3).pipe(
  Schedule.union(Schedule.spaced("50 millis")),
  Schedule.jittered,
  Schedule.upTo("10 seconds")
)

export const layer: Layer.Layer<Identities, never, IdentityStore | SharedIds> = Layer.effect(
  Identities,
  Effect.gen(function* () {
    const store = yield* IdentityStore
    const ids = yield* SharedIds
    // In one process decisions wait for each other; only another process's can come between.
    const oneAtATime = yield* Effect.makeSemaphore(1)

    const change = Effect.fn("Identities.change")((decision: Decision) =>
      Effect.gen(function* () {
        const { revision, value } = yield* store.readable
        const now = timestamp(DateTime.formatIso(yield* DateTime.now))
        const id = yield* Effect.repeat(ids.mint, { until: (id) => !value.entries.has(id) })
        const planned = yield* plan(value, decision, { now, id })
        yield* store.commit(revision, planned)
        return planned
      }).pipe(
        Effect.retry({ schedule: again, while: (error) => error instanceof IdentityMapChanged }),
        oneAtATime.withPermits(1)
      )
    )

    return {
      change,
      list: Effect.map(store.readable, ({ value }) => list(value)),
      get: (id) => Effect.map(store.readable, ({ value }) => get(value, id)),
      find: (identity) =>
        Effect.map(store.readable, ({ value }) => Option.flatMap(find(value, identity), (id) => get(value, id)))
    }
  })
)
