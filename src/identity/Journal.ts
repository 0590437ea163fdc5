import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { absent, type Manner, type Snapshot } from "../storage/Document.js"
import type { Lines, Log } from "../storage/Log.js"
import { DocumentUnreadable } from "../storage/StorageError.js"
import { apply, between, type Changes } from "./Change.js"
import type { Identity } from "./Identity.js"
import { empty, type IdentityMap } from "./IdentityMap.js"
import type { Plan } from "./Plan.js"
import { withoutIn } from "./plan/Forgotten.js"
import { type Line, readLine, writeLine } from "./QuickRecorded.js"
import type { Recorded } from "./Recorded.js"

/** All changes that were made, the oldest first. */
export type History = ReadonlyArray<Recorded>

const recordsIn = ({ adopted = [], ...record }: Line): History => [...adopted, record]

/** The map that a history leads to. */
export const fold = (history: History): IdentityMap => apply(empty, ...history.map(({ changes }) => changes))

const unreadable = (log: Log, line?: number) =>
  new DocumentUnreadable({
    file: log.name,
    reason: line === undefined ? "its last line is no record of a change" : "this is no record of a change",
    ...(line === undefined ? {} : { at: { line, column: 1 } })
  })

/** The open line, if the map is what it says it made: then its change was made, and only its writer did not get to say so. */
const made = ({ open }: Lines, now: Snapshot<IdentityMap>): Option.Option<Line> =>
  Option.filter(Option.flatMap(open, readLine), ({ result }) => result === now.revision)

const closedIn = (log: Log, { closed }: Lines) =>
  Either.all(closed.map((line, index) => Either.fromOption(readLine(line), () => unreadable(log, index + 1))))

/** All changes that are on record and were made, given the map as it was just before. */
export const history = (log: Log, now: Snapshot<IdentityMap>) =>
  Effect.gen(function* () {
    const lines = yield* log.all
    const closed = yield* closedIn(log, lines)
    return [...closed, ...Option.toArray(made(lines, now))].flatMap(recordsIn)
  })

/** Fails with the first line that is no record, or else with the first whose number a change before it has, or passed. */
export const examine = (log: Log) =>
  Effect.gen(function* () {
    let last = 0
    for (const [index, line] of (yield* closedIn(log, yield* log.all)).entries()) {
      for (const { sequence } of recordsIn(line)) {
        if (sequence <= last) {
          const reason = `the numbers of changes rise, and ${sequence} stands behind ${last}`
          return yield* new DocumentUnreadable({ file: log.name, reason, at: { line: index + 1, column: 1 } })
        }
        last = sequence
      }
    }
  })

/** What somebody did to the map without us since the last change on record. */
export const unrecorded = (history: History, now: Snapshot<IdentityMap>): Changes =>
  (history.at(-1)?.result ?? absent) === now.revision ? [] : between(fold(history), now.value)

/** The same as a record. */
const byHand = (log: Log, known: Option.Option<Recorded>, now: Snapshot<IdentityMap>, plan: Plan) =>
  Effect.gen(function* () {
    const base = Option.match(known, { onNone: () => absent, onSome: ({ result }) => result })
    if (base === now.revision) return []
    const changes = unrecorded(yield* history(log, now), now)
    if (changes.length === 0) return []
    const sequence = Option.match(known, { onNone: () => 1, onSome: ({ sequence }) => sequence + 1 })
    const action = now.revision === absent ? "reset" : "edit"
    const edit: Recorded = { sequence, at: plan.at, by: "hand", action, base, result: now.revision, changes }
    return [edit]
  })

/** The history that comes with a plan, for a map that has none. */
const broughtBy = ({ decision }: Plan): History => (decision._tag === "Import" ? decision.history : [])

/**
 * The history without an identity. It leads to the map without it: if that is not what the map becomes, the next change
 * finds what the map has more, as if it was an edit.
 */
const cleaned = (records: History, identity: Identity, next: Snapshot<IdentityMap>): History =>
  records.map((record, index) => ({
    ...record,
    ...(index === records.length - 1 ? { result: next.revision } : {}),
    changes: withoutIn(record.changes, identity)
  }))

/**
 * How a plan's change is made: its record is on disk before the change is visible, open until it is. What a crash leaves
 * open, the next change closes or takes out, by what the map is then.
 */
export const recording = (log: Log, plan: Plan): Manner<IdentityMap> => ({
  previous: plan.decision._tag === "Forget" ? "discard" : "keep",
  witness: (now, next) =>
    Effect.gen(function* () {
      const { decision } = plan
      const end = yield* log.end
      const open = made(end, now)
      const closed = yield* Either.fromOption(Option.all(end.closed.map(readLine)), () => unreadable(log))
      const known = Option.orElse(open, () => Option.fromNullable(closed.at(-1)))
      const edits = yield* byHand(log, known, now, plan)
      const adopted = Option.isNone(known) && edits.length === 0 ? broughtBy(plan) : []
      const last = Option.orElse(Option.fromNullable([...adopted, ...edits].at(-1)), () => known)
      const record = (changes: Recorded["changes"]): Recorded => ({
        sequence: Option.match(last, { onNone: () => 1, onSome: ({ sequence }) => sequence + 1 }),
        at: plan.at,
        by: plan.by,
        action: plan.action,
        ...(Option.isSome(plan.undoes) ? { undoes: plan.undoes.value } : {}),
        base: now.revision,
        result: next.revision,
        changes
      })
      if (decision._tag === "Forget") {
        const left = cleaned([...(yield* history(log, now)), ...edits], decision.identity, next)
        yield* log.replace(left.map((one) => writeLine(one)))
        yield* log.add("remove", { closed: [], open: writeLine(record(between(fold(left), next.value))) })
      } else {
        const line = adopted.length === 0 ? record(plan.changes) : record(between(fold(adopted), next.value))
        yield* log.add(Option.isSome(open) ? "close" : "remove", {
          closed: edits.map((one) => writeLine(one)),
          open: writeLine(adopted.length === 0 ? line : { ...line, adopted })
        })
      }
      return (visible) => Effect.ignore(log.settle(visible ? "close" : "remove"))
    })
})
