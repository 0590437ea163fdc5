import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import { accountOf, type Identity } from "./Identity.js"
import { find, type IdentityMap } from "./IdentityMap.js"
import { joinedBy, type Memberships } from "./Membership.js"

/** Somebody who wrote while he was not linked: one of these accounts, and when that was last, in milliseconds since 1970. */
export interface Sighting {
  readonly candidates: ReadonlyArray<Identity>
  readonly at: number
}

/** What else is known when a sighting is judged. */
export interface Circumstances {
  readonly map: IdentityMap
  readonly memberships: Memberships
  /** Who may write, as far as anybody says. */
  readonly allowed: ReadonlyArray<Identity>
  /** How long after its beginning, in milliseconds, a turn may still leave its mark. */
  readonly grace: number
}

/** Whether the account was in its mapping already, so that what was written elsewhere is not its doing. */
const isElsewhere = ({ grace, map, memberships }: Circumstances, identity: Identity, at: number): boolean =>
  Option.flatMap(find(map, identity), (id) => joinedBy(memberships, identity, id)).pipe(
    Option.flatMap((record) => DateTime.make(record.at)),
    Option.exists((since) => DateTime.toEpochMillis(since) + grace < at)
  )

/**
 * The accounts in no mapping of which one must have written. Nobody, where it may have been somebody who was linked later:
 * then it is his own earlier conversation.
 */
const strangers =
  (circumstances: Circumstances, allowed: ReadonlySet<string>) =>
  ({ at, candidates }: Sighting) => {
    const permitted = candidates.filter((one) => allowed.has(accountOf(one)))
    // Where one of them may write and the others may not, the others did not.
    const possible = (permitted.length > 0 ? permitted : candidates).filter(
      (one) => !isElsewhere(circumstances, one, at)
    )
    return possible.some((one) => Option.isSome(find(circumstances.map, one))) ? [] : possible
  }

/** For each sighting that tells anything, the accounts of which one is somebody who is not linked. */
export const unlinked = (
  sightings: ReadonlyArray<Sighting>,
  circumstances: Circumstances
): ReadonlyArray<ReadonlyArray<Identity>> => {
  const allowed = new Set(circumstances.allowed.map(accountOf))
  return sightings.map(strangers(circumstances, allowed)).filter((accounts) => accounts.length > 0)
}
