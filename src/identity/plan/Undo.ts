import type * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { apply, Change, inOrder, invert, type MappingChange, mappingsIn, type Placed } from "../Change.js"
import type { Decision } from "../Decision.js"
import { AlreadyUndone, ChangeNotFound, ForgottenForGood, type Refusal, UndoBlocked } from "../IdentityError.js"
import { empty, type IdentityMap } from "../IdentityMap.js"
import type { Timestamp } from "../IdentityMapping.js"
import type { Fresh, Next } from "./Next.js"
import type { Recorded } from "../Recorded.js"
import { pinsFor, readable } from "./Draft.js"
import { newestUpon, obstacles } from "./Obstacles.js"

type Undo = Data.TaggedEnum.Value<Decision, "Undo">

/** The changes that nobody has undone. An undo that was undone itself does not count. */
const inForce = (history: ReadonlyArray<Recorded>): ReadonlyArray<Recorded> => {
  const undone = new Set<number>()
  for (const { sequence, undoes } of history.toReversed()) {
    if (undoes !== undefined && !undone.has(sequence)) undone.add(undoes)
  }
  return history.filter(({ sequence }) => !undone.has(sequence))
}

/** The change that is asked for; without a number, the last decision of a person that has not been undone. */
const wanted = ({ history, sequence }: Undo): Either.Either<Recorded, Refusal> =>
  sequence === undefined
    ? Either.fromNullable(
        inForce(history).findLast(
          ({ action, changes }) => action === "forget" || (action !== "undo" && action !== "pin" && changes.length > 0)
        ),
        () => new ChangeNotFound({})
      )
    : Either.fromNullable(
        history.find((one) => one.sequence === sequence),
        () => new ChangeNotFound({ sequence })
      )

/** The mapping as it was before, with the pins that it has got since the change. */
const restored = (
  map: IdentityMap,
  { after, id }: MappingChange,
  { mapping, position, raw }: Placed,
  now: Timestamp
) => {
  const left = Option.match(after, { onNone: () => ({}), onSome: (one) => one.mapping.pins ?? {} })
  const known = Object.entries(map.entries.get(id)?.mapping.pins ?? {})
  const since = Object.fromEntries(known.filter(([name]) => !(name in left)))
  const { pins, ...rest } = mapping
  const { pins: _, ...written } = raw
  const fresh = { ...pinsFor({ ...since, ...pins }, mapping.identities), updatedAt: now }
  return { ...readable({ ...rest, ...fresh }, { ...written, ...fresh }), position }
}

/** Each behind those who stood before it at the time, wherever these are now. */
const placed = (map: IdentityMap, { history }: Undo, sequence: number, back: ReadonlyArray<MappingChange>) => {
  const then = apply(empty, ...history.filter((one) => one.sequence < sequence).map(({ changes }) => changes))
  const places = new Map(Array.from(then.entries.keys(), (id, index) => [id, index]))
  const touched = new Set(back.map(({ id }) => id))
  const order = Array.from(map.entries.keys()).filter((id) => !touched.has(id))
  for (const { mapping, position } of inOrder(back)) {
    order.splice(order.findLastIndex((id) => (places.get(id) ?? position) < position) + 1, 0, mapping.id)
  }
  return back.map((change) =>
    Change.Mapping({
      ...change,
      after: Option.map(change.after, (one) => ({ ...one, position: order.indexOf(change.id) }))
    })
  )
}

/** A change taken back: everything that it touched is as it was before, and in the same place, if nobody touched it since. */
export const undo = (map: IdentityMap, decision: Undo, { now }: Fresh): Either.Either<Next, Refusal> =>
  Either.gen(function* () {
    const { action, changes, sequence } = yield* wanted(decision)
    if (action === "forget") return yield* Either.left(new ForgottenForGood({ sequence }))
    const undone = inForce(decision.history).find(({ undoes }) => undoes === sequence)
    if (undone !== undefined) return yield* Either.left(new AlreadyUndone({ sequence, by: undone.sequence }))
    const made = mappingsIn(changes)
    const inTheWay = obstacles(map, made)
    const [first] = inTheWay
    if (first !== undefined) {
      // What was undone since, and the undoing of it, are of no account.
      const later = inForce(decision.history).filter((one) => one.sequence > sequence && (one.undoes ?? 0) < sequence)
      const newest = newestUpon(inTheWay, later)
      const named = newest && { later: { sequence: newest.record.sequence, action: newest.record.action } }
      return yield* Either.left(new UndoBlocked({ sequence, subject: newest?.subject ?? first.id, ...named }))
    }
    const back = placed(
      map,
      decision,
      sequence,
      made.map((change) =>
        Change.Mapping({
          ...change,
          before: change.after,
          after: Option.map(change.before, (before) => restored(map, change, before, now))
        })
      )
    )
    const { entries, never } = apply(map, [...back, ...invert(changes).filter(Change.$is("Never"))])
    const [mapping] = back.flatMap((change) => Option.toArray(Option.orElse(change.after, () => change.before)))
    return { action: "undo", undoes: sequence, entries, never, mapping: Option.fromNullable(mapping?.mapping) }
  })
