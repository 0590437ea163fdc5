import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Codec } from "../storage/Document.js"
import * as JsonText from "../storage/JsonText.js"
import * as Printed from "../storage/Printed.js"
import { type Entry, empty, type IdentityMap, type JsonObject, make, version } from "./IdentityMap.js"
import type { SharedId } from "./IdentityMapping.js"
import { wrongIn } from "./IdentityMapSchema.js"
import { nameOf, type Pair, readPair, writePair } from "./Pair.js"
import { depth, readPrinted } from "./PrintedMapping.js"
import { isObject, read } from "./QuickMapping.js"

const pairsIn = (written: unknown): Option.Option<ReadonlyArray<Pair>> =>
  Array.isArray(written) ? Option.all(written.map(readPair)) : Option.none()

/** The map that the schemas would decode, without them; none where they would have something to say. */
const quickly = (value: unknown): Option.Option<IdentityMap> => {
  const mappings = isObject(value) && value["version"] === version ? value["mappings"] : undefined
  if (!isObject(value) || !isObject(mappings)) return Option.none()
  const entries = new Map<SharedId, Entry>()
  for (const key of Object.keys(mappings)) {
    const entry = read(mappings[key], key)
    if (entry === undefined) return Option.none()
    entries.set(entry.raw.id, entry)
  }
  return Option.map(value["never"] === undefined ? Option.some([]) : pairsIn(value["never"]), (never) =>
    // They stand in the entries, and only their place counts here.
    make(entries, new Map(never.map((pair) => [nameOf(pair), pair])), { ...value, mappings: {} })
  )
}

/** The identity map that stands at `base` in a text, where this value was found. */
export const decodeAt = (
  text: string,
  value: unknown,
  base: ReadonlyArray<PropertyKey> = []
): Either.Either<IdentityMap, JsonText.JsonProblem> =>
  Option.match(quickly(value), { onNone: () => wrongIn(text, value, base), onSome: Either.right })

/** The document that a map is written as. */
export const documentOf = (map: IdentityMap): JsonObject => {
  const never = map.never.size > 0 || "never" in map.raw ? { never: Array.from(map.never.values(), writePair) } : {}
  const mappings: Record<string, JsonObject> = {}
  for (const [id, { raw }] of map.entries) mappings[id] = raw
  return { ...map.raw, version, mappings, ...never }
}

/** The end of the line where the mappings begin: nothing else stands so far out and is called so. */
const hole = `\n  "mappings": {`

/** The map of a text that is just what we would write; none where that is not so, or is no map. */
const printed = (text: string): IdentityMap | undefined => {
  const start = text.indexOf(`${hole}\n`) + hole.length - 1
  const cut = Printed.cut(text, start, depth)
  if (cut === undefined) return undefined
  const frame = Printed.readWhole(`${text.slice(0, start)}{}${text.slice(cut.end)}`)
  const around = isObject(frame) ? Option.getOrUndefined(quickly(frame)) : undefined
  if (around === undefined) return undefined
  const entries = new Map<SharedId, Entry>()
  for (const member of cut.members) {
    const entry = readPrinted(member)
    if (entry === undefined) return undefined
    entries.set(entry.id, entry)
  }
  return entries.size === cut.members.length ? make(entries, around.never, around.raw) : undefined
}

const print = (map: IdentityMap): string => {
  const frame = JsonText.print(documentOf(make(new Map(), map.never, map.raw)))
  const at = frame.indexOf(`${hole}}`) + hole.length - 1
  const members = Array.from(map.entries, ([id, entry]) => entry.text ?? Printed.member(id, entry.raw, depth))
  return `${frame.slice(0, at)}${Printed.object(members, depth)}${frame.slice(at + 2)}`
}

/** The identity map as the text of `identity-map.json`. */
export const codec: Codec<IdentityMap> = {
  empty,
  decode: (text) =>
    Option.match(Option.fromNullable(printed(text)), {
      onNone: () => Either.flatMap(JsonText.parse(text), (value) => decodeAt(text, value)),
      onSome: Either.right
    }),
  encode: print
}
