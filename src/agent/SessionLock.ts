import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RcMap from "effect/RcMap"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import type { SessionId } from "../session/SessionId.js"
import type { Descriptor } from "../storage/Disk.js"
import type { StorageFailed } from "../storage/StorageError.js"
import type { SessionHeld } from "./AgentError.js"
import type { Held } from "./Held.js"

/** Claude loses an answer when two turns of one session overlap, so whoever runs one holds its session. */
export class SessionLock extends Context.Tag("warelay/agent/SessionLock")<
  SessionLock,
  {
    /**
     * Holds these sessions until the scope closes. Waits while somebody else has one of them, but not for ever for another
     * process.
     */
    readonly hold: (sessions: ReadonlyArray<SessionId>) => Effect.Effect<Held, StorageFailed | SessionHeld, Scope.Scope>
    /**
     * Ends what a relay that was killed has left running in sessions, and says how many that were: nobody hears their
     * answers any more. Only who knows that no other relay runs may ask for it.
     */
    readonly evict: Effect.Effect<number>
  }
>() {}

/** The lock of some sessions, there as long as somebody in this process refers to it. */
export interface Lock {
  /** Who has it in this process. */
  readonly turn: Effect.Semaphore
  readonly descriptors: ReadonlyArray<Descriptor>
  /** Waits until no other process has it, and says which group was noted in it if that was by us. */
  readonly take: Effect.Effect<Option.Option<number>, StorageFailed | SessionHeld>
  readonly giveUp: Effect.Effect<void>
  readonly note: (group: number) => Effect.Effect<void>
}

/** Enough that two sessions hardly ever meet in one lock, few enough that their files do not pile up. */
const digits = 4

const nameOf = (session: SessionId): string => createHash("sha256").update(session).digest("hex").slice(0, digits)

/** In one order everywhere, each once, so that nobody waits for somebody who waits for him. */
const namesOf = (sessions: ReadonlyArray<SessionId>): ReadonlyArray<string> =>
  Array.from(new Set(sessions.map(nameOf))).sort()

/** Locks by name, made by `open`. */
export const make = (
  open: (name: string) => Effect.Effect<Lock, StorageFailed, Scope.Scope>,
  evict: Effect.Effect<number>
): Effect.Effect<typeof SessionLock.Service, never, Scope.Scope> =>
  Effect.gen(function* () {
    const locks = yield* RcMap.make({ lookup: open })

    const holdOne = (name: string) =>
      Effect.gen(function* () {
        const lock = yield* RcMap.get(locks, name)
        yield* Effect.uninterruptibleMask((restore) =>
          Effect.zipRight(
            restore(lock.turn.take(1)),
            Effect.addFinalizer(() => lock.turn.release(1))
          )
        )
        yield* Effect.addFinalizer(() => lock.giveUp)
        return { lock, last: yield* lock.take }
      })

    const hold = (sessions: ReadonlyArray<SessionId>) =>
      Effect.gen(function* () {
        const names = namesOf(sessions)
        const held = yield* Effect.forEach(names, holdOne)
        const groups = new Set(held.map(({ last }) => Option.getOrUndefined(last)))
        return {
          descriptors: held.flatMap(({ lock }) => lock.descriptors),
          last: groups.size === 1 ? Option.flatMap(Arr.head(held), ({ last }) => last) : Option.none(),
          enter: (group: number) => Effect.forEach(held, ({ lock }) => lock.note(group), { discard: true }),
          keep: Effect.ignore(Effect.forEach(names, (name) => RcMap.get(locks, name), { discard: true }))
        }
      })

    return { hold, evict }
  })

/** Among the turns of one process. */
export const layerMemory: Layer.Layer<SessionLock> = Layer.scoped(
  SessionLock,
  make(
    () =>
      Effect.gen(function* () {
        const group = yield* Ref.make(Option.none<number>())
        return {
          turn: yield* Effect.makeSemaphore(1),
          descriptors: [],
          take: Ref.getAndSet(group, Option.none()),
          giveUp: Effect.void,
          note: (now) => Ref.set(group, Option.some(now))
        }
      }),
    Effect.succeed(0)
  )
)
