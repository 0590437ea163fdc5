import * as Option from "effect/Option"
import { Change, type Placed } from "./Change.js"
import type { JsonObject } from "./IdentityMap.js"
import { isSharedId, isTimestamp } from "./IdentityMapping.js"
import { readPair, writePair } from "./Pair.js"
import { isObject, isText, read as readMapping } from "./QuickMapping.js"
import { actions, type Action, type Recorded } from "./Recorded.js"
import { revisionOf } from "../storage/Document.js"

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)

const isAction = (value: unknown): value is Action => actions.some((action) => action === value)

/** A place that may be left empty; nothing where it holds something else than a mapping. */
const placed = (written: unknown): Option.Option<Placed> | undefined => {
  if (written === undefined) return Option.none()
  if (!isObject(written)) return undefined
  const { mapping: raw, position } = written
  const entry = isObject(raw) && isText(raw["id"]) ? readMapping(raw, raw["id"]) : undefined
  if (entry === undefined || !isWhole(position) || position < 0) return undefined
  return Option.some({ mapping: entry.mapping, raw: entry.raw, position })
}

const change = (written: unknown): Change | undefined => {
  if (!isObject(written)) return undefined
  const { after, before, id } = written
  if ("never" in written) {
    const pair = Option.getOrUndefined(readPair(written["never"]))
    if (pair === undefined || typeof before !== "boolean" || typeof after !== "boolean") return undefined
    return Change.Never({ pair, before, after })
  }
  const [was, is] = [placed(before), placed(after)]
  if (!isText(id) || !isSharedId(id) || was === undefined || is === undefined) return undefined
  return Change.Mapping({ id, before: was, after: is })
}

const all = <A>(values: unknown, read: (value: unknown) => A | undefined): ReadonlyArray<A> | undefined => {
  if (!Array.isArray(values)) return undefined
  const found = values.map(read).filter((value) => value !== undefined)
  return found.length === values.length ? found : undefined
}

/** The record that the schema would decode, without it: whoever changes the map reads the last one first. */
export const read = (written: unknown): Recorded | undefined => {
  if (!isObject(written)) return undefined
  const { action, at, base, by, result, sequence, undoes } = written
  const changes = all(written["changes"], change)
  if (!isWhole(sequence) || sequence < 1 || (undoes !== undefined && !isWhole(undoes)) || changes === undefined)
    return undefined
  if (!isText(at) || !isTimestamp(at) || !isAction(action)) return undefined
  if (!isText(by) || !isText(base) || !isText(result)) return undefined
  return {
    sequence,
    at,
    by,
    action,
    ...(undoes === undefined ? {} : { undoes }),
    base: revisionOf(base),
    result: revisionOf(result),
    changes
  }
}

const place = (placed: Option.Option<Placed>) =>
  Option.getOrUndefined(Option.map(placed, ({ position, raw }) => ({ position, mapping: raw })))

/** What the schema would encode it to. */
export const write = ({ changes, ...record }: Recorded): JsonObject => ({
  ...record,
  changes: changes.map(
    Change.$match({
      Mapping: ({ after, before, id }) => ({ id, before: place(before), after: place(after) }),
      Never: ({ after, before, pair }) => ({ never: writePair(pair), before, after })
    })
  )
})

/** A record, and with an import the history that came with it: one line, because both are made or neither is. */
export interface Line extends Recorded {
  readonly adopted?: ReadonlyArray<Recorded>
}

const parse = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/** What is copied by its members would get another prototype by this one. No map holds it, so no record of ours does. */
const hasPrototype = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Object.hasOwn(value, "__proto__") || Object.values(value).some(hasPrototype))

export const readLine = (text: string): Option.Option<Line> =>
  Option.flatMap(parse(text), (written) => {
    if (hasPrototype(written)) return Option.none()
    const record = read(written)
    const brought = isObject(written) ? written["adopted"] : undefined
    const adopted = brought === undefined ? [] : all(brought, read)
    if (record === undefined || adopted === undefined) return Option.none()
    return Option.some(brought === undefined ? record : { ...record, adopted })
  })

/** Dies rather than write what could not be read: by that, nobody could change the map any more. */
export const writeLine = ({ adopted, ...record }: Line): string => {
  const text = JSON.stringify({ ...write(record), adopted: adopted?.map(write) })
  return Option.getOrThrowWith(Option.as(readLine(text), text), () => new Error("this is no record of a change"))
}
