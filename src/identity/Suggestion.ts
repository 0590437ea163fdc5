import * as Data from "effect/Data"
import * as Option from "effect/Option"
import { type Couple, couplesOf, type Party, type User } from "./Couple.js"
import { Decision } from "./Decision.js"
import { accountOf, type Identity } from "./Identity.js"
import type { IdentityMap } from "./IdentityMap.js"
import type { IdentityMapping } from "./IdentityMapping.js"
import type { Limits } from "./LinkingSettings.js"
import type { Pair } from "./Pair.js"
import { otherSpelling } from "./Spelling.js"

/** Why two accounts are likely to be one person's. */
export type Likeness = Data.TaggedEnum<{
  /** One phone number, at two providers. */
  SamePhone: {}
  /** Two spellings of one mobile number. */
  Respelt: { readonly country: string }
}>

export const Likeness = Data.taggedEnum<Likeness>()

/** Two accounts that are likely to be one person's and are not in one mapping, and the decision that would put them there. */
export interface Suggestion {
  readonly pair: Pair
  readonly likeness: Likeness
  /** The mapping of each, where it is in one. */
  readonly mappings: readonly [Option.Option<IdentityMapping>, Option.Option<IdentityMapping>]
  readonly decision: Data.TaggedEnum.Value<Decision, "Link">
}

const likenessOf = ([one, other]: Pair): Likeness =>
  Option.match(
    Option.filter(otherSpelling(one.id), ({ phone }) => phone === other.id),
    {
      onNone: () => Likeness.SamePhone(),
      onSome: ({ country }) => Likeness.Respelt({ country })
    }
  )

/** Of two parties, the one in a mapping is the first. */
const decisionOf = ([one, other]: Pair, [first, second]: Suggestion["mappings"]): Suggestion["decision"] =>
  Option.match(first, {
    onNone: () => Decision.Link({ identities: [one, other] }),
    onSome: ({ id }) =>
      Option.isSome(second)
        ? Decision.Link({ identities: [one, other], onConflict: "merge" })
        : Decision.Link({ identities: [other], into: id })
  })

const suggestionOf = ([one, other]: Couple): Suggestion => {
  const pair: Pair = [one.account, other.account]
  const mappings: Suggestion["mappings"] = [one.party.mapping, other.party.mapping]
  return { pair, mappings, likeness: likenessOf(pair), decision: decisionOf(pair, mappings) }
}

/** Those who would be together if the suggestions that were made so far were followed. */
interface Company {
  readonly parties: ReadonlyArray<string>
  /** Everybody who is, or may be, one of them. */
  readonly members: ReadonlyArray<string>
  /** Those who would be linked. */
  readonly linked: ReadonlySet<string>
}

const companyOf = ({ mapping, members, name }: Party): Company => ({
  parties: [name],
  members: members.map(accountOf),
  linked: new Set(Option.match(mapping, { onNone: () => [], onSome: ({ identities }) => identities.map(accountOf) }))
})

const together = (one: Company, other: Company, pair: Pair): Company => ({
  parties: [...one.parties, ...other.parties],
  members: [...one.members, ...other.members],
  linked: new Set([...one.linked, ...other.linked, ...pair.map(accountOf)])
})

/** With whom each account is never to be linked. */
const refusals = ({ never }: IdentityMap): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>()
  for (const pair of never.values()) {
    const [one, other] = [accountOf(pair[0]), accountOf(pair[1])]
    found.set(one, (found.get(one) ?? new Set()).add(other))
    found.set(other, (found.get(other) ?? new Set()).add(one))
  }
  return found
}

/**
 * All that is likely enough to be worth a person's look. `strangers` are those in no mapping, each as the accounts of which
 * one is meant. Whoever follows some suggestions, or all, never brings together two accounts that are said not to belong
 * together, nor more or others than may be linked.
 */
export const suggestions = (
  map: IdentityMap,
  strangers: ReadonlyArray<ReadonlyArray<Identity>>,
  { maxIdentities, neverLink }: Limits
): ReadonlyArray<Suggestion> => {
  const refused = refusals(map)
  const excluded = neverLink.map(accountOf)
  const companies = new Map<string, Company>()
  const mayMeet = (one: Company, other: Company): boolean =>
    one.members.every((member) => {
      const never = refused.get(member)
      return never === undefined || !other.members.some((account) => never.has(account))
    })
  const mayBeLinked = ({ linked }: Company): boolean =>
    linked.size <= maxIdentities && !excluded.some((account) => linked.has(account))

  // A stranger who was suggested as one of the accounts that he may be is that one from then on.
  const chosen = new Map<string, User>()
  const asChosen = (user: User): User =>
    Option.isSome(user.party.mapping) ? user : (chosen.get(user.party.name) ?? user)

  return couplesOf(map, strangers).flatMap((couple) => {
    const [one, other] = [asChosen(couple[0]), asChosen(couple[1])]
    const here = companies.get(one.party.name) ?? companyOf(one.party)
    const there = companies.get(other.party.name) ?? companyOf(other.party)
    // What was suggested already brings them together.
    if (here.parties.includes(other.party.name)) return []
    const met = together(here, there, [one.account, other.account])
    if (!mayMeet(here, there) || !mayBeLinked(met)) return []
    for (const name of met.parties) companies.set(name, met)
    for (const user of [one, other]) chosen.set(user.party.name, user)
    return [suggestionOf([one, other])]
  })
}
