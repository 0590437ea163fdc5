import * as Schema from "effect/Schema"
import { accountOf, type Identity, isUsername } from "../Identity.js"
import { WrittenIdentity } from "../IdentitySchema.js"

/** Where a chat can be answered: what is in it, only those who carry messages know. */
const Place = Schema.Struct({ channel: Schema.String, address: Schema.String })
export type Place = typeof Place.Type

/** One of the two accounts that are to be linked, as its transport vouches for it, and where it can be told something. */
export const End = Schema.Struct({
  /** Its most stable name; never a username, which can change hands. */
  account: WrittenIdentity,
  /** All its names, that one among them. */
  names: Schema.Array(WrittenIdentity),
  /** Absent where an operator spoke for it. */
  place: Schema.optional(Place)
})
export type End = typeof End.Type

type Named = Pick<End, "names">

const stable = ({ names }: Named): ReadonlyArray<Identity> => names.filter((name) => !isUsername(name))

/** Whether both are one account: a transport may name it by more or fewer names from message to message. */
export const isSameEnd = (one: Named, other: Named): boolean => {
  const names = new Set(stable(one).map(accountOf))
  return stable(other).some((name) => names.has(accountOf(name)))
}
