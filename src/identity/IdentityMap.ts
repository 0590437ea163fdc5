import * as Option from "effect/Option"
import { accountOf, type Identity } from "./Identity.js"
import type { IdentityMapping, SharedId } from "./IdentityMapping.js"

/** A JSON object with all its fields, those that are not ours too. */
export type JsonObject = { readonly [key: string]: unknown }

/** A mapping, and the object that it is written as. */
export interface Entry {
  readonly mapping: IdentityMapping
  readonly raw: JsonObject
}

/** Who is who, at one moment. It does not change: a change makes another one. */
export interface IdentityMap {
  /** In the order in which they were added. */
  readonly entries: ReadonlyMap<SharedId, Entry>
  /** The one mapping of each account. Where a file says two, the first in the file. */
  readonly owners: ReadonlyMap<string, SharedId>
  /** The document around the mappings. */
  readonly raw: JsonObject
}

/** The map of these entries. An account in two mappings stays with the first. */
export const make = (entries: ReadonlyMap<SharedId, Entry>, raw: JsonObject): IdentityMap => {
  const owners = new Map<string, SharedId>()
  for (const [id, { mapping }] of entries) {
    for (const identity of mapping.identities) {
      const account = accountOf(identity)
      if (!owners.has(account)) owners.set(account, id)
    }
  }
  return { entries, owners, raw }
}

export const empty: IdentityMap = make(new Map(), {})

/** The mapping with this id. Any text may be asked for. */
export const get = (map: IdentityMap, id: string): Option.Option<IdentityMapping> => {
  const entries: ReadonlyMap<string, Entry> = map.entries
  return Option.map(Option.fromNullable(entries.get(id)), ({ mapping }) => mapping)
}

/** The mapping that an identity belongs to. One look-up, however many mappings there are. */
export const find = (map: IdentityMap, identity: Identity): Option.Option<SharedId> =>
  Option.fromNullable(map.owners.get(accountOf(identity)))

/** All mappings, oldest first. */
export const list = (map: IdentityMap): ReadonlyArray<IdentityMapping> =>
  Array.from(map.entries.values(), ({ mapping }) => mapping)
