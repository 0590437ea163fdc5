import * as Data from "effect/Data"
import * as Option from "effect/Option"
import type { SharedId } from "./IdentityMapping.js"
import { type Entries, type Entry, type IdentityMap, make } from "./IdentityMap.js"
import { nameOf, type Pair } from "./Pair.js"

/** One mapping's state, and its place among the others: how many stand before it. */
export interface Placed extends Entry {
  readonly position: number
}

/** What becomes of one part of the map. */
export type Change = Data.TaggedEnum<{
  /** A mapping, made where `before` is none, removed where `after` is. */
  Mapping: { readonly id: SharedId; readonly before: Option.Option<Placed>; readonly after: Option.Option<Placed> }
  /** Whether two identities are never to be suggested for linking. */
  Never: { readonly pair: Pair; readonly before: boolean; readonly after: boolean }
}>

export const Change = Data.taggedEnum<Change>()

export type Changes = ReadonlyArray<Change>

export type MappingChange = Data.TaggedEnum.Value<Change, "Mapping">

/** The mappings among the changes. */
export const mappingsIn = (changes: Changes): ReadonlyArray<MappingChange> => changes.filter(Change.$is("Mapping"))

/** Whether both are written alike, or neither is there. */
export const sameEntry = (one: Entry | undefined, other: Entry | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && JSON.stringify(one.raw) === JSON.stringify(other.raw))

const placedIn = (entries: Entries, ids: ReadonlySet<SharedId>): ReadonlyMap<SharedId, Placed> => {
  const placed = new Map<SharedId, Placed>()
  let position = 0
  for (const [id, entry] of entries) {
    if (ids.has(id)) placed.set(id, { mapping: entry.mapping, raw: entry.raw, position })
    position += 1
  }
  return placed
}

const without = (entries: Entries, ids: ReadonlySet<SharedId>): ReadonlyArray<SharedId> =>
  Array.from(entries.keys()).filter((id) => !ids.has(id))

/** Which mappings differ and, those apart, whether the others stand in one order. */
interface Difference {
  readonly different: ReadonlySet<SharedId>
  readonly stand: boolean
}

/** The same in one walk through both, which suffices unless something stands elsewhere than before. */
const walked = (before: Entries, after: Entries): Difference | undefined => {
  const different = new Set<SharedId>()
  const added: Array<SharedId> = []
  const [one, other] = [before.entries(), after.entries()]
  let [was, is] = [one.next(), other.next()]
  while (was.done !== true || is.done !== true) {
    if (was.done !== true && is.done !== true && was.value[0] === is.value[0]) {
      if (!sameEntry(was.value[1], is.value[1])) different.add(is.value[0])
      was = one.next()
      is = other.next()
    } else if (was.done !== true && !after.has(was.value[0])) {
      different.add(was.value[0])
      was = one.next()
    } else if (is.done !== true && !before.has(is.value[0])) {
      added.push(is.value[0])
      is = other.next()
    } else return undefined
  }
  for (const id of added) different.add(id)
  return { different, stand: true }
}

const compared = (before: Entries, after: Entries): Difference => {
  const all = new Set([...before.keys(), ...after.keys()])
  const different = new Set(Array.from(all).filter((id) => !sameEntry(before.get(id), after.get(id))))
  const rest = without(after, different)
  return { different, stand: without(before, different).every((id, index) => id === rest[index]) }
}

const mappingChanges = (before: Entries, after: Entries): Changes => {
  const { different, stand } = walked(before, after) ?? compared(before, after)
  // Only an edit by hand puts mappings in another order.
  const touched = stand ? different : new Set([...before.keys(), ...after.keys()])
  const [was, is] = [placedIn(before, touched), placedIn(after, touched)]
  return Array.from(touched, (id) =>
    Change.Mapping({ id, before: Option.fromNullable(was.get(id)), after: Option.fromNullable(is.get(id)) })
  )
}

/** What leads from one map to another. */
export const between = (before: IdentityMap, after: IdentityMap): Changes => [
  ...(before.entries === after.entries ? [] : mappingChanges(before.entries, after.entries)),
  ...Array.from(after.never)
    .filter(([name]) => !before.never.has(name))
    .map(([, pair]) => Change.Never({ pair, before: false, after: true })),
  ...Array.from(before.never)
    .filter(([name]) => !after.never.has(name))
    .map(([, pair]) => Change.Never({ pair, before: true, after: false }))
]

/** What leads back. */
export const invert = (changes: Changes): Changes =>
  changes.map((change) =>
    Change.$match(change, {
      Mapping: ({ after, before, id }) => Change.Mapping({ id, before: after, after: before }),
      Never: ({ after, before, pair }) => Change.Never({ pair, before: after, after: before })
    })
  )

/** What stands there afterwards, the first in the map first. */
export const inOrder = (mappings: ReadonlyArray<MappingChange>): ReadonlyArray<Placed> =>
  mappings.flatMap(({ after }) => Option.toArray(after)).sort((one, other) => one.position - other.position)

const insert = (entries: Map<SharedId, Entry>, { mapping, position, raw }: Placed): void => {
  const behind = Array.from(entries).slice(position)
  for (const [id] of behind) entries.delete(id)
  for (const [id, entry] of [[mapping.id, { mapping, raw }] as const, ...behind]) entries.set(id, entry)
}

const stays = ({ after, before }: MappingChange): boolean =>
  Option.exists(after, ({ position }) => Option.exists(before, (was) => was.position === position))

const applyTo = (entries: Map<SharedId, Entry>, mappings: ReadonlyArray<MappingChange>): void => {
  // Histories are long, so what most changes are does not cost a copy of the map: what stays in its place or comes last.
  const inPlace = mappings.length === 1 && mappings.every(stays)
  if (!inPlace) for (const { id } of mappings) entries.delete(id)
  for (const placed of inOrder(mappings)) {
    const { mapping, position, raw } = placed
    if (inPlace || position >= entries.size) entries.set(mapping.id, { mapping, raw })
    else insert(entries, placed)
  }
}

/** The map with changes made, one after another. What they do not name stays as it is, and where it is. */
export const apply = (map: IdentityMap, ...steps: ReadonlyArray<Changes>): IdentityMap => {
  const entries = new Map(map.entries)
  const never = new Map(map.never)
  for (const changes of steps) {
    applyTo(entries, mappingsIn(changes))
    for (const { after, pair } of changes.filter(Change.$is("Never"))) {
      if (after) never.set(nameOf(pair), pair)
      else never.delete(nameOf(pair))
    }
  }
  return make(entries, never, map.raw)
}
