import * as Option from "effect/Option"
import { accountOf, type Identity } from "./Identity.js"
import type { IdentityMap } from "./IdentityMap.js"
import type { IdentityMapping, SharedId } from "./IdentityMapping.js"
import { isPhone, lineOf } from "./Spelling.js"

/** Those who would come along: everybody in a mapping, or a stranger, who may be known only as one of a few accounts. */
export interface Party {
  readonly name: string
  readonly mapping: Option.Option<IdentityMapping>
  readonly members: ReadonlyArray<Identity>
}

/** An account that has a phone line. */
export interface User {
  readonly party: Party
  readonly account: Identity
}

/** Two parties, by those two of their accounts that are closest. */
export type Couple = readonly [User, User]

/** The users of each phone line that has more than one. */
const sharedLines = (
  map: IdentityMap,
  strangers: ReadonlyArray<ReadonlyArray<Identity>>
): ReadonlyArray<ReadonlyArray<User>> => {
  // Most lines have one, and to keep no list of it is half of the time.
  const first = new Map<string, User>()
  const shared = new Map<string, Array<User>>()
  const add = (party: Party, owner: SharedId | undefined): void => {
    for (const account of party.members) {
      // An account that stands in two mappings is in the first.
      if (!isPhone(account) || map.owners.get(accountOf(account)) !== owner) continue
      const line = lineOf(account.id)
      const user = { party, account }
      const before = first.get(line)
      if (before === undefined) first.set(line, user)
      else shared.set(line, [...(shared.get(line) ?? [before]), user])
    }
  }
  for (const [id, { mapping }] of map.entries) {
    add({ name: id, mapping: Option.some(mapping), members: mapping.identities }, id)
  }
  for (const members of strangers) {
    add({ name: members.map(accountOf).join(" "), mapping: Option.none(), members }, undefined)
  }
  return Array.from(shared.values())
}

/** How far two accounts on one line are from being the same: the number counts more than the provider. */
const distance = ([one, other]: Couple): number =>
  (one.account.id === other.account.id ? 0 : 2) + (one.account.provider === other.account.provider ? 0 : 1)

/** Any two parties on a line by their names, each by those two of their accounts that are closest. */
const couplesOn = (users: ReadonlyArray<User>): ReadonlyMap<string, Couple> => {
  const couples = new Map<string, Couple>()
  for (const [index, one] of users.entries()) {
    for (const other of users.slice(index + 1)) {
      if (one.party.name === other.party.name) continue
      const name = `${one.party.name} ${other.party.name}`
      const known = couples.get(name)
      if (known === undefined || distance([one, other]) < distance(known)) couples.set(name, [one, other])
    }
  }
  return couples
}

/** Any two parties that have a phone line in common, those of the map first. One look at each account, however many there are. */
export const couplesOf = (map: IdentityMap, strangers: ReadonlyArray<ReadonlyArray<Identity>>): ReadonlyArray<Couple> =>
  sharedLines(map, strangers).flatMap((users) => Array.from(couplesOn(users).values()))
