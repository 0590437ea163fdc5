import * as Option from "effect/Option"
import { mappingsIn, type Placed } from "./Change.js"
import { accountOf, type Identity } from "./Identity.js"
import type { SharedId } from "./IdentityMapping.js"
import type { Recorded } from "./Recorded.js"

/** An account that came into a mapping by a change on record, or went out of it. */
export interface Membership {
  readonly id: SharedId
  readonly joined: boolean
  readonly record: Recorded
}

/** What each account went through, the latest last. */
export type Memberships = ReadonlyMap<string, ReadonlyArray<Membership>>

/** Everybody in a mapping, those who are known to it by a pin too. */
const accountsIn = (placed: Option.Option<Placed>): ReadonlySet<string> =>
  new Set(
    Option.toArray(placed).flatMap(({ mapping: { identities, pins = {} } }) => [
      ...identities.map(accountOf),
      ...Object.values(pins).map((number) => `telegram:${number}`)
    ])
  )

const differences = (record: Recorded, joined: boolean): ReadonlyArray<readonly [account: string, Membership]> =>
  mappingsIn(record.changes).flatMap(({ after, before, id }) => {
    const [from, to] = joined ? [before, after] : [after, before]
    const already = accountsIn(from)
    return Array.from(accountsIn(to))
      .filter((account) => !already.has(account))
      .map((account) => [account, { id, joined, record }] as const)
  })

/** All comings and goings in a history, by account. In a change that does both, who leaves one mapping then joins another. */
export const memberships = (history: ReadonlyArray<Recorded>): Memberships => {
  const found = new Map<string, Array<Membership>>()
  for (const record of history) {
    for (const [account, one] of [...differences(record, false), ...differences(record, true)]) {
      const earlier = found.get(account)
      if (earlier === undefined) found.set(account, [one])
      else earlier.push(one)
    }
  }
  return found
}

const of = (all: Memberships, identity: Identity): ReadonlyArray<Membership> => all.get(accountOf(identity)) ?? []

/** The change by which an account is in this mapping; none if it is there without any on record. */
export const joinedBy = (all: Memberships, identity: Identity, id: SharedId): Option.Option<Recorded> =>
  Option.fromNullable(of(all, identity).findLast((one) => one.id === id)).pipe(
    Option.filter(({ joined }) => joined),
    Option.map(({ record }) => record)
  )

/** The last that an account went through. */
export const lastOf = (all: Memberships, identity: Identity): Option.Option<Membership> =>
  Option.fromNullable(of(all, identity).at(-1))
