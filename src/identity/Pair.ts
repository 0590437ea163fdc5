import * as Option from "effect/Option"
import { accountOf, type Identity, parseWritten } from "./Identity.js"

/** Two accounts, in no order. */
export type Pair = readonly [Identity, Identity]

/** Equal for the same two accounts, whichever comes first and however they are spelt. */
export const nameOf = ([one, other]: Pair): string => [accountOf(one), accountOf(other)].sort().join(" ")

export const has = (pair: Pair, identity: Identity): boolean =>
  pair.some((member) => accountOf(member) === accountOf(identity))

const read = (written: unknown): Option.Option<Identity> =>
  typeof written === "string" ? parseWritten(written) : Option.none()

/** The pair that the schema would decode. */
export const readPair = (written: unknown): Option.Option<Pair> =>
  Array.isArray(written) && written.length === 2 ? Option.all([read(written[0]), read(written[1])]) : Option.none()

/** What the schema would encode it to. */
export const writePair = ([one, other]: Pair): readonly [string, string] => [one.toString(), other.toString()]
