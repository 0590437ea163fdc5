import type * as Data from "effect/Data"
import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { sameEntry } from "../Change.js"
import type { Decision } from "../Decision.js"
import { accountOf } from "../Identity.js"
import { IdentityAlreadyLinked, MappingExists, type Refusal } from "../IdentityError.js"
import { type Entry, type IdentityMap, pinned } from "../IdentityMap.js"
import type { SharedId } from "../IdentityMapping.js"
import type { Fresh, Next } from "./Next.js"
import { changed, type Draft, includes, remove, union } from "./Draft.js"

type Import = Data.TaggedEnum.Value<Decision, "Import">

/** Everybody in one mapping: that of the same id, else the oldest of those that have one of them. */
const merged = (draft: Draft, entry: Entry, owners: ReadonlySet<SharedId>, { now }: Fresh): Entry => {
  const here = draft.get(entry.mapping.id)
  if (here === undefined && owners.size === 0) return entry
  const others = Array.from(draft.values()).filter(({ mapping }) => owners.has(mapping.id))
  const [meeting, ...absorbed] = Arr.append(here === undefined ? others : [here, ...others], entry)
  for (const { mapping } of absorbed) if (mapping.id !== meeting.mapping.id) draft.delete(mapping.id)
  const mappings = absorbed.map(({ mapping }) => mapping)
  return changed(meeting, now, union(meeting.mapping, mappings))
}

/** Another map's mappings and decisions beside those that are here; everything stays as it was written there. */
export const importInto = (map: IdentityMap, decision: Import, fresh: Fresh): Either.Either<Next, Refusal> =>
  Either.gen(function* () {
    const { map: other, onConflict } = decision
    const draft: Draft = new Map(map.entries)
    const owners = new Map(map.owners)
    for (const entry of other.entries.values()) {
      const { id, identities } = entry.mapping
      const here = draft.get(id)
      if (sameEntry(here, entry)) continue
      const elsewhere = identities.flatMap((identity) => {
        const owner = owners.get(accountOf(identity)) ?? id
        const there = owner === id ? undefined : draft.get(owner)?.mapping
        // A number that is pinned where the other map has it so, too, may be listed where that has it.
        const has = there !== undefined && (includes(there.identities, identity) || !other.entries.has(owner))
        return has ? [{ identity, owner }] : []
      })
      const [first] = elsewhere
      if (onConflict === "refuse" && first !== undefined) {
        return yield* Either.left(new IdentityAlreadyLinked({ identity: first.identity.toString(), id: first.owner }))
      }
      if (onConflict === "refuse" && here !== undefined) return yield* Either.left(new MappingExists({ id }))
      if (onConflict === "move") for (const one of elsewhere) remove(draft, one.owner, [one.identity], fresh.now)
      const placed =
        onConflict === "merge" ? merged(draft, entry, new Set(elsewhere.map(({ owner }) => owner)), fresh) : entry
      draft.set(placed.mapping.id, placed)
      for (const identity of placed.mapping.identities) owners.set(accountOf(identity), placed.mapping.id)
      for (const account of pinned(placed.mapping).map(accountOf)) {
        if (!draft.has(owners.get(account) ?? placed.mapping.id)) owners.set(account, placed.mapping.id)
      }
    }
    return {
      action: "import",
      entries: draft,
      // Two decisions about the same pair are one, as it is written here.
      never: new Map([...map.never, ...other.never, ...map.never]),
      raw: map.entries.size === 0 ? { ...other.raw, ...map.raw } : map.raw,
      mapping: Option.none()
    }
  })
