import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type Changes, mappingsIn } from "../Change.js"
import { IdentityNeverLinked, type Refusal, TooManyIdentities } from "../IdentityError.js"
import type { Limits } from "../LinkingSettings.js"
import { includes } from "./Draft.js"

/** Whether everybody may be where the changes put him. A mapping that nobody joins stays as it is, whatever was configured since. */
export const allowed = (changes: Changes, limits: Limits): Either.Either<void, Refusal> => {
  const joined = mappingsIn(changes).flatMap(({ after, before }) => {
    const was = Option.match(before, { onNone: () => [], onSome: ({ mapping }) => mapping.identities })
    const is = Option.match(after, { onNone: () => [], onSome: ({ mapping }) => mapping.identities })
    return is.every((one) => includes(was, one)) ? [] : [is]
  })
  const never = joined.flat().find((one) => includes(limits.neverLink, one))
  if (never !== undefined) return Either.left(new IdentityNeverLinked({ identity: never.toString() }))
  const count = Math.max(0, ...joined.map((identities) => identities.length))
  return count > limits.maxIdentities
    ? Either.left(new TooManyIdentities({ count, most: limits.maxIdentities }))
    : Either.right(undefined)
}
