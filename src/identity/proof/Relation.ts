import * as Data from "effect/Data"
import * as Option from "effect/Option"
import { Decision } from "../Decision.js"
import type { Identity } from "../Identity.js"
import { accountOf, isUsername } from "../Identity.js"
import { type IdentityMap, ownerOf, pinOf } from "../IdentityMap.js"
import type { IdentityMapping } from "../IdentityMapping.js"
import { type End, isSameEnd } from "./End.js"
import type { Handshake } from "./Handshake.js"

/** How two accounts that want to be linked stand to each other. */
export type Relation = Data.TaggedEnum<{
  /** They are one account. */
  Own: {}
  /** They are linked with each other. */
  Together: { readonly mapping: IdentityMapping }
  /** The joiner belongs to a mapping that is not the asker's. */
  Elsewhere: {}
  /** The joiner comes into the asker's mapping. */
  Into: { readonly mapping: IdentityMapping }
  /** The two make a mapping. */
  New: {}
}>

export const Relation = Data.taggedEnum<Relation>()

/** The mapping that an account belongs to under any of its names. */
export const mappingOf = (map: IdentityMap, { names }: End): Option.Option<IdentityMapping> =>
  Option.map(ownerOf(map, names).owner, ({ mapping }) => mapping)

/** Those names of an account that stand in its mapping: a username counts if it is not bound to another number. */
export const membersOf = (mapping: IdentityMapping, { account, names }: End): ReadonlyArray<Identity> => {
  const own = new Set(names.map(accountOf))
  return mapping.identities.filter((one) =>
    isUsername(one)
      ? Option.match(pinOf(mapping, one), {
          onNone: () => own.has(accountOf(one)),
          onSome: (number) => number === account.id
        })
      : own.has(accountOf(one))
  )
}

export const relate = (map: IdentityMap, asker: End, joiner: End): Relation => {
  if (isSameEnd(asker, joiner)) return Relation.Own()
  const [there, here] = [mappingOf(map, asker), mappingOf(map, joiner)]
  if (Option.isSome(here)) {
    const together = Option.exists(there, ({ id }) => id === here.value.id)
    return together ? Relation.Together({ mapping: here.value }) : Relation.Elsewhere()
  }
  return Option.match(there, { onNone: () => Relation.New(), onSome: (mapping) => Relation.Into({ mapping }) })
}

/** Who lets the others see what was said before. */
export interface Sharing {
  readonly asker: boolean
  readonly joiner: boolean
}

/** The same of a handshake that both have confirmed. */
export const sharingOf = (step: { readonly share: boolean; readonly shareAsker: boolean }): Sharing => ({
  asker: step.shareAsker,
  joiner: step.share
})

const keepOf = (asker: End, joiner: End, sharing: Sharing): Identity | "none" | undefined => {
  if (sharing.asker) return sharing.joiner ? undefined : asker.account
  return sharing.joiner ? joiner.account : "none"
}

/** What links them: in the asker's mapping if there is one, else in one with as much history as its owners share. */
export const decisionOf = (
  { name }: Pick<Handshake, "name">,
  asker: End,
  joiner: End,
  into: Option.Option<IdentityMapping>,
  sharing: Sharing
) =>
  Option.match(into, {
    onSome: ({ id }) => Decision.Link({ identities: [joiner.account], into: id }),
    onNone: () =>
      Decision.Link({ identities: [asker.account, joiner.account], name, keep: keepOf(asker, joiner, sharing) })
  })

/** Whether the mapping to be joined is still the one of which the joiner was told, with the same members in it. */
export const isStill = ({ into }: Pick<Handshake, "into">, relation: Relation): boolean => {
  if (relation._tag !== "Into") return relation._tag === "New" && into === undefined
  if (into?.id !== relation.mapping.id) return false
  const members = new Set(into.members.map(accountOf))
  const { identities } = relation.mapping
  return identities.length === members.size && identities.every((one) => members.has(accountOf(one)))
}
