import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { accountOf, type Identity } from "./Identity.js"
import { IdentityAlreadyLinked, IdentityNotInMapping, MappingNotFound, TooFewIdentities } from "./IdentityError.js"
import { type Entry, find, get, type IdentityMap, make } from "./IdentityMap.js"
import { IdentityMapping, type SharedId, type Timestamp } from "./IdentityMapping.js"
import { providers } from "./Provider.js"

/** What somebody wants done to the map. */
export type Decision = Data.TaggedEnum<{
  /** A new mapping of these identities. `keep` names whose history it continues, or `none`. */
  Link: {
    readonly identities: ReadonlyArray<Identity>
    readonly name: Option.Option<string>
    readonly keep: Option.Option<Identity | "none">
  }
  /** The mapping with this id taken out, and with it every identity in it. */
  Unlink: { readonly id: string }
}>

export const Decision = Data.taggedEnum<Decision>()

/** One mapping's state, and its place among the others: how many stand before it. */
export interface Placed extends Entry {
  readonly position: number
}

/** What becomes of one mapping: made where `before` is none, removed where `after` is. */
export interface Change {
  readonly id: SharedId
  readonly before: Option.Option<Placed>
  readonly after: Option.Option<Placed>
}

/** What a decision comes to on a certain map. Without changes, it is so already. */
export interface Plan {
  readonly decision: Decision
  readonly changes: ReadonlyArray<Change>
  /** The mapping that the decision is about: as it is afterwards, or as it was if it is gone. */
  readonly mapping: IdentityMapping
}

export type Refusal = IdentityAlreadyLinked | IdentityNotInMapping | MappingNotFound | TooFewIdentities

/** What a plan takes from outside: the time, and an id that nobody has had. */
export interface Fresh {
  readonly now: Timestamp
  readonly id: SharedId
}

const written = Schema.encodeSync(IdentityMapping)

const accountsOf = (identities: ReadonlyArray<Identity>): ReadonlyMap<string, Identity> =>
  new Map(identities.map((identity) => [accountOf(identity), identity]))

/** Whose history to keep, as the mapping writes its own identities. */
const keepIn = (
  accounts: ReadonlyMap<string, Identity>,
  keep: Option.Option<Identity | "none">
): Either.Either<Option.Option<string>, Refusal> => {
  if (Option.isNone(keep)) return Either.right(Option.none())
  if (keep.value === "none") return Either.right(Option.some("none"))
  const kept = accounts.get(accountOf(keep.value))
  return kept === undefined
    ? Either.left(new IdentityNotInMapping({ identity: keep.value.toString() }))
    : Either.right(Option.some(kept.toString()))
}

/** Whether the mapping is already all that the decision asks for. */
const agrees = (
  mapping: IdentityMapping,
  accounts: ReadonlyMap<string, Identity>,
  name: Option.Option<string>,
  keep: Option.Option<string>
): boolean => {
  const has = accountsOf(mapping.identities)
  return (
    has.size === accounts.size &&
    Array.from(accounts.keys()).every((account) => has.has(account)) &&
    (Option.isNone(name) || name.value === mapping.name) &&
    (Option.isNone(keep) || keep.value === mapping.keep)
  )
}

const link = (
  map: IdentityMap,
  decision: Data.TaggedEnum.Value<Decision, "Link">,
  { id, now }: Fresh
): Either.Either<Plan, Refusal> =>
  Either.gen(function* () {
    const accounts = accountsOf(decision.identities)
    if (accounts.size < 2) return yield* Either.left(new TooFewIdentities())
    const { name } = decision
    const keep = yield* keepIn(accounts, decision.keep)
    for (const identity of accounts.values()) {
      const owner = Option.flatMap(find(map, identity), (owner) => get(map, owner))
      if (Option.isNone(owner)) continue
      if (agrees(owner.value, accounts, name, keep)) return { decision, changes: [], mapping: owner.value }
      return yield* Either.left(new IdentityAlreadyLinked({ identity: identity.toString(), id: owner.value.id }))
    }
    const mapping = new IdentityMapping({
      id,
      ...(Option.isSome(name) ? { name: name.value } : {}),
      identities: providers.flatMap((provider) =>
        Array.from(accounts.values()).filter((identity) => identity.provider === provider)
      ),
      ...(Option.isSome(keep) ? { keep: keep.value } : {}),
      createdAt: now,
      updatedAt: now
    })
    const after = Option.some({ mapping, raw: written(mapping), position: map.entries.size })
    return { decision, changes: [{ id, before: Option.none(), after }], mapping }
  })

const unlink = (
  map: IdentityMap,
  decision: Data.TaggedEnum.Value<Decision, "Unlink">
): Either.Either<Plan, Refusal> => {
  const all = Array.from(map.entries.values())
  const position = all.findIndex(({ mapping }) => mapping.id === decision.id)
  const entry = all[position]
  if (entry === undefined) return Either.left(new MappingNotFound({ id: decision.id }))
  const before = Option.some({ ...entry, position })
  const { mapping } = entry
  return Either.right({ decision, changes: [{ id: mapping.id, before, after: Option.none() }], mapping })
}

/** What the decision comes to on this map, or why it is refused. */
export const plan = (map: IdentityMap, decision: Decision, fresh: Fresh): Either.Either<Plan, Refusal> =>
  Decision.$match(decision, {
    Link: (link_) => link(map, link_, fresh),
    Unlink: (unlink_) => unlink(map, unlink_)
  })

/** The map with these changes made. What they do not name stays as it is, and where it is. */
export const apply = (map: IdentityMap, changes: ReadonlyArray<Change>): IdentityMap => {
  const touched = new Set(changes.map(({ id }) => id))
  const entries = Array.from(map.entries).filter(([id]) => !touched.has(id))
  const placed = changes.flatMap(({ after }) => Option.toArray(after))
  for (const { mapping, position, raw } of placed.sort((one, other) => one.position - other.position)) {
    entries.splice(position, 0, [mapping.id, { mapping, raw }])
  }
  return make(new Map(entries), map.raw)
}
