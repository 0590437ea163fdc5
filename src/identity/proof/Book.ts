import * as Either from "effect/Either"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Codec } from "../../storage/Document.js"
import * as JsonText from "../../storage/JsonText.js"
import { mismatch } from "../../storage/Mismatch.js"
import type { Identity } from "../Identity.js"
import { WrittenIdentity } from "../IdentitySchema.js"
import { distinct, includes } from "../plan/Draft.js"
import { End, isSameEnd } from "./End.js"
import { type At, Handshake, hasTaken, isAt } from "./Handshake.js"
import { Hash } from "./Hash.js"
import { isSame } from "./Hashing.js"

/** Somebody who wants out of a mapping and was sent a word. */
export const Farewell = Schema.Struct({
  end: End,
  word: Hash,
  until: Schema.Number,
  /** The message by which it was done. */
  done: Schema.optional(Schema.String)
})
export type Farewell = typeof Farewell.Type

/** Wrong codes and words of one account, under any of the names that it had so far, and when the last of them came. */
const Failures = Schema.Struct({
  names: Schema.optionalWith(Schema.Array(WrittenIdentity), { default: (): ReadonlyArray<Identity> => [] }),
  count: Schema.Int,
  at: Schema.Number,
  message: Schema.String
})

/** All that is under way, and no secret. Times in milliseconds since 1970. */
export const Book = Schema.Struct({
  version: Schema.Literal(1),
  handshakes: Schema.Array(Handshake),
  farewells: Schema.Array(Farewell),
  failures: Schema.Array(Failures)
})
export type Book = typeof Book.Type

/** How long a code is good, and a word. */
export const lifetime = Duration.toMillis("10 minutes")

/** How long nothing is tried for an account that was wrong too often. */
export const pause = Duration.toMillis("15 minutes")

/** So often. */
export const attempts = 5

const empty: Book = { version: 1, handshakes: [], farewells: [], failures: [] }

/** The book without what is over by now. */
export const swept = (book: Book, now: number): Book => {
  const handshakes = book.handshakes.filter(({ until }) => now < until)
  const farewells = book.farewells.filter(({ until }) => now < until)
  const failures = book.failures.filter(({ at }) => now < at + pause)
  const stays =
    handshakes.length === book.handshakes.length &&
    farewells.length === book.farewells.length &&
    failures.length === book.failures.length
  return stays ? book : { ...book, handshakes, farewells, failures }
}

/** The book with a handshake in the place of what it was before. */
export const put = (book: Book, handshake: Handshake): Book => ({
  ...book,
  handshakes: book.handshakes.some(({ id }) => id === handshake.id)
    ? book.handshakes.map((one) => (one.id === handshake.id ? handshake : one))
    : [...book.handshakes, handshake]
})

/** Whether there is something to be done yet. */
export const waits = ({ step }: Handshake): boolean => step._tag !== "Settled"

const without = (book: Book, isGone: (handshake: Handshake) => boolean): Book => ({
  ...book,
  handshakes: book.handshakes.filter((one) => !waits(one) || !isGone(one))
})

const asks =
  (end: End) =>
  ({ asker }: Handshake): boolean =>
    asker !== undefined && isSameEnd(asker, end)

const joins =
  (end: End) =>
  ({ step }: Handshake): boolean =>
    step._tag !== "Open" && isSameEnd(step.joiner, end)

/** The book with a new code of this account in the place of the one before, however far that has come. */
export const begun = (book: Book, handshake: At<"Open">): Book =>
  put(
    without(book, (one) => one.id !== handshake.id && asks(handshake.asker)(one)),
    handshake
  )

/** The book with a code sent by this account, which gives up what it was about to confirm before. */
export const claimed = (book: Book, handshake: At<"Claimed">): Book =>
  put(
    without(book, (one) => one.id !== handshake.id && one.step._tag === "Claimed" && joins(handshake.step.joiner)(one)),
    handshake
  )

const stayed = (book: Book, end: End): Book => ({
  ...book,
  farewells: book.farewells.filter((one) => one.done !== undefined || !isSameEnd(one.end, end))
})

