import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as MetricPair from "effect/MetricPair"
import * as MetricState from "effect/MetricState"
import * as Option from "effect/Option"
import { prefix } from "../relay/Metrics.js"
import type { ChannelStatus, Status } from "./Status.js"

type Labels = ReadonlyArray<readonly [name: string, value: string]>

interface Sample {
  /** What comes behind the metric's name: nothing, or `_bucket`, `_sum`, `_count`. */
  readonly suffix: string
  readonly labels: Labels
  readonly value: number
}

interface Family {
  readonly name: string
  readonly kind: "counter" | "gauge" | "histogram"
  readonly help: string
  readonly samples: ReadonlyArray<Sample>
}

const escaped = (value: string): string => value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')

const number = (value: number): string => (value === Number.POSITIVE_INFINITY ? "+Inf" : String(value))

const line = (name: string, { labels, suffix, value }: Sample): string => {
  const inside = labels.map(([label, text]) => `${label}="${escaped(text)}"`).join(",")
  return `${name}${suffix}${inside === "" ? "" : `{${inside}}`} ${number(value)}`
}

const lines = ({ help, kind, name, samples }: Family): ReadonlyArray<string> => [
  `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
  `# TYPE ${name} ${kind}`,
  ...samples.map((sample) => line(name, sample))
]

const gauge = (
  name: string,
  help: string,
  samples: ReadonlyArray<readonly [value: number, ...labels: Labels]>
): Family => ({
  name: `${prefix}${name}`,
  kind: "gauge",
  help,
  samples: samples.map(([value, ...labels]) => ({ suffix: "", labels, value }))
})

/** What holds at the moment. */
const gauges = ({ channels, kept, messages, sessions, since, version }: Status): ReadonlyArray<Family> => {
  return [
    gauge("info", "The version of the program", [[1, ["version", version]]]),
    gauge("start_time_seconds", "When the relay was started, in seconds since 1970", [
      [DateTime.toEpochMillis(since) / 1000]
    ]),
    gauge(
      "channel_receiving",
      "Whether messages come through the channel",
      channels.map(({ channel, state }) => [state === "receiving" ? 1 : 0, ["channel", channel]])
    ),
    gauge(
      "messages",
      "Messages that are not done with, by what they are at",
      Object.entries(messages).map(([state, count]) => [count, ["state", state]])
    ),
    gauge("answers_kept", "Answers that were given up and are kept, of messages in whatever state", [
      [kept.undelivered]
    ]),
    ...(sessions === null
      ? []
      : [
          gauge("sessions", "Conversations on record, and those that the next message would go on in", [
            [sessions.open, ["state", "open"]],
            [sessions.all - sessions.open, ["state", "over"]]
          ])
        ])
  ]
}

/** What came of the messages of a channel, and what that is called. */
const outcomes: ReadonlyArray<
  readonly [
    count: "received" | "turnedAway" | "refused" | "answered" | "failed" | "delivered" | "undelivered",
    name: string,
    help: string
  ]
> = [
  ["received", "messages_received", "New messages that were taken over"],
  ["turnedAway", "messages_turned_away", "Messages of people and groups that are not listed"],
  ["refused", "messages_refused", "Messages that were not taken because too many of the sender waited"],
  ["answered", "messages_answered", "Messages to which there was an answer"],
  ["failed", "messages_failed", "Messages to which there was none, so that an apology was sent"],
  ["delivered", "answers_delivered", "Answers that the provider has taken as a whole"],
  ["undelivered", "answers_undelivered", "Answers that the provider did not take, however often it was tried"]
]

const perChannel = (channels: ReadonlyArray<ChannelStatus>): ReadonlyArray<Family> =>
  outcomes.map(([count, name, help]) => ({
    name: `${prefix}${name}_total`,
    kind: "counter",
    help,
    samples: channels.map((report) => ({ suffix: "", labels: [["channel", report.channel]], value: report[count] }))
  }))

const samplesOf = ({ metricKey, metricState }: MetricPair.MetricPair.Untyped): ReadonlyArray<Sample> => {
  const labels = metricKey.tags.map(({ key, value }) => [key, value] as const)
  if (MetricState.isCounterState(metricState)) return [{ suffix: "", labels, value: Number(metricState.count) }]
  if (!MetricState.isHistogramState(metricState)) return []
  const { buckets, count, sum } = metricState
  return [
    ...Array.from(
      buckets,
      ([upTo, within]): Sample => ({
        suffix: "_bucket",
        labels: [...labels, ["le", number(upTo)]],
        value: within
      })
    ),
    { suffix: "_sum", labels, value: sum },
    { suffix: "_count", labels, value: count }
  ]
}

/** What has been measured since the start of the process. */
const measured = (pairs: ReadonlyArray<MetricPair.MetricPair.Untyped>): ReadonlyArray<Family> => {
  const families = new Map<string, Family>()
  for (const pair of pairs) {
    const { description, name } = pair.metricKey
    if (!name.startsWith(prefix)) continue
    const kind = MetricState.isHistogramState(pair.metricState) ? "histogram" : "counter"
    const help = Option.getOrElse(description, () => name)
    const before = families.get(name)?.samples ?? []
    families.set(name, { name, kind, help, samples: [...before, ...samplesOf(pair)] })
  }
  return Array.from(families.values())
}

/** Everything for Prometheus, in its text format (prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4). */
export const exposition = (status: Status): Effect.Effect<string> =>
  Effect.map(
    Metric.snapshot,
    (pairs) => `${[...gauges(status), ...perChannel(status.channels), ...measured(pairs)].flatMap(lines).join("\n")}\n`
  )

export const contentType = "text/plain; version=0.0.4; charset=utf-8"
