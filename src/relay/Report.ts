import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import { Channels } from "../channels/Channel.js"
import type { ChannelName } from "../channels/ChannelName.js"
import { Happening } from "./Happening.js"
import { logLine } from "./LogLine.js"
import * as Metrics from "./Metrics.js"
import type { StrangerList } from "./StrangerList.js"
import { Strangers } from "./Strangers.js"

/** How a channel does. Times in milliseconds since 1970. */
export interface ChannelReport {
  readonly channel: ChannelName
  readonly state: "connecting" | "receiving" | "failing" | "ended"
  /** Since when it is in this state. */
  readonly since: number
  /** Why it is failing, as a line for the log, and when it tries again by itself. */
  readonly reason?: string
  readonly again?: number
  /** How many messages came to what, since the relay was started. */
  readonly received: number
  readonly answered: number
  readonly failed: number
  readonly refused: number
  readonly turnedAway: number
  readonly delivered: number
  readonly undelivered: number
}

/** What a relay knows of itself. Whom it has turned away stands here in full, and in no log. */
export interface Findings {
  readonly since: number
  readonly stopping: boolean
  readonly channels: ReadonlyArray<ChannelReport>
  /** The latest last. */
  readonly strangers: StrangerList
  /** The last line of the log that was an error. */
  readonly lastError: Option.Option<{ readonly at: number; readonly line: string }>
}

export class Report extends Context.Tag("warelay/relay/Report")<
  Report,
  {
    /** Takes note of what happens, and counts it; never waits. */
    readonly note: (happening: Happening) => Effect.Effect<void>
    /** Everything noted up to now. */
    readonly findings: Effect.Effect<Findings>
  }
>() {}

type Change = (report: ChannelReport) => ChannelReport

const into =
  (now: number, state: ChannelReport["state"]): Change =>
  ({ again: _, reason: __, ...report }) => ({ ...report, state, since: report.state === state ? report.since : now })

const count =
  (name: "received" | "answered" | "failed" | "refused" | "turnedAway" | "delivered" | "undelivered"): Change =>
  (report) => ({ ...report, [name]: report[name] + 1 })

/** Which channel it is about, and what changes in its report. */
const changeBy = (happening: Happening, now: number): Option.Option<readonly [ChannelName, Change]> =>
  Happening.$match(happening, {
    Opened: ({ channel }) => Option.some([channel, into(now, "receiving")] as const),
    Failed: ({ again, channel, reason }) =>
      Option.some([
        channel,
        (report: ChannelReport) => ({
          ...into(now, "failing")(report),
          reason,
          ...(again === undefined ? {} : { again })
        })
      ] as const),
    Ended: ({ channel }) => Option.some([channel, into(now, "ended")] as const),
    Stopping: () => Option.none(),
    TurnedAway: ({ message }) => Option.some([message.channel, count("turnedAway")] as const),
    Received: ({ message }) => Option.some([message.channel, count("received")] as const),
    Refused: ({ message }) => Option.some([message.channel, count("refused")] as const),
    Answered: ({ given, message }) => Option.some([message.channel, count(given ? "answered" : "failed")] as const),
    Delivered: ({ message }) => Option.some([message.channel, count("delivered")] as const),
    Undelivered: ({ message }) => Option.some([message.channel, count("undelivered")] as const)
  })

const nothing = { received: 0, answered: 0, failed: 0, refused: 0, turnedAway: 0, delivered: 0, undelivered: 0 }

/** In this process. Whatever is logged as an error while it is there counts as the last error. */
export const layer: Layer.Layer<Report, never, Channels | Strangers> = Layer.unwrapEffect(
  Effect.gen(function* () {
    const served = yield* Channels
    const strangers = yield* Strangers
    const since = yield* Clock.currentTimeMillis
    const channels = new Map<ChannelName, ChannelReport>(
      served.map(({ name }) => [name, { channel: name, state: "connecting", since, ...nothing }])
    )
    let stopping = false
    let lastError: Findings["lastError"] = Option.none()

    const keepError = Logger.make(({ date, logLevel, message }) => {
      if (LogLevel.lessThan(logLevel, LogLevel.Error)) return
      const line = [message].flat().map((part) => Inspectable.toStringUnknown(part, 0))
      lastError = Option.some({ at: date.getTime(), line: logLine(line.join(" ")) })
    })

    const note = (happening: Happening) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (happening._tag === "Stopping") stopping = true
        for (const [name, change] of Option.toArray(changeBy(happening, now))) {
          const report = channels.get(name)
          if (report !== undefined) channels.set(name, change(report))
        }
        const turnedAway = happening._tag === "TurnedAway" ? strangers.see(happening.message, now) : Effect.void
        const measured = happening._tag === "Answered" ? Metrics.answered(happening.took) : Effect.void
        return Effect.zipRight(turnedAway, measured)
      })

    yield* Effect.forEach(channels.keys(), Metrics.begin, { discard: true })
    const report = Report.of({
      note,
      findings: Effect.map(strangers.all, (strangers) => ({
        since,
        stopping,
        channels: Array.from(channels.values()),
        strangers,
        lastError
      }))
    })
    return Layer.merge(Layer.succeed(Report, report), Logger.add(keepError))
  })
)
