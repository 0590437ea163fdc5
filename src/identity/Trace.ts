import * as Option from "effect/Option"
import { mappingsIn, type Placed } from "./Change.js"
import { accountOf, type Identity, isUsername, parse } from "./Identity.js"
import { find, type IdentityMap } from "./IdentityMap.js"
import type { IdentityMapping, SharedId } from "./IdentityMapping.js"
import type { History } from "./Journal.js"
import { memberships } from "./Membership.js"
import { includes } from "./plan/Draft.js"
import { without, withoutIn } from "./plan/Forgotten.js"

/** What is known of an account, now and from before. */
export interface Trace {
  /** Its other names: the number that its username is pinned to, or the usernames that are pinned to its number. */
  readonly names: ReadonlyArray<Identity>
  /** Those of the names that are still there when the account itself is forgotten. */
  readonly remaining: ReadonlyArray<Identity>
  /** The mappings that it is in, or was in. */
  readonly mappings: ReadonlyArray<SharedId>
  /** How many of the changes on record name it. */
  readonly records: number
}

/** The number of each username, as it was known last: a name may have been somebody else's before. */
const numbersIn = (mappings: ReadonlyArray<IdentityMapping>): ReadonlyMap<string, string> =>
  new Map(mappings.flatMap(({ pins = {} }) => Object.entries(pins)).map(([name, id]) => [name.toLowerCase(), id]))

const namesOf = (numbers: ReadonlyMap<string, string>, identity: Identity): ReadonlyArray<Identity> => {
  if (identity.provider !== "telegram") return []
  const others = isUsername(identity)
    ? [numbers.get(identity.id.toLowerCase()) ?? ""]
    : Array.from(numbers).flatMap(([name, number]) => (number === identity.id ? [name] : []))
  return others.flatMap((id) => Option.toArray(parse("telegram", id)))
}

const written = (changes: History[number]["changes"]): string =>
  JSON.stringify(
    changes.map((change) =>
      change._tag === "Mapping"
        ? [change.before, change.after].map(Option.map(({ raw }) => raw))
        : change.pair.map(String)
    )
  )

const sides = ({ after, before }: { readonly [side in "after" | "before"]: Option.Option<Placed> }) => [
  ...Option.toArray(before),
  ...Option.toArray(after)
]

/** All that a map and what led to it say about an account. */
export const traceOf = (map: IdentityMap, history: History, identity: Identity): Trace => {
  const past = history.flatMap(({ changes }) => mappingsIn(changes).flatMap(({ after }) => Option.toArray(after)))
  const known = [...past, ...map.entries.values()].map(({ mapping }) => mapping)
  const leftOf = without(identity)
  const left = [
    ...history.flatMap(({ changes }) => mappingsIn(withoutIn(changes, identity)).flatMap(sides)),
    ...Array.from(map.entries.values()).flatMap((entry) => Option.toArray(leftOf(entry)))
  ]
  const isLeft = (name: Identity) => left.some(({ mapping }) => includes(mapping.identities, name))
  const names = namesOf(numbersIn(known), identity)
  const was = memberships(history).get(accountOf(identity)) ?? []
  return {
    names,
    remaining: names.filter(isLeft),
    mappings: Array.from(new Set([...was.map(({ id }) => id), ...Option.toArray(find(map, identity))])),
    records: history.filter(({ changes }) => written(changes) !== written(withoutIn(changes, identity))).length
  }
}
