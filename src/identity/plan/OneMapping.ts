import type * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Decision } from "../Decision.js"
import { IdentityNotInMapping, MappingNotFound, type Refusal } from "../IdentityError.js"
import { type Entry, type IdentityMap, pinOf } from "../IdentityMap.js"
import type { Fresh, Next } from "./Next.js"
import { changed, type Draft, includes, remove } from "./Draft.js"

type Of<Tag extends Decision["_tag"]> = Data.TaggedEnum.Value<Decision, Tag>

const entryOf = (map: IdentityMap, id: string): Either.Either<Entry, MappingNotFound> => {
  const entries: ReadonlyMap<string, Entry> = map.entries
  return Either.fromNullable(entries.get(id), () => new MappingNotFound({ id }))
}

/** The whole mapping; everybody in it is on his own again. */
export const unlink = (map: IdentityMap, { id }: Of<"Unlink">): Either.Either<Next, Refusal> =>
  Either.map(entryOf(map, id), ({ mapping }) => {
    const draft: Draft = new Map(map.entries)
    draft.delete(mapping.id)
    return { action: "unlink", entries: draft, mapping: Option.some(mapping) }
  })

/** Some of a mapping's identities. Whoever is left goes on in its conversation, and be it one alone. */
export const removeFrom = (
  map: IdentityMap,
  { id, identities }: Of<"Remove">,
  { now }: Fresh
): Either.Either<Next, Refusal> =>
  Either.gen(function* () {
    const { mapping } = yield* entryOf(map, id)
    const stranger = identities.find((one) => !includes(mapping.identities, one))
    if (stranger !== undefined) {
      return yield* Either.left(new IdentityNotInMapping({ identity: stranger.toString(), id: mapping.id }))
    }
    const draft: Draft = new Map(map.entries)
    remove(draft, mapping.id, identities, now)
    return { action: "unlink", entries: draft, mapping: Option.some(draft.get(mapping.id)?.mapping ?? mapping) }
  })

/** Everybody but one, who keeps the shared conversation. */
export const leave = (map: IdentityMap, { id, identity }: Of<"Leave">, { now }: Fresh): Either.Either<Next, Refusal> =>
  Either.gen(function* () {
    const entry = yield* entryOf(map, id)
    const { mapping } = entry
    if (!includes(mapping.identities, identity)) {
      return yield* Either.left(new IdentityNotInMapping({ identity: identity.toString(), id: mapping.id }))
    }
    const draft: Draft = new Map(map.entries)
    const left = changed(entry, now, { identities: mapping.identities.filter((one) => includes([identity], one)) })
    draft.set(mapping.id, left)
    return { action: "unlink", entries: draft, mapping: Option.some(left.mapping) }
  })

/** The same people under another name. */
export const rename = (map: IdentityMap, { id, name }: Of<"Rename">, { now }: Fresh): Either.Either<Next, Refusal> =>
  Either.map(entryOf(map, id), (entry) => {
    const draft: Draft = new Map(map.entries)
    const renamed = changed(entry, now, { name })
    draft.set(renamed.mapping.id, renamed)
    return { action: "rename", entries: draft, mapping: Option.some(renamed.mapping) }
  })

/** The number that a username stands for from now on, if none does and the mapping has the name. */
export const pin = (
  map: IdentityMap,
  { id, number, username }: Of<"Pin">,
  { now }: Fresh
): Either.Either<Next, Refusal> =>
  Either.map(entryOf(map, id), (entry) => {
    const draft: Draft = new Map(map.entries)
    const { mapping } = entry
    const name = mapping.identities.find((one) => includes([username], one))
    const free = name !== undefined && Option.isNone(pinOf(mapping, name))
    const pinned = free ? changed(entry, now, { pins: { ...mapping.pins, [name.id]: number.id } }) : entry
    draft.set(mapping.id, pinned)
    return { action: "pin", entries: draft, mapping: Option.some(pinned.mapping) }
  })
