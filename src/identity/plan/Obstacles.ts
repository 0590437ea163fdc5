import * as Option from "effect/Option"
import { type MappingChange, mappingsIn, type Placed } from "../Change.js"
import { accountOf, type Identity } from "../Identity.js"
import { type Entry, type IdentityMap, mappingWith } from "../IdentityMap.js"
import type { Recorded } from "../Recorded.js"
import { entryOf, includes } from "./Draft.js"

/** What of a mapping has to be as a change left it: all but its times, and the pins that the relay has added since. */
const lasting = ({ mapping, raw }: Entry): string => {
  const { createdAt: _, updatedAt: __, pins: ___, ...rest } = entryOf(mapping, raw).raw
  return JSON.stringify(rest)
}

const areAlike = Option.getEquivalence((one: Entry, other: Entry) => lasting(one) === lasting(other))

/** Those of the changes that cannot be taken back as the map is: somebody changed the mapping since, or has somebody of it. */
export const obstacles = (map: IdentityMap, made: ReadonlyArray<MappingChange>) => {
  const touched = new Set(made.map(({ id }) => id))
  const isElsewhere = (identity: Identity) =>
    Option.exists(mappingWith(map, identity), (one) => !touched.has(one.id) && includes(one.identities, identity))
  return made.filter(
    (change) =>
      !areAlike(Option.fromNullable(map.entries.get(change.id)), change.after) ||
      Option.exists(change.before, ({ mapping }) => mapping.identities.some(isElsewhere))
  )
}

const identitiesOf = (placed: Option.Option<Placed>): ReadonlyArray<Identity> =>
  Option.match(placed, { onNone: () => [], onSome: ({ mapping }) => mapping.identities })

/**
 * The newest of the later changes that build on these, or on one that does, and which mapping of these that leads back
 * to. Whoever undoes them from the newest on gets to the first; in another order, one that is back may have somebody whom
 * the next would bring back.
 */
export const newestUpon = (made: ReadonlyArray<MappingChange>, later: ReadonlyArray<Recorded>) => {
  // What each mapping, and each account that has to come back to one, leads back to.
  const ids = new Map<string, string>()
  const accounts = new Map<string, string>()
  const follow = ({ before, id }: MappingChange, subject: string) => {
    ids.set(id, ids.get(id) ?? subject)
    for (const account of identitiesOf(before).map(accountOf)) accounts.set(account, accounts.get(account) ?? subject)
  }
  for (const change of made) follow(change, change.id)
  const built = ({ after, before, id }: MappingChange): ReadonlyArray<string | undefined> => {
    if (ids.has(id)) return areAlike(before, after) ? [] : [ids.get(id)]
    const had = identitiesOf(before)
    return identitiesOf(after).flatMap((one) => (includes(had, one) ? [] : [accounts.get(accountOf(one))]))
  }
  let newest: { readonly record: Recorded; readonly subject: string } | undefined
  for (const record of later) {
    const changes = mappingsIn(record.changes)
    const subject = changes.flatMap(built).find((one) => one !== undefined)
    if (subject === undefined) continue
    for (const change of changes) follow(change, subject)
    newest = { record, subject }
  }
  return newest
}
