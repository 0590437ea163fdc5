import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as MetricPair from "effect/MetricPair"
import * as MetricState from "effect/MetricState"
import * as Option from "effect/Option"
import { prefix } from "../relay/Metrics.js"
import type { Status } from "./Status.js"

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
  const { answering, delivering, elsewhere, waiting } = messages
  const states = { waiting, answering, delivering, elsewhere, undelivered: kept.undelivered }
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
      Object.entries(states).map(([state, count]) => [count, ["state", state]])
    ),
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

/** What has been counted since the start of the process. */
const counted = (pairs: ReadonlyArray<MetricPair.MetricPair.Untyped>): ReadonlyArray<Family> => {
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
  Effect.map(Metric.snapshot, (pairs) => `${[...gauges(status), ...counted(pairs)].flatMap(lines).join("\n")}\n`)

export const contentType = "text/plain; version=0.0.4; charset=utf-8"
