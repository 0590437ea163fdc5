import * as Brand from "effect/Brand"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type { JsonProblem } from "./JsonText.js"
import { DocumentUnreadable, type FileBusy, type StorageFailed } from "./StorageError.js"

/** Names one content. To be compared for equality only: an edit by hand can bring an earlier content back. */
export type Revision = string & Brand.Brand<"Revision">

/** How a value is written. `empty` is what an absent document holds. */
export interface Codec<A> {
  readonly empty: A
  readonly decode: (text: string) => Either.Either<A, JsonProblem>
  readonly encode: (value: A) => string
}

export interface Snapshot<A> {
  readonly value: A
  readonly revision: Revision
}

export type WriteError = DocumentUnreadable | StorageFailed | FileBusy

/** Told, at the end, whether the new content stands there for good; not told anything where that is not known. */
export type Settle = (visible: boolean) => Effect.Effect<void>

/** How a content takes the place of another. */
export interface Manner<A> {
  /** Puts on record what is about to become visible, before it is. If that fails, nothing becomes visible. */
  readonly witness: (now: Snapshot<A>, next: Snapshot<A>) => Effect.Effect<Settle, WriteError>
  /** Whether the content that goes is kept for a person to restore, or is to be gone for good, and those before it. */
  readonly previous: "keep" | "discard"
}

/** Nobody needs to know. */
export const unwitnessed: Effect.Effect<Settle> = Effect.succeed(() => Effect.void)

export const ordinary: Manner<unknown> = { witness: () => unwitnessed, previous: "keep" }

/** One value that is kept as one text: in memory, in a file, or wherever else a text can be replaced in one step. */
export interface Document<A> {
  /**
   * The newest content, at least as new as every change that was acknowledged before this ran. If the content is
   * unreadable, the last that was not; `empty` if there never was one.
   */
  readonly current: Effect.Effect<Snapshot<A>>
  /** The newest content, or why it cannot be had. For whoever decides by it. */
  readonly readable: Effect.Effect<Snapshot<A>, DocumentUnreadable | StorageFailed>
  /**
   * Replaces the content by what the function makes of it; none leaves it alone. One change at a time, each made of the
   * content before it. It has succeeded only when the new content would outlive a crash; otherwise the old one stands.
   */
  readonly modify: <E>(
    change: (now: Snapshot<A>) => Either.Either<Option.Option<A>, E>,
    manner?: Manner<A>
  ) => Effect.Effect<Snapshot<A>, E | WriteError>
}

export const revisionOf = Brand.nominal<Revision>()

export const absent = revisionOf("absent")

export const unreadable = (file: string, { column, line, reason }: JsonProblem): DocumentUnreadable =>
  new DocumentUnreadable({ file, reason, at: { line, column } })

/** A document in memory. It goes through the codec as a file does, so that what holds here holds there. */
export const memory = <A>(codec: Codec<A>): Effect.Effect<Document<A>> =>
  Effect.gen(function* () {
    const content = yield* Ref.make({ text: Option.none<string>(), changes: 0 })
    const lock = yield* Effect.makeSemaphore(1)
    const readable = Effect.flatMap(Ref.get(content), ({ changes, text }) =>
      Option.match(text, {
        onNone: () => Effect.succeed<Snapshot<A>>({ value: codec.empty, revision: absent }),
        onSome: (some) =>
          Either.match(codec.decode(some), {
            onLeft: (problem) => Effect.fail(unreadable("memory", problem)),
            onRight: (value) => Effect.succeed<Snapshot<A>>({ value, revision: revisionOf(String(changes)) })
          })
      })
    )
    return {
      readable,
      current: Effect.orDie(readable),
      modify: (change, { witness } = ordinary) =>
        Effect.gen(function* () {
          const now = yield* readable
          const next = yield* change(now)
          if (Option.isNone(next)) return now
          const text = Option.some(codec.encode(next.value))
          const { changes } = yield* Ref.get(content)
          const settle = yield* witness(now, { value: next.value, revision: revisionOf(String(changes + 1)) })
          yield* Ref.set(content, { text, changes: changes + 1 })
          yield* settle(true)
          return yield* readable
        }).pipe(Effect.uninterruptible, lock.withPermits(1))
    }
  })
