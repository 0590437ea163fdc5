import type * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Decision } from "../Decision.js"
import type { Identity } from "../Identity.js"
import {
  ConversationChosen,
  IdentityAlreadyLinked,
  IdentityNotInMapping,
  MappingNotFound,
  type Refusal,
  TooFewIdentities
} from "../IdentityError.js"
import { find, get, type IdentityMap } from "../IdentityMap.js"
import type { IdentityMapping, SharedId } from "../IdentityMapping.js"
import type { Fresh, Next } from "./Next.js"
import { changed, distinct, type Draft, entryOf, includes, pinsOf, remove, union } from "./Draft.js"

type Link = Data.TaggedEnum.Value<Decision, "Link">

/** Whose history goes on, as the mapping has it. */
const kept = ({ keep }: Link, identities: ReadonlyArray<Identity>): string | undefined =>
  keep === undefined || keep === "none" ? keep : identities.find((one) => includes([one], keep))?.toString()

/** The mappings that identities belong to, the oldest first. */
const ownersOf = (map: IdentityMap, identities: ReadonlyArray<Identity>): ReadonlyArray<SharedId> => {
  const owners = new Set(identities.flatMap((identity) => Option.toArray(find(map, identity))))
  return owners.size < 2 ? Array.from(owners) : Array.from(map.entries.keys()).filter((id) => owners.has(id))
}

/** Whether this mapping is already all that the decision asks for. */
const agrees = (mapping: IdentityMapping, identities: ReadonlyArray<Identity>, decision: Link): boolean =>
  identities.every((one) => includes(mapping.identities, one)) &&
  (decision.name === undefined || decision.name === mapping.name) &&
  (decision.keep === undefined || kept(decision, mapping.identities) === mapping.keep)

const unchanged = (map: IdentityMap, mapping: IdentityMapping): Next => ({
  action: "link",
  entries: map.entries,
  mapping: Option.some(mapping)
})

/** These identities and all that share a mapping with one of them. */
const everybody = (map: IdentityMap, identities: ReadonlyArray<Identity>): ReadonlyArray<Identity> =>
  distinct([
    ...identities,
    ...ownersOf(map, identities).flatMap((id) => Option.toArray(get(map, id)).flatMap((one) => one.identities))
  ])

/** Those who belong to another mapping than this one, and to which. */
const elsewhere = (map: IdentityMap, identities: ReadonlyArray<Identity>, here: SharedId) =>
  identities.flatMap((identity) =>
    Option.toArray(find(map, identity)).flatMap((id) => (id === here ? [] : [{ identity, id }]))
  )

/** Makes `id` hold everybody: these identities, and where mappings are merged all of theirs. */
const gather = (map: IdentityMap, id: SharedId, decision: Link, fresh: Fresh): Either.Either<Next, Refusal> =>
  Either.gen(function* () {
    const { identities, name, onConflict = "refuse" } = decision
    const [first] = elsewhere(map, identities, id)
    if (onConflict === "refuse" && first !== undefined) {
      return yield* Either.left(new IdentityAlreadyLinked({ identity: first.identity.toString(), id: first.id }))
    }
    const others = ownersOf(map, identities).filter((one) => one !== id)
    const draft: Draft = new Map(map.entries)
    for (const other of onConflict === "merge" ? others : []) draft.delete(other)
    // Also out of where an edit by hand has put somebody a second time.
    for (const other of onConflict === "move" ? map.entries.keys() : []) {
      if (other !== id) remove(draft, other, identities, fresh.now)
    }
    const target = draft.get(id) ?? entryOf({ id, identities, createdAt: fresh.now, updatedAt: fresh.now })
    const from = others.flatMap((one) => Option.toArray(get(map, one)))
    const all = union(target.mapping, onConflict === "merge" ? from : [], identities)
    const keep = kept(decision, all.identities)
    const entry = changed(target, fresh.now, {
      ...all,
      pins: pinsOf([target.mapping, ...from]),
      ...(name === undefined ? {} : { name }),
      ...(keep === undefined ? {} : { keep })
    })
    draft.set(id, entry)
    return { action: "link", entries: draft, mapping: Option.some(entry.mapping) }
  })

/** Where everybody meets when mappings are merged: in that of the one whose conversation is kept, else in the oldest. */
const survivor = (map: IdentityMap, { identities, keep }: Link, { id }: Fresh): SharedId => {
  const [oldest = id] = ownersOf(map, identities)
  if (keep === undefined) return oldest
  return keep === "none" ? id : Option.getOrElse(find(map, keep), () => id)
}

/** Who is in the same mapping as others, by what the decision says. */
export const link = (map: IdentityMap, asked: Link, fresh: Fresh): Either.Either<Next, Refusal> =>
  Either.gen(function* () {
    const identities = distinct(asked.identities)
    const decision = { ...asked, identities }
    const { into, keep, onConflict } = decision
    const least = into === undefined ? 2 : 1
    if (identities.length < least) return yield* Either.left(new TooFewIdentities({ least }))
    if (into !== undefined) {
      const target = yield* Either.fromOption(get(map, into), () => new MappingNotFound({ id: into }))
      if (keep !== undefined) return yield* Either.left(new ConversationChosen({ id: target.id }))
      if (agrees(target, identities, decision)) return unchanged(map, target)
      return yield* gather(map, target.id, decision, fresh)
    }
    // Everybody in a merged mapping can be the one whose conversation is kept.
    const met = onConflict === "merge" ? everybody(map, identities) : identities
    if (keep !== undefined && keep !== "none" && !includes(met, keep)) {
      return yield* Either.left(new IdentityNotInMapping({ identity: keep.toString() }))
    }
    const [owner] = ownersOf(map, identities).flatMap((id) => Option.toArray(get(map, id)))
    if (owner !== undefined && agrees(owner, identities, decision)) return unchanged(map, owner)
    const id = onConflict === "merge" ? survivor(map, decision, fresh) : fresh.id
    return yield* gather(map, id, decision, fresh)
  })