/** Without all that waits for this account, or that it waits for. */
export const withdrawn = (book: Book, end: End): Book =>
  stayed(
    without(book, (one) => asks(end)(one) || joins(end)(one)),
    end
  )

/** Without all for which this account was sent a word. */
const unasked = (book: Book, end: End): Book => {
  const words = new Set([...claimedBy(book, end), ...acceptedFor(book, end)].map(({ id }) => id))
  return stayed(
    without(book, ({ id }) => words.has(id)),
    end
  )
}

/** The handshake that a code began and that nobody has joined. It is compared with all of them. */
export const openOf = (book: Book, code: Hash): Option.Option<Handshake> => {
  const [found] = book.handshakes.filter(({ step }) => step._tag === "Open" && isSame(step.code, code))
  return Option.fromNullable(found)
}

/** The handshakes in which the word of this account is awaited. */
export const claimedBy = (book: Book, end: End): ReadonlyArray<At<"Claimed">> =>
  book.handshakes.filter(isAt("Claimed")).filter(joins(end))

export const acceptedFor = (book: Book, end: End): ReadonlyArray<At<"Accepted">> =>
  book.handshakes.filter(isAt("Accepted")).filter(asks(end))

export const agreedBy = (book: Book, end: End): ReadonlyArray<At<"Agreed">> =>
  book.handshakes.filter(isAt("Agreed")).filter(asks(end))

export const farewellsOf = (book: Book, end: End): ReadonlyArray<Farewell> =>
  book.farewells.filter((one) => one.done === undefined && isSameEnd(one.end, end))

/** The handshake in which a message has made a step. */
export const takenIn = (book: Book, message: string): Option.Option<Handshake> =>
  Option.fromNullable(book.handshakes.find((one) => hasTaken(one, message)))

/** How often this account was wrong lately: under two names, it may have been taken for two. */
const failuresOf = (book: Book, end: End) => book.failures.filter((one) => isSameEnd(one, end))

/** Until when nothing is tried for this account; none if it may try. */
export const pausedUntil = (book: Book, end: End): Option.Option<number> =>
  Option.map(Option.fromNullable(failuresOf(book, end).find(({ count }) => count >= attempts)), ({ at }) => at + pause)

/** Whether a word of this account would mean anything: that it comes too often is worth saying as well. */
export const expects = (book: Book, end: End): boolean =>
  Option.isSome(pausedUntil(book, end)) ||
  [claimedBy, acceptedFor, agreedBy, farewellsOf].some((find) => find(book, end).length > 0)

/** The book after this account was wrong, and how often it may be before the pause. By then nothing waits for a word of it any more. */
export const failed = (book: Book, end: End, now: number, message: string): readonly [left: number, Book] => {
  const before = failuresOf(book, end)
  const again = before.find((one) => one.message === message)
  if (again !== undefined) return [attempts - again.count, book]
  const count = before.reduce((sum, one) => sum + one.count, 1)
  const names = distinct([...end.names, ...before.flatMap((one) => one.names)])
  const failures = [...book.failures.filter((one) => !before.includes(one)), { names, count, at: now, message }]
  const left = attempts - count
  return [left, left > 0 ? { ...book, failures } : unasked({ ...book, failures }, end)]
}

/** The book without anything in which an account is named. Whatever it was part of is over for the others, too. */
export const forgotten = (book: Book, identity: Identity): Book => {
  const names = ({ names }: Pick<End, "names">): boolean => includes(names, identity)
  return {
    ...book,
    handshakes: book.handshakes.filter(
      ({ asker, into, step }) =>
        !(asker !== undefined && names(asker)) &&
        !(step._tag !== "Open" && names(step.joiner)) &&
        !(into !== undefined && includes(into.members, identity))
    ),
    farewells: book.farewells.filter(({ end }) => !names(end)),
    failures: book.failures.filter((one) => !names(one))
  }
}

const decode = Schema.decodeUnknownEither(Book)
const encode = Schema.encodeSync(Book)

/** The book as the text of `proofs.json`. */
export const codec: Codec<Book> = {
  empty,
  decode: (text) =>
    Either.flatMap(JsonText.parse(text), (value) => Either.mapLeft(decode(value), (error) => mismatch(text, error))),
  encode: (book) => JsonText.print(encode(book))
}
