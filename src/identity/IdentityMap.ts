import * as Option from "effect/Option"
import { accountOf, type Identity, isNumber, isUsername, parse } from "./Identity.js"
import type { IdentityMapping, SharedId } from "./IdentityMapping.js"
import type { Pair } from "./Pair.js"

/** Of the document, and the only one that is read. */
export const version = 1

/** A JSON object with all its fields, those that are not ours too. */
export interface JsonObject {
  readonly [name: string]: unknown
}

/** A mapping, and the object that it is written as. */
export interface Entry {
  readonly mapping: IdentityMapping
  readonly raw: JsonObject
  /** The names of its accounts, where these are known without the mapping, and of those that are pinned in it. */
  readonly accounts?: ReadonlyArray<string>
  readonly pinned?: ReadonlyArray<string>
  /** What it was read from, if it is just what it would be written as. */
  readonly text?: string
  /** Whether that is also what would be written of the mapping: nothing else is in it, and each id is in its own form. */
  readonly isExact?: boolean
}

export type Entries = ReadonlyMap<SharedId, Entry>

/** Pairs of identities that are never to be suggested for linking, by their names. */
export type Never = ReadonlyMap<string, Pair>

/** Who is who, at one moment. It does not change: a change makes another one. */
export interface IdentityMap {
  /** In the order in which they were added. */
  readonly entries: Entries
  /** The one mapping of each account. Where a file says two, the first in the file. */
  readonly owners: ReadonlyMap<string, SharedId>
  readonly never: Never
  /** The document around the mappings. */
  readonly raw: JsonObject
}

/** The account number that is pinned to a username in this mapping, in whatever case. */
export const pinOf = ({ pins = {} }: IdentityMapping, username: Identity): Option.Option<string> =>
  Option.fromNullable(Object.entries(pins).find(([name]) => name.toLowerCase() === username.id.toLowerCase())?.[1])

/** The account numbers that are pinned to usernames in this mapping. */
export const pinned = ({ pins = {} }: IdentityMapping): ReadonlyArray<Identity> =>
  Object.values(pins).flatMap((number) => Option.toArray(parse("telegram", number)))

/** The names of these accounts. What was read and has no pins need not become a mapping to be asked. */
export const pinnedIn = (entry: Entry): ReadonlyArray<string> =>
  entry.pinned ?? (entry.raw["pins"] === undefined ? [] : pinned(entry.mapping).map(accountOf))

/** An account in two mappings is the first's; one that is pinned is its mapping's under any name, unless one lists it. */
const ownersIn = (entries: Entries): ReadonlyMap<string, SharedId> => {
  const owners = new Map<string, SharedId>()
  const put = (account: string, id: SharedId): void => {
    if (!owners.has(account)) owners.set(account, id)
  }
  for (const [id, entry] of entries) {
    for (const account of entry.accounts ?? entry.mapping.identities.map(accountOf)) put(account, id)
  }
  for (const [id, entry] of entries) {
    for (const account of pinnedIn(entry)) put(account, id)
  }
  return owners
}

/** The map of these entries. Whose is what is found out when somebody asks, and then for good. */
export const make = (entries: Entries, never: Never, raw: JsonObject): IdentityMap => {
  let owners: ReadonlyMap<string, SharedId> | undefined
  return {
    entries,
    never,
    raw,
    get owners() {
      owners ??= ownersIn(entries)
      return owners
    }
  }
}

export const empty: IdentityMap = make(new Map(), new Map(), {})

/** The mapping with this id. Any text may be asked for. */
export const get = (map: IdentityMap, id: string): Option.Option<IdentityMapping> => {
  const entries: ReadonlyMap<string, Entry> = map.entries
  return Option.map(Option.fromNullable(entries.get(id)), ({ mapping }) => mapping)
}

/** The id of the mapping that an identity belongs to. One look-up, however many mappings there are. */
export const find = (map: IdentityMap, identity: Identity): Option.Option<SharedId> =>
  Option.fromNullable(map.owners.get(accountOf(identity)))

/** The same mapping itself. */
export const mappingWith = (map: IdentityMap, identity: Identity): Option.Option<IdentityMapping> =>
  Option.flatMap(find(map, identity), (id) => get(map, id))

/** All mappings, oldest first. */
export const list = (map: IdentityMap): ReadonlyArray<IdentityMapping> =>
  Array.from(map.entries.values(), ({ mapping }) => mapping)

/** A username beside the number of an account that Telegram says is called so now. */
export interface Vouched {
  readonly id: SharedId
  readonly username: Identity
  readonly number: Identity
}

/** Whose mapping the names of one account lead to. */
export interface Ownership {
  readonly owner: Option.Option<{ readonly mapping: IdentityMapping; readonly by: Identity }>
  /** A username that led there and has no number yet. */
  readonly unpinned: Option.Option<Vouched>
  /** A username that would have led there, had it not been another account's when it was linked. */
  readonly taken: Option.Option<Vouched>
}

/** Follows the names of one account, the most stable first; the first that is linked decides. */
export const ownerOf = (map: IdentityMap, names: ReadonlyArray<Identity>): Ownership => {
  let owner: { readonly mapping: IdentityMapping; readonly by: Identity } | undefined
  let unpinned: Vouched | undefined
  let taken: Vouched | undefined
  const number = names.find(isNumber)
  for (const by of names) {
    const id = map.owners.get(accountOf(by))
    const mapping = id === undefined ? undefined : map.entries.get(id)?.mapping
    if (mapping === undefined || (owner !== undefined && owner.mapping !== mapping)) continue
    if (number !== undefined && isUsername(by)) {
      const pin = pinOf(mapping, by)
      const vouched = { id: mapping.id, username: by, number }
      if (Option.isNone(pin)) unpinned ??= vouched
      else if (pin.value !== number.id) {
        if (owner === undefined) taken ??= vouched
        continue
      }
    }
    owner ??= { mapping, by }
  }
  return {
    owner: Option.fromNullable(owner),
    unpinned: Option.fromNullable(unpinned),
    taken: Option.fromNullable(taken)
  }
}
