import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { WriteError } from "../../storage/Document.js"
import type { ChangeError } from "../Identities.js"
import type { IdentityMapping } from "../IdentityMapping.js"
import { begun, type Book, claimed, failed, lifetime, openOf, pausedUntil, takenIn } from "./Book.js"
import { printCode } from "./CodeForm.js"
import type { End } from "./End.js"
import { type Handshake, hasTaken } from "./Handshake.js"
import type { Hash } from "./Hash.js"
import { Presented } from "./Outcome.js"
import { isExcluded, minted, type Parts } from "./Parts.js"
import { decisionOf, relate } from "./Relation.js"

type Answered = readonly [Presented, Book]

/** Nobody has a say in it yet: whoever is only asked for permission shares nothing. */
const nothing = { asker: false, joiner: false }

const isAsItWas = (one: Handshake | undefined, other: Handshake): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** What is joined, for the book. */
const written = (into: Option.Option<IdentityMapping>): Pick<Handshake, "into"> =>
  Option.match(into, { onNone: () => ({}), onSome: ({ id, identities }) => ({ into: { id, members: identities } }) })

/** Takes codes. */
export const make = (parts: Parts) => {
  const { identities, map, store } = parts

  const unknown = (book: Book, joiner: End, now: number, message: string): Answered => {
    const [left, next] = failed(book, joiner, now, message)
    return [Presented.Unknown({ left }), next]
  }

  /** Makes a step if nobody has made one meanwhile: then the code is another's, as if there had never been one. */
  const first = (
    handshake: Handshake,
    joiner: End,
    message: string,
    step: (book: Book, now: number) => Answered
  ): Effect.Effect<Presented, WriteError> =>
    store.change((book, now) => {
      const current = book.handshakes.find(({ id }) => id === handshake.id)
      return isAsItWas(current, handshake) ? step(book, now) : unknown(book, joiner, now, message)
    })

  /** Whether the configuration lets them be linked. */
  const isAllowed = (handshake: Handshake, asker: End, joiner: End, into: Option.Option<IdentityMapping>) =>
    Effect.gen(function* () {
      if ((yield* isExcluded(parts, joiner)) || (yield* isExcluded(parts, asker))) return false
      return yield* identities.preview(decisionOf(handshake, asker, joiner, into, nothing)).pipe(
        Effect.as(true),
        // One of those who are in the mapping may be excluded since.
        Effect.catchTag("IdentityNeverLinked", "TooManyIdentities", () => Effect.succeed(false))
      )
    })

  /** An operator's code has no asker: whoever sends it first becomes that, and gets one to pass on. */
  const given = (handshake: Handshake, joiner: End, message: string) =>
    Effect.gen(function* () {
      if (yield* isExcluded(parts, joiner)) return Presented.Excluded()
      const { hash, secret } = yield* minted(parts, "code")
      return yield* first(handshake, joiner, message, (book, now) => {
        const until = now + lifetime
        const name = Option.fromNullable(handshake.name)
        const step = { _tag: "Open", code: hash } as const
        const next = begun(book, { ...handshake, asker: joiner, until, messages: [message], step })
        return [Presented.Given({ code: printCode(secret), until, name }), next]
      })
    })

  /** Uses the code up, and asks the joiner for the word that only it is sent. */
  const claim = (handshake: Handshake, asker: End, joiner: End, message: string) =>
    Effect.gen(function* () {
      const relation = relate(yield* map, asker, joiner)
      if (relation._tag === "Own" || relation._tag === "Elsewhere") return Presented[relation._tag]()
      if (relation._tag === "Together") return Presented.Together()
      const into = relation._tag === "Into" ? Option.some(relation.mapping) : Option.none()
      if (!(yield* isAllowed(handshake, asker, joiner, into))) return Presented.Excluded()
      const { hash, secret } = yield* minted(parts, "word")
      return yield* first(handshake, joiner, message, (book, now) => {
        const until = now + lifetime
        const step = { _tag: "Claimed", joiner, word: hash } as const
        const { into: _, ...rest } = handshake
        const messages = [...handshake.messages.filter((one) => one !== message), message]
        const next = { ...rest, ...written(into), asker, until, messages, step }
        return [Presented.Confirm({ word: secret, until, asker, into }), claimed(book, next)]
      })
    })

  return Effect.fn("Proofs.present")(
    (joiner: End, code: Hash, message: string): Effect.Effect<Presented, ChangeError | WriteError> =>
      Effect.gen(function* () {
        const book = yield* store.book
        const paused = pausedUntil(book, joiner)
        if (Option.isSome(paused)) return Presented.Paused({ until: paused.value })
        // A message that comes again goes on with what it began: what was sent in answer may not have arrived.
        const found = Option.orElse(takenIn(book, message), () => openOf(book, code))
        if (Option.isNone(found)) {
          return yield* store.change((book, now) => unknown(book, joiner, now, message))
        }
        const handshake = found.value
        const { asker, step } = handshake
        const again = hasTaken(handshake, message)
        if (again && step._tag !== "Open" && step._tag !== "Claimed") return Presented.Repeated()
        return yield* asker === undefined || (again && step._tag === "Open")
          ? given(handshake, joiner, message)
          : claim(handshake, asker, joiner, message)
      })
  )
}
