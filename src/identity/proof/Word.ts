import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { acceptedFor, agreedBy, type Book, claimedBy, failed, type Farewell, farewellsOf } from "./Book.js"
import { lifetime, pausedUntil, put, takenIn } from "./Book.js"
import { type End, isSameEnd } from "./End.js"
import { type At, type Handshake, isAt } from "./Handshake.js"
import type { Hash } from "./Hash.js"
import { isSame } from "./Hashing.js"
import { Confirmed } from "./Outcome.js"
import { sharingOf } from "./Relation.js"

/** What is to be done by a word. */
export type Next = Data.TaggedEnum<{
  Answer: { readonly confirmed: Confirmed }
  Link: { readonly handshake: At<"Agreed"> }
  Part: { readonly farewell: Farewell }
}>
export const Next = Data.taggedEnum<Next>()

type Decided = readonly [Next, Book]
const answer = (confirmed: Confirmed): Next => Next.Answer({ confirmed })

/** For so long it is tried to do what both have agreed on, where it could not be done at once. */
const patience = Duration.toMillis("1 day")

/** A word as an account has sent it. */
export interface Word {
  readonly end: End
  readonly word: Hash
  readonly share: boolean
  readonly message: string
}

/** What is said when it is over. */
export const outcome = (handshake: At<"Settled">): Confirmed =>
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
export const decide =
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
