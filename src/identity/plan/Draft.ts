import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { accountOf, type Identity, isUsername } from "../Identity.js"
import { type Entry, type JsonObject, pinOf } from "../IdentityMap.js"
import { fields, type IdentityMapping, type SharedId, type Timestamp } from "../IdentityMapping.js"
import { type Provider, providers } from "../Provider.js"
import { read, write } from "../QuickMapping.js"

/** The mappings of a map that is being made out of another. */
export type Draft = Map<SharedId, Entry>

const without = (raw: unknown, names: ReadonlyArray<string>): JsonObject =>
  Predicate.isReadonlyRecord(raw)
    ? Object.fromEntries(Object.entries(raw).filter(([name]) => !names.includes(name)))
    : {}

/** Dies rather than have something written that could not be read: by that, nobody would be linked any more. */
export const readable = (mapping: IdentityMapping, raw: JsonObject): Entry =>
  Option.getOrThrowWith(
    Option.as(Option.fromNullable(read(raw, mapping.id)), { mapping, raw }),
    () => new Error("this is no mapping")
  )

/** A mapping as it is to be written: with all that stood around the one it comes from and is not ours. */
export const entryOf = (mapping: IdentityMapping, from: JsonObject = {}): Entry => {
  const ours = write(mapping)
  const identities = { ...ours.identities, ...without(from["identities"], providers) }
  return readable(mapping, { ...ours, identities, ...without(from, fields) })
}

/** Each account once, in the order of the providers. */
export const distinct = (identities: ReadonlyArray<Identity>): ReadonlyArray<Identity> => {
  const accounts = Array.from(
    identities
      .reduce(
        (seen, one) => (seen.has(accountOf(one)) ? seen : seen.set(accountOf(one), one)),
        new Map<string, Identity>()
      )
      .values()
  )
  return providers.flatMap((provider: Provider) => accounts.filter((one) => one.provider === provider))
}

export const includes = (identities: ReadonlyArray<Identity>, identity: Identity): boolean =>
  identities.some((one) => accountOf(one) === accountOf(identity))

/** Those of the pins whose usernames are among the identities. */
export const pinsFor = (
  pins: Readonly<Record<string, string>>,
  identities: ReadonlyArray<Identity>
): Partial<Pick<IdentityMapping, "pins">> => {
  const names = new Set(identities.filter(isUsername).map(accountOf))
  const kept = Object.entries(pins).filter(([name]) => names.has(`telegram:${name.toLowerCase()}`))
  return kept.length === 0 ? {} : { pins: Object.fromEntries(kept) }
}

/** The entry with something else in its mapping, if it is something else. A pin goes with its username. */
export const changed = (
  entry: Entry,
  now: Timestamp,
  next: Partial<Pick<IdentityMapping, "continues" | "identities" | "keep" | "name" | "pins">>
): Entry => {
  const { pins = {}, ...rest } = { ...entry.mapping, ...next }
  const mapping = { ...rest, ...pinsFor(pins, rest.identities) }
  const isAsItWas = JSON.stringify(write(mapping)) === JSON.stringify(write(entry.mapping))
  return isAsItWas ? entry : entryOf({ ...mapping, updatedAt: now }, entry.raw)
}

/** All their pins; of two for one name, the first. */
export const pinsOf = (mappings: ReadonlyArray<IdentityMapping>): Readonly<Record<string, string>> =>
  mappings.reduce((pins, one) => ({ ...pins, ...one.pins, ...pins }), {})

/** What a mapping comes to hold that goes on with everybody of others, and with these. */
export const union = (
  target: IdentityMapping,
  others: ReadonlyArray<IdentityMapping>,
  identities: ReadonlyArray<Identity> = []
): Partial<Pick<IdentityMapping, "continues" | "name" | "pins">> & Pick<IdentityMapping, "identities"> => {
  const all = [target, ...others]
  const name = all.find((one) => one.name !== undefined)?.name
  const [first, ...more] = new Set(
    all.flatMap(({ continues = [], id }) => [id, ...continues]).filter((id) => id !== target.id)
  )
  return {
    identities: distinct([...all.flatMap((one) => one.identities), ...identities]),
    ...(name === undefined ? {} : { name }),
    ...(first === undefined ? {} : { continues: [first, ...more] }),
    pins: pinsOf(all)
  }
}

/** Whether this is one of the accounts, or a name that is pinned to one. */
const isAmong = (identities: ReadonlyArray<Identity>, mapping: IdentityMapping, one: Identity): boolean =>
  includes(identities, one) ||
  (isUsername(one) &&
    Option.exists(pinOf(mapping, one), (number) =>
      identities.some(({ id, provider }) => provider === "telegram" && id === number)
    ))

/** Takes accounts out of a mapping; one that nobody is left in is gone. */
export const remove = (draft: Draft, id: SharedId, identities: ReadonlyArray<Identity>, now: Timestamp): void => {
  const entry = draft.get(id)
  if (entry === undefined) return
  const { mapping } = entry
  const rest = mapping.identities.filter((one) => !isAmong(identities, mapping, one))
  if (rest.length === mapping.identities.length) return
  if (rest.length === 0) draft.delete(id)
  else draft.set(id, changed(entry, now, { identities: rest }))
}
