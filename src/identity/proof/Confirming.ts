import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Decision } from "../Decision.js"
import { acceptedFor, agreedBy, type Book, claimedBy, failed, type Farewell, farewellsOf } from "./Book.js"
import { lifetime, pausedUntil, put, takenIn, withdrawn } from "./Book.js"
import { type End, isSameEnd } from "./End.js"
import { type At, type Handshake, isAt } from "./Handshake.js"
import type { Hash } from "./Hash.js"
import { isSame } from "./Hashing.js"
import { Confirmed, Parting } from "./Outcome.js"
import { isExcluded, minted, type Parts } from "./Parts.js"
import { decisionOf, isStill, mappingOf, membersOf, relate, sharingOf } from "./Relation.js"

/** What is to be done by a word. */
type Next = Data.TaggedEnum<{
  Answer: { readonly confirmed: Confirmed }
  Link: { readonly handshake: At<"Agreed"> }
  Part: { readonly farewell: Farewell }
}>
const Next = Data.taggedEnum<Next>()
type Decided = readonly [Next, Book]
const answer = (confirmed: Confirmed): Next => Next.Answer({ confirmed })

/** For so long it is tried to do what both have agreed on, where it could not be done at once. */
const patience = Duration.toMillis("1 day")

/** The refusals of what was possible when the two were asked. */
const overtaken = new Set(["IdentityAlreadyLinked", "IdentityNeverLinked", "MappingNotFound", "TooManyIdentities"])

interface Word {
  readonly end: End
  readonly word: Hash
  readonly share: boolean
  readonly message: string
}

const outcome = (handshake: At<"Settled">): Confirmed =>
  handshake.step.linked
    ? Confirmed.Linked({
        joiner: handshake.step.joiner,
        members: handshake.into?.members ?? [],
        sharing: sharingOf(handshake.step)
      })
    : Confirmed.Overtaken()

/** What a message that comes again comes to: it has had its effect, unless that was cut short. */
const repeated = (handshake: Handshake, end: End): Next => {
  if (isAt("Accepted")(handshake)) return answer(Confirmed.Waiting({ asker: handshake.asker }))
  if (isAt("Agreed")(handshake) && isSameEnd(handshake.asker, end)) return Next.Link({ handshake })
  return isAt("Settled")(handshake) && isSameEnd(handshake.asker, end)
    ? answer(outcome(handshake))
    : answer(Confirmed.Repeated())
}

const accept = (handshake: At<"Claimed">, { message, share }: Word, now: number): Handshake => ({
  ...handshake,
  until: now + lifetime,
  messages: [...handshake.messages, message],
  step: { _tag: "Accepted", joiner: handshake.step.joiner, share, told: false }
})

const agree = (handshake: At<"Accepted">, { message, share, word }: Word, now: number): At<"Agreed"> => ({
  ...handshake,
  until: now + patience,
  messages: [...handshake.messages, message],
  step: { _tag: "Agreed", joiner: handshake.step.joiner, share: handshake.step.share, shareAsker: share, word }
})

/** Whether it is a step's own word that was said. */
const isWordOf =
  (word: Hash) =>
  ({ step }: { readonly step: { readonly word?: Hash | undefined } }): boolean =>
    step.word !== undefined && isSame(step.word, word)

/** What a word means. It counts as wrong if it is not one that was sent to this very account. */
const decide =
  (said: Word) =>
  (book: Book, now: number): Decided => {
    const { end, message, word } = said
    const taken = takenIn(book, message)
    if (Option.isSome(taken)) return [repeated(taken.value, end), book]
    if (book.farewells.some(({ done }) => done === message)) return [answer(Confirmed.Parted()), book]
    const paused = pausedUntil(book, end)
    if (Option.isSome(paused)) return [answer(Confirmed.Paused({ until: paused.value })), book]
    const [joining] = claimedBy(book, end).filter(isWordOf(word))
    if (joining !== undefined) {
      return [answer(Confirmed.Waiting({ asker: joining.asker })), put(book, accept(joining, said, now))]
    }
    const [granting] = acceptedFor(book, end).filter(isWordOf(word))
    if (granting !== undefined) {
      const handshake = agree(granting, said, now)
      return [Next.Link({ handshake }), put(book, handshake)]
    }
    const [farewell] = farewellsOf(book, end).filter((one) => isSame(one.word, word))
    if (farewell !== undefined) return [Next.Part({ farewell }), book]
    // It was right before, and then could not be done.
    const [cutShort] = agreedBy(book, end).filter(isWordOf(word))
    if (cutShort !== undefined) return [Next.Link({ handshake: cutShort }), book]
    const [left, next] = failed(book, end, now, message)
    return [answer(Confirmed.Wrong({ left })), next]
  }

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
