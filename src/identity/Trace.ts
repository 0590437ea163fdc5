import * as Option from "effect/Option"
import { between, type Changes, mappingsIn } from "./Change.js"
import { accountOf, type Identity, isUsername, parse } from "./Identity.js"
import { empty, find } from "./IdentityMap.js"
import type { IdentityMapping, SharedId } from "./IdentityMapping.js"
import type { History } from "./Journal.js"
import { memberships } from "./Membership.js"
import type { Plan } from "./Plan.js"
import { includes } from "./plan/Draft.js"
import { withoutIn } from "./plan/Forgotten.js"

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

/** The members of a mapping, and those whom its pins name. */
const accountsOf = ({ identities, pins = {} }: IdentityMapping): ReadonlyArray<Identity> => [
  ...identities,
  ...Object.entries(pins)
    .flat()
    .flatMap((id) => Option.toArray(parse("telegram", id)))
]

const written = (changes: Changes): string =>
  JSON.stringify(
    changes.map((change) =>
      change._tag === "Mapping"
        ? [change.before, change.after].map(Option.map(({ raw }) => raw))
        : change.pair.map(String)
    )
  )

/** All accounts that changes name, on either side of them. */
const namedIn = (changes: Changes): ReadonlyArray<Identity> =>
  changes.flatMap((change) =>
    change._tag === "Never"
      ? change.pair
      : [change.before, change.after].flatMap(Option.toArray).flatMap(({ mapping }) => accountsOf(mapping))
  )

/** All that a map, what led to it and what forgetting an account made of it say about that account. */
export const traceOf = (
  { after, before }: Pick<Plan, "after" | "before">,
  history: History,
  identity: Identity
): Trace => {
  const past = history.flatMap(({ changes }) => mappingsIn(changes).flatMap(({ after }) => Option.toArray(after)))
  const known = [...past, ...before.entries.values()].map(({ mapping }) => mapping)
  const records = history.map(({ changes }) => [changes, withoutIn(changes, identity)] as const)
  const names = namesOf(numbersIn(known), identity)
  const left =
    names.length === 0 ? [] : [...records.flatMap(([, rest]) => namedIn(rest)), ...namedIn(between(empty, after))]
  const was = memberships(history).get(accountOf(identity)) ?? []
  return {
    names,
    remaining: names.filter((name) => includes(left, name)),
    mappings: Array.from(new Set([...was.map(({ id }) => id), ...Option.toArray(find(before, identity))])),
    records: records.filter(([changes, rest]) => written(changes) !== written(rest)).length
  }
}
