import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { printable } from "../../config/Printable.js"
import { type ChannelStatus, Kept, SessionCounts, Status, TurnedAway, type Undelivered } from "../../control/Status.js"
import { columns } from "./columns.js"
import { json } from "./json.js"
import { relative } from "./time.js"

/** A home in which no relay runs. */
export interface Stopped {
  readonly home: string
  /** Messages that the next relay answers. */
  readonly waiting: number
  readonly kept: typeof Kept.Type
  readonly sessions: typeof SessionCounts.Type
  /** The latest first. */
  readonly turnedAway: ReadonlyArray<TurnedAway>
}

type Row = readonly [title: string, text: string]

/** So many of those who were turned away are shown; `--json` has them all. */
const shown = 20

const ago = (time: DateTime.Utc, now: number): string => relative(DateTime.toEpochMillis(time), now)

const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`

/** Rows of which only the first has the title. */
const under = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<Row> =>
  lines.map((line, index) => [index === 0 ? title : "", line])

const counts = ({ answered, failed, received, refused, turnedAway, undelivered }: ChannelStatus): string =>
  [
    `${received} received`,
    `${answered} answered`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(undelivered > 0 ? [`${undelivered} not delivered`] : []),
    ...(turnedAway > 0 ? [`${turnedAway} turned away`] : [])
  ].join(", ")

const state = (status: ChannelStatus, now: number): string => {
  const { again, reason, since } = status
  const soon =
    again === undefined
      ? ""
      : `; the next attempt is in ${Math.max(0, Math.ceil((DateTime.toEpochMillis(again) - now) / 1000))} s`
  const why = reason === undefined ? "" : `: ${printable(reason)}${soon}`
  return `${status.state}, ${ago(since, now)}${why}`
}

const channels = (status: Status, now: number): ReadonlyArray<Row> =>
  under("Channels", columns(status.channels.map((one) => [one.channel, counts(one), state(one, now)])))

const undelivered = ({ at, reason, who }: Undelivered, now: number): ReadonlyArray<string> => [
  printable(who),
  ago(at, now),
  printable(reason)
]

const kept = ({ latest, undelivered: count }: typeof Kept.Type, when: string, now: number): ReadonlyArray<Row> =>
  count === 0
    ? []
    : under("Kept", [
        `${many(count, "answer")} that could not be delivered, and ${count === 1 ? "is" : "are"} tried again ${when}`,
        ...columns(latest.slice(0, shown).map((one) => undelivered(one, now)))
      ])

const sessions = (found: typeof SessionCounts.Type): Row => [
  "Sessions",
  found === null ? "sessions.json cannot be read: warelay identity doctor" : `${found.all}, of which ${found.open} open`
]

const stranger = ({ add, last, times, who }: TurnedAway, now: number): ReadonlyArray<string> => [
  printable(who),
  `${many(times, "message")}, the last ${ago(last, now)}`,
  add === null ? "cannot be listed" : `${add.to}: ["${printable(add.entry)}"]`
]

const strangers = (home: string, { turnedAway }: Pick<Status, "turnedAway">, now: number): ReadonlyArray<Row> => {
  const rest = turnedAway.length - shown
  return turnedAway.length === 0
    ? []
    : under("Turned away", [
        ...columns(turnedAway.slice(0, shown).map((one) => stranger(one, now))),
        ...(rest > 0 ? [`and ${rest} more: warelay status --json`] : []),
        `To let somebody in, add the line to ${printable(home)}/clawdis.json and start the relay again.`
      ])
}

const lines = (rows: ReadonlyArray<Row>): string => columns(rows).join("\n")

/** How a relay is. `now` in milliseconds since 1970. */
export const running = (home: string, status: Status, now: number): string => {
  const { answering, delivering, elsewhere, waiting } = status.messages
  const { lastError } = status
  return lines([
    [
      "Relay",
      `${status.stopping ? "stopping" : "running"}, version ${printable(status.version)}, started ${ago(status.since, now)}`
    ],
    ["Home", printable(home)],
    ...channels(status, now),
    [
      "Messages",
      `${waiting} waiting, ${answering} being answered, ${delivering} being delivered` +
        (elsewhere > 0 ? `, ${elsewhere} left for channels that are not served` : "")
    ],
    ...kept(status.kept, "when its provider takes another one, or at the next start", now),
    sessions(status.sessions),
    ...strangers(home, status, now),
    ...(lastError === null ? [] : [["Last error", `${ago(lastError.at, now)}: ${printable(lastError.line)}`] as const])
  ])
}

/** What is left where none runs. */
export const stopped = (found: Stopped, now: number): string =>
  lines([
    ["Relay", "not running"],
    ["Home", printable(found.home)],
    ["Messages", `${found.waiting} waiting for the next start`],
    ...kept(found.kept, "at the next start", now),
    sessions(found.sessions),
    ...strangers(found.home, found, now)
  ])

const StatusJson = Schema.encodeSync(Status)
const TurnedAwayJson = Schema.encodeSync(TurnedAway)
const KeptJson = Schema.encodeSync(Kept)

export const runningJson = (home: string, status: Status): string =>
  json({ running: true, home, ...StatusJson(status) })

export const stoppedJson = ({ home, kept, sessions, turnedAway, waiting }: Stopped): string =>
  json({
    running: false,
    home,
    messages: { waiting },
    kept: KeptJson(kept),
    sessions,
    turnedAway: turnedAway.map((one) => TurnedAwayJson(one))
  })
