import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Book, put } from "./Book.js"
import { type Handshake, isAt } from "./Handshake.js"
import { Notice } from "./Outcome.js"
import { sharingOf } from "./Relation.js"
import { minted, type Parts } from "./Parts.js"

const noticeOf = (handshake: Handshake): ReadonlyArray<Notice> => {
  const { id, into, until } = handshake
  if (isAt("Accepted")(handshake) && !handshake.step.told) {
    const { asker, step } = handshake
    return [
      Notice.Accepted({ id, to: asker, joiner: step.joiner, share: step.share, members: into?.members ?? [], until })
    ]
  }
  if (isAt("Settled")(handshake) && !handshake.step.told) {
    const { asker, step } = handshake
    const { joiner, linked } = step
    const members = into?.members ?? []
    return [Notice.Settled({ id, to: joiner, asker, linked, members, sharing: sharingOf(step) })]
  }
  return []
}

const of = (book: Book, id: string): Option.Option<Handshake> =>
  Option.fromNullable(book.handshakes.find((one) => one.id === id))

/** What people are to be told without having asked, each of it until it was delivered. */
export const make = (parts: Parts) => {
  const { book, change } = parts.store
  return {
    due: Effect.map(book, ({ handshakes }) => handshakes.flatMap(noticeOf)),

    word: Effect.fn("Proofs.word")((id: string) =>
      Effect.gen(function* () {
        const { hash, secret } = yield* minted(parts, "word")
        return yield* change((book): readonly [Option.Option<string>, Book] =>
          Option.match(Option.filter(of(book, id), isAt("Accepted")), {
            onNone: () => [Option.none(), book],
            onSome: (one) => [Option.some(secret), put(book, { ...one, step: { ...one.step, word: hash } })]
          })
        )
      })
    ),

    told: ({ _tag, id }: Pick<Notice, "_tag" | "id">) =>
      change((book): readonly [void, Book] => [
        undefined,
        Option.match(of(book, id), {
          onNone: () => book,
          // It may have gone on before its owner was found to have heard of the step before.
          onSome: (one) => (one.step._tag === _tag ? put(book, { ...one, step: { ...one.step, told: true } }) : book)
        })
      ])
  }
}
