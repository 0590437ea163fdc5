import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type Document, memory, ordinary, type WriteError } from "../../storage/Document.js"
import { type Book, codec, swept } from "./Book.js"

/** What a decision about the book comes to, and what the book becomes by it. */
export type Decide<A> = (book: Book, now: number) => readonly [A, Book]

export class ProofStore extends Context.Tag("warelay/identity/proof/ProofStore")<
  ProofStore,
  {
    /** The newest book, without what is over. */
    readonly book: Effect.Effect<Book, WriteError>
    /** Decides by the newest book, one decision at a time among all processes. What it was before is gone for good. */
    readonly change: <A>(decide: Decide<A>) => Effect.Effect<A, WriteError>
  }
>() {}

/** A store on whatever keeps documents. */
export const make = (document: Document<Book>): ProofStore["Type"] => ({
  book: Effect.zipWith(document.readable, Clock.currentTimeMillis, ({ value }, now) => swept(value, now)),
  change: <A>(decide: Decide<A>) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const results: Array<readonly [A]> = []
      yield* document.modify(
        ({ value }) => {
          const [result, next] = decide(swept(value, now), now)
          results.push([result])
          return Either.right(next === value ? Option.none() : Option.some(next))
        },
        { ...ordinary, previous: "discard" }
      )
      // The last is the one that was saved: whoever changes the file meanwhile has it decided anew.
      const [result] = yield* Effect.orDie(Option.fromNullable(results.at(-1)))
      return result
    })
})

/** Forgotten at the end of the process. */
export const layerMemory: Layer.Layer<ProofStore> = Layer.effect(ProofStore, Effect.map(memory(codec), make))
