import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import { mappingsIn } from "../../identity/Change.js"
import type { Timestamp } from "../../identity/IdentityMapping.js"
import type { History } from "../../identity/Journal.js"
import { write } from "../../identity/QuickRecorded.js"
import type { Recorded } from "../../identity/Recorded.js"
import { columns } from "./columns.js"
import * as Json from "./json.js"
import * as Plan from "./plan.js"
import { relativeTo } from "./time.js"

const longAgo = Duration.toMillis("1 day")

/** How long ago; of what is older than a day, the time as well. */
const when = (at: Timestamp, now: number): string => {
  const then = Option.match(DateTime.make(at), { onNone: () => now, onSome: DateTime.toEpochMillis })
  return Math.abs(now - then) < longAgo ? relativeTo(at, now) : `${relativeTo(at, now)} (${at})`
}

/** What is forgotten is not named, not even here. */
const forgotten = ({ changes }: Recorded): string => {
  const ids = mappingsIn(changes).map(({ id }) => id)
  return ids.length === 0 ? "an account is gone for good" : `an account is gone for good, out of ${ids.join(", ")}`
}

/** A line for each thing that was changed, or for each of those that are about one mapping. */
const happened = (record: Recorded, id: Option.Option<string>): ReadonlyArray<string> => {
  if (record.action === "forget") return [forgotten(record)]
  if (record.changes.length === 0) {
    return [record.action === "import" ? "nothing but what is on record above" : "nothing that is still on record"]
  }
  return record.changes
    .filter((one) => Option.match(id, { onNone: () => true, onSome: (id) => "id" in one && String(one.id) === id }))
    .map(Plan.change)
}

const action = ({ action, undoes }: Recorded): string => (undoes === undefined ? action : `${action} of ${undoes}`)

/** A line for each thing that was changed, under a line of titles. `now` in milliseconds since 1970. */
export const text = (history: History, id: Option.Option<string>, now: number): string =>
  columns([
    ["CHANGE", "WHEN", "BY", "ACTION", "WHAT"],
    ...history.flatMap((record) =>
      happened(record, id).map((line, index) =>
        index > 0
          ? ["", "", "", "", line]
          : [String(record.sequence), when(record.at, now), printable(record.by), action(record), line]
      )
    )
  ]).join("\n")

/** The records as they stand in the journal. */
export const json = (history: History): string => Json.json(history.map(write))

/** Where there is nothing to show. */
export const nothing = (id: Option.Option<string>): string =>
  Option.match(id, {
    onNone: () => "Nothing has been changed yet. How to link accounts: warelay identity link --help",
    onSome: (id) => `No change of ${printable(id)} is on record.`
  })

/** What was done to the file without us. */
export const edited = (deleted: boolean, since: boolean): string => {
  const what = deleted ? "deleted" : "edited by hand"
  const after = since ? " after the last change on record" : ""
  return `identity-map.json was ${what}${after}; the next change puts that on record, too.`
}
