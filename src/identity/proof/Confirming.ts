import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Decision } from "../Decision.js"
import { agreedBy, type Book, type Farewell, farewellsOf, lifetime, put, withdrawn } from "./Book.js"
import type { End } from "./End.js"
import type { At } from "./Handshake.js"
import type { Hash } from "./Hash.js"
import { isSame } from "./Hashing.js"
import { Confirmed, Parting } from "./Outcome.js"
import { isExcluded, minted, type Parts } from "./Parts.js"
import { decisionOf, isStill, mappingOf, membersOf, relate, sharingOf } from "./Relation.js"
import { decide, Next, outcome } from "./Word.js"

/** The refusals of what was possible when the two were asked. */
const overtaken = new Set(["IdentityAlreadyLinked", "IdentityNeverLinked", "MappingNotFound", "TooManyIdentities"])

/** Takes words, and does what was confirmed by them. */
export const make = (parts: Parts) => {
  const { identities, map, store } = parts
  // Who is asked about a mapping is told who is in it, and nobody else may come in between that look and the link.
  const oneAtATime = Effect.unsafeMakeSemaphore(1)

  /** They are linked if all is as it was when they were asked. Doing it again after a crash comes to the same. */
  const link = (handshake: At<"Agreed">) =>
    Effect.gen(function* () {
      const { asker, step } = handshake
      const { joiner } = step
      const relation = relate(yield* map, asker, joiner)
      const excluded = (yield* isExcluded(parts, asker)) || (yield* isExcluded(parts, joiner))
      if (relation._tag === "Together") return true
      if (excluded || !isStill(handshake, relation)) return false
      const into = relation._tag === "Into" ? Option.some(relation.mapping) : Option.none()
      return yield* identities.change(decisionOf(handshake, asker, joiner, into, sharingOf(step))).pipe(
        Effect.as(true),
        Effect.catchIf(
          ({ _tag }) => overtaken.has(_tag),
          () => Effect.succeed(false)
        )
      )
    })

  const settle = (handshake: At<"Agreed">) =>
    Effect.gen(function* () {
      const linked = yield* link(handshake)
      return yield* store.change((book, now): readonly [Confirmed, Book] => {
        const { word: _, ...agreed } = handshake.step
        const step = { ...agreed, _tag: "Settled", linked, told: false } as const
        const settled = { ...handshake, until: now + lifetime, step }
        // What was forgotten or revoked meanwhile stays so.
        const isThere = agreedBy(book, handshake.asker).some(({ id }) => id === handshake.id)
        return [outcome(settled), isThere ? put(book, settled) : book]
      })
    })

  const leave = (farewell: Farewell, message: string) =>
    Effect.gen(function* () {
      const { end } = farewell
      const mapping = mappingOf(yield* map, end)
      if (Option.isSome(mapping)) {
        const { id } = mapping.value
        yield* identities.change(Decision.Remove({ id, identities: membersOf(mapping.value, end) }))
      }
      return yield* store.change((book): readonly [Confirmed, Book] => {
        // What was begun before, by whomever, is over with it.
        const left = withdrawn(book, end)
        const done = farewellsOf(book, end)
          .filter(({ word }) => isSame(word, farewell.word))
          .map((one): Farewell => ({ ...one, done: message }))
        return [Confirmed.Parted(), { ...left, farewells: [...left.farewells, ...done] }]
      })
    })

  return {
    confirm: Effect.fn("Proofs.confirm")((end: End, word: Hash, share: boolean, message: string) =>
      Effect.flatMap(
        store.change(decide({ end, word, share, message })),
        Next.$match({
          Answer: ({ confirmed }) => Effect.succeed(confirmed),
          Link: ({ handshake }) => oneAtATime.withPermits(1)(settle(handshake)),
          Part: ({ farewell }) => oneAtATime.withPermits(1)(leave(farewell, message))
        })
      )
    ),

    part: Effect.fn("Proofs.part")((end: End) =>
      Effect.gen(function* () {
        const mapping = mappingOf(yield* map, end)
        if (Option.isNone(mapping)) return Parting.NotLinked()
        const { hash, secret } = yield* minted(parts, "word")
        return yield* store.change((book, now): readonly [Parting, Book] => {
          const until = now + lifetime
          const pending = farewellsOf(book, end)
          const farewells = [...book.farewells.filter((one) => !pending.includes(one)), { end, word: hash, until }]
          return [Parting.Confirm({ word: secret, until, mapping: mapping.value }), { ...book, farewells }]
        })
      })
    )
  }
}
