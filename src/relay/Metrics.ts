import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type { ChannelName } from "../channels/ChannelName.js"

/** What the names of all metrics begin with. */
export const prefix = "warelay_"

const sends = Metric.counter(`${prefix}sends_total`, {
  description: "Parts of answers that were handed to the provider, by outcome: taken, failed",
  incremental: true
})

const turn = Metric.histogram(
  `${prefix}turn_duration_seconds`,
  MetricBoundaries.fromIterable([0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600]),
  "How long it took until there was an answer, failures included"
)

/** An attempt to send a part. */
export const sent = (channel: ChannelName, outcome: "taken" | "failed", by = 1): Effect.Effect<void> =>
  Metric.incrementBy(sends.pipe(Metric.tagged("channel", channel), Metric.tagged("outcome", outcome)), by)

/** The counters of a channel exist from the start, so that the first part can be told from a gap. */
export const begin = (channel: ChannelName): Effect.Effect<void> =>
  Effect.zipRight(sent(channel, "taken", 0), sent(channel, "failed", 0))

/** There is something to answer; `took` in milliseconds. */
export const answered = (took: number): Effect.Effect<void> => Metric.update(turn, took / 1000)
