import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type Document, memory, ordinary, type Snapshot, type WriteError } from "../storage/Document.js"
import type { Key } from "./Key.js"
import { codec, type Session, type SessionTable, without } from "./SessionTable.js"

/** The session is not what it was taken for, or its UUID is another key's. Nothing was done; decide again. */
export class SessionChanged extends Schema.TaggedError<SessionChanged>()("SessionChanged", { key: Schema.String }) {
  override get message(): string {
    return "a conversation in sessions.json is being changed by other processes again and again; nothing was recorded. Try again."
  }
}

export class SessionStore extends Context.Tag("warelay/session/SessionStore")<
  SessionStore,
  {
    /** All sessions, at least as new as every swap acknowledged before this ran. */
    readonly all: Effect.Effect<SessionTable, WriteError>
    /**
     * Replaces what stands under the key, if that is still `before` and no other key has the new session's UUID. It
     * has succeeded when it is durable. Swaps that wait for the same device are saved in one go.
     */
    readonly swap: (
      key: Key,
      before: Option.Option<Session>,
      after: Session
    ) => Effect.Effect<void, SessionChanged | WriteError>
    /** Takes out what stands under these keys, however their usernames are spelt, with no earlier version left. */
    readonly remove: (keys: ReadonlyArray<Key>) => Effect.Effect<void, WriteError>
  }
>() {}

interface Swap {
  readonly key: Key
  readonly before: Option.Option<Session>
  readonly after: Session
  readonly done: Deferred.Deferred<void, SessionChanged | WriteError>
}

const sameSession = (now: Session | undefined, before: Option.Option<Session>): boolean =>
  Option.match(before, {
    onNone: () => now === undefined,
    onSome: ({ forkOf, over, sessionId, updatedAt }) =>
      now?.sessionId === sessionId && now.updatedAt === updatedAt && now.forkOf === forkOf && now.over === over
  })

const holderOf = (table: SessionTable, sessionId: string): Key | undefined => {
  for (const [key, session] of table) if (session.sessionId === sessionId) return key
  return undefined
}

/** What becomes of a table by swaps one after another, and which of these found it as they expected. */
const swapAll = (table: SessionTable, swaps: ReadonlyArray<Swap>) => {
  const next = new Map(table)
  const made = swaps.map(({ after, before, key }) => {
    const holder = holderOf(next, after.sessionId)
    const fits = sameSession(next.get(key), before) && (holder === undefined || holder === key)
    if (fits) next.set(key, after)
    return fits
  })
  return { next, made }
}

export const make = (document: Document<SessionTable>): Effect.Effect<SessionStore["Type"]> =>
  Effect.gen(function* () {
    const oneAtATime = yield* Effect.makeSemaphore(1)
    const waiting: Array<Swap> = []

    /** Saves whatever waits; those who come meanwhile wait for the next time. */
    const saveWaiting = Effect.suspend(() => {
      const swaps = waiting.splice(0)
      if (swaps.length === 0) return Effect.void
      let made: ReadonlyArray<boolean> = []
      return document
        .modify(({ value }) => {
          const result = swapAll(value, swaps)
          made = result.made
          return Either.right(made.includes(true) ? Option.some(result.next) : Option.none())
        })
        .pipe(
          Effect.exit,
          Effect.flatMap((exit) =>
            Effect.forEach(
              swaps,
              ({ done, key }, index) =>
                Deferred.complete(
                  done,
                  Effect.zipRight(exit, made[index] === true ? Effect.void : new SessionChanged({ key }))
                ),
              { discard: true }
            )
          )
        )
    }).pipe(oneAtATime.withPermits(1), Effect.uninterruptible)

    return {
      all: Effect.map(document.readable, ({ value }) => value),
      swap: Effect.fn("SessionStore.swap")((key, before, after) =>
        Effect.gen(function* () {
          const done = yield* Deferred.make<void, SessionChanged | WriteError>()
          waiting.push({ key, before, after, done })
          yield* saveWaiting
          yield* Deferred.await(done)
        })
      ),
      remove: Effect.fn("SessionStore.remove")((keys) => {
        const kept = ({ value }: Snapshot<SessionTable>) => {
          const left = without(value, keys)
          return Either.right(left.size === value.size ? Option.none<SessionTable>() : Option.some(left))
        }
        return Effect.asVoid(document.modify(kept, { ...ordinary, previous: "discard" }))
      })
    }
  })

/** Forgotten at the end of the process. */
export const layerMemory: Layer.Layer<SessionStore> = Layer.effect(SessionStore, Effect.flatMap(memory(codec), make))
