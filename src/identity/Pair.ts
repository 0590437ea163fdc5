import * as Schema from "effect/Schema"
import { accountOf, type Identity, WrittenIdentity } from "./Identity.js"

/** Two accounts, in no order. What is wrong with one of two is said of that one. */
export const Pair = Schema.Tuple(WrittenIdentity, WrittenIdentity).annotations({
  message: ({ actual }) => ({
    message: 'two identities such as ["whatsapp:+1234567890", "telegram:@john"] are expected',
    override: !Array.isArray(actual) || actual.length !== 2
  })
})
export type Pair = typeof Pair.Type

/** Equal for the same two accounts, whichever comes first and however they are spelt. */
export const nameOf = ([one, other]: Pair): string => [accountOf(one), accountOf(other)].sort().join(" ")

export const has = (pair: Pair, identity: Identity): boolean =>
  pair.some((member) => accountOf(member) === accountOf(identity))
