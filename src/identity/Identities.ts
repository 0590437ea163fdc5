import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { FileBusy, StorageFailed } from "../storage/StorageError.js"
import { Decision } from "./Decision.js"
import type { Identity } from "./Identity.js"
import type { ConfigInvalid } from "../config/ConfigFile.js"
import type { Refusal } from "./IdentityError.js"
import { IdentityMapChanged, type IdentityMapUnreadable } from "./IdentityMapError.js"
import { get, type IdentityMap, list, mappingWith } from "./IdentityMap.js"
import { type IdentityMapping, type SharedId, timestampOf } from "./IdentityMapping.js"
import { IdentityStore } from "./IdentityStore.js"
import type { History } from "./Journal.js"
import { LinkingSettings, unconfigured } from "./LinkingSettings.js"
import { type Plan, plan } from "./Plan.js"
import { Actor } from "./Recorded.js"
import { SharedIds } from "./SharedIds.js"

type ReadError = IdentityMapUnreadable | StorageFailed | FileBusy

export type ChangeError = Refusal | IdentityMapChanged | ConfigInvalid | ReadError

/** What somebody wants done, as far as he has to say it: what is on record, we know. */
export type Wish =
  | Exclude<Decision, { _tag: "Undo" }>
  | { readonly _tag: "Undo"; readonly sequence?: number | undefined }

export class Identities extends Context.Tag("warelay/identity/Identities")<
  Identities,
  {
    /** Does what was decided, or nothing. When it has succeeded, every reader sees it. */
    readonly change: (wish: Wish) => Effect.Effect<Plan, ChangeError>
    /** What `change` would do now. */
    readonly preview: (wish: Wish) => Effect.Effect<Plan, ChangeError>
    /** All mappings, oldest first. */
    readonly list: Effect.Effect<ReadonlyArray<IdentityMapping>, ReadError>
    /** The mapping with this id; any text may be asked for. */
    readonly get: (id: string) => Effect.Effect<Option.Option<IdentityMapping>, ReadError>
    /** The mapping that an identity belongs to. */
    readonly find: (identity: Identity) => Effect.Effect<Option.Option<IdentityMapping>, ReadError>
    /** All changes that were made, the oldest first. */
    readonly history: Effect.Effect<History, ReadError>
  }
>() {}

/** The decisions that the configuration has a say in. */
const linking = new Set<Wish["_tag"]>(["Link", "Import", "Undo"])

/** A decision is made anew while others' come between: soon at first, then about every 50 ms, for as long as this. */
const again = Schedule.exponential("2 millis", 1.3).pipe(
  Schedule.union(Schedule.spaced("50 millis")),
  Schedule.jittered,
  Schedule.upTo("10 seconds")
)

export const make: Effect.Effect<Identities["Type"], never, IdentityStore | SharedIds> = Effect.gen(function* () {
  const store = yield* IdentityStore
  const ids = yield* SharedIds
  const settings = yield* LinkingSettings
  // In one process decisions wait for each other; only another process's can come between.
  const oneAtATime = yield* Effect.makeSemaphore(1)

  const decisionOf = (wish: Wish): Effect.Effect<Decision, ReadError> =>
    wish._tag === "Undo"
      ? Effect.map(store.history, (history) => Decision.Undo({ ...wish, history }))
      : Effect.succeed(wish)

  const unused = (map: IdentityMap): Effect.Effect<SharedId> =>
    Effect.flatMap(ids.mint, (id) => (map.entries.has(id) ? unused(map) : Effect.succeed(id)))

  const decide = (wish: Wish) =>
    Effect.gen(function* () {
      const { revision, value } = yield* store.readable
      const decision = yield* decisionOf(wish)
      const now = timestampOf(yield* DateTime.now)
      const id = yield* unused(value)
      const limits = yield* linking.has(wish._tag) ? settings.limits : Effect.succeed(unconfigured)
      return { revision, planned: yield* plan(value, decision, { now, by: yield* Actor, id, limits }) }
    })

  const change = Effect.fn("Identities.change")((wish: Wish) =>
    Effect.gen(function* () {
      const { planned, revision } = yield* decide(wish)
      yield* store.commit(revision, planned)
      return planned
    }).pipe(
      Effect.retry({ schedule: again, while: (error) => error instanceof IdentityMapChanged }),
      oneAtATime.withPermits(1)
    )
  )

  return {
    change,
    preview: (wish) => Effect.map(decide(wish), ({ planned }) => planned),
    list: Effect.map(store.readable, ({ value }) => list(value)),
    get: (id) => Effect.map(store.readable, ({ value }) => get(value, id)),
    find: (identity) => Effect.map(store.readable, ({ value }) => mappingWith(value, identity)),
    history: store.history
  }
})

export const layer: Layer.Layer<Identities, never, IdentityStore | SharedIds> = Layer.effect(Identities, make)
