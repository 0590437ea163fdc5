// A map and its history, changed by decisions one after another, without any store; and such a store, in memory.
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { between } from "../../src/identity/Change.js"
import { Decision } from "../../src/identity/Decision.js"
import * as Identities from "../../src/identity/Identities.js"
import type { Refusal } from "../../src/identity/IdentityError.js"
import { type IdentityMap, empty } from "../../src/identity/IdentityMap.js"
import { WrittenSharedId, WrittenTimestamp } from "../../src/identity/IdentityMappingSchema.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import * as IdentityStore from "../../src/identity/IdentityStore.js"
import type { History } from "../../src/identity/Journal.js"
import { type Limits, unconfigured } from "../../src/identity/LinkingSettings.js"
import { type Plan, plan } from "../../src/identity/Plan.js"
import type { Fresh } from "../../src/identity/plan/Next.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import { absent, memory } from "../../src/storage/Document.js"
import * as Log from "../../src/storage/Log.js"
import { type Intent, wishOf } from "./decisions.js"

/** The n-th thing that is decided, a minute after the one before. */
export const fresh = (n: number, limits: Limits = unconfigured): Fresh => ({
  now: WrittenTimestamp.make(new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString()),
  by: "test",
  id: WrittenSharedId.make(`new-${n}`),
  limits
})

export interface World {
  readonly map: IdentityMap
  readonly history: History
}

/** As it is after somebody wrote this map by hand. */
export const begun = (map: IdentityMap): World => ({
  map,
  history: [
    {
      sequence: 1,
      at: fresh(0).now,
      by: "hand",
      action: "edit",
      base: absent,
      result: absent,
      changes: between(empty, map)
    }
  ]
})

/** What is wanted, with what there is to know about it. */
export const informed = (wish: Identities.Wish, history: History): Decision =>
  wish._tag === "Undo" ? Decision.Undo({ ...wish, history }) : wish

const recorded = ({ history, map }: World, made: Plan): World =>
  made.changes.length === 0
    ? { map, history }
    : {
        map: made.after,
        history: [
          ...history,
          {
            sequence: history.length + 1,
            at: made.at,
            by: made.by,
            action: made.action,
            ...(Option.isSome(made.undoes) ? { undoes: made.undoes.value } : {}),
            base: absent,
            result: absent,
            changes: made.changes
          }
        ]
      }

/** The world after a decision, or why it stays as it is. */
export const decided = (world: World, wish: Identities.Wish, n = world.history.length): Either.Either<World, Refusal> =>
  Either.map(plan(world.map, informed(wish, world.history), fresh(n)), (made) => recorded(world, made))

/** Services over a store in memory, and what only its keeper can do with it. */
export const keeping = <A, E>(
  use: (keeper: {
    /** Puts a map there without leave or record, as an edit by hand does. */
    readonly edit: (map: IdentityMap) => Effect.Effect<void>
    readonly log: Log.Log
    /** How many ids were given, and a way to have them given again. */
    readonly minted: () => number
    readonly rewind: (count: number) => void
  }) => Effect.Effect<A, E, Identities.Identities | IdentityStore.IdentityStore>
) =>
  Effect.gen(function* () {
    const document = yield* memory(codec)
    const log = yield* Log.memory
    const store = Layer.succeed(IdentityStore.IdentityStore, IdentityStore.make(document, log))
    const edit = (map: IdentityMap) =>
      Effect.asVoid(Effect.orDie(document.modify(() => Either.right(Option.some(map)))))
    let count = 0
    const ids = SharedIds.SharedIds.of({ mint: Effect.sync(() => WrittenSharedId.make(`shared-${(count += 1)}`)) })
    return yield* use({ edit, log, minted: () => count, rewind: (to) => void (count = to) }).pipe(
      Effect.provide(Layer.provideMerge(Identities.layer, store)),
      Effect.provideService(SharedIds.SharedIds, ids)
    )
  })

/** The mappings in their order as they are written, without when they were last changed; and the pairs, in no order. */
export const timeless = ({ entries, never }: IdentityMap) => ({
  mappings: Array.from(entries, ([id, { raw }]) => {
    const { updatedAt: _, ...rest } = raw
    return [id, rest] as const
  }),
  never: Array.from(never.keys()).sort()
})

/** The mappings in their order as they are written, and the pairs, in no order. */
export const written = ({ entries, never }: IdentityMap) => ({
  mappings: Array.from(entries, ([id, { raw }]) => [id, raw] as const),
  never: Array.from(never.keys()).sort()
})

const attempt = (wish: Identities.Wish) =>
  Effect.either(Effect.flatMap(Identities.Identities, ({ change }) => change(wish)))

const now = Effect.gen(function* () {
  const { history, readable } = yield* IdentityStore.IdentityStore
  return { map: (yield* readable).value, history: yield* history }
})

/** What became of a wish in a store: the map and the history before and after it. */
export interface Step {
  readonly wish: Identities.Wish
  readonly before: World
  readonly result: Effect.Effect.Success<ReturnType<typeof attempt>>
  readonly after: World
}

/** Carries out what is wanted, one after another, a minute apart, and looks at each step. */
export const through = (wanted: ReadonlyArray<Intent>, look: (step: Step) => void) =>
  Effect.forEach(
    wanted,
    (one) =>
      Effect.gen(function* () {
        const before = yield* now
        const wish = wishOf(one, before.map, before.history)
        yield* TestClock.adjust("1 minute")
        const result = yield* attempt(wish)
        look({ wish, before, result, after: yield* now })
      }),
    { discard: true }
  )
