import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type { ChannelName } from "../channels/Message.js"
import { Happening } from "./Happening.js"

/** What the names of all metrics begin with. */
export const prefix = "warelay_"

const perChannel = (name: string, description: string) => {
  const counter = Metric.counter(`${prefix}${name}_total`, { description, incremental: true })
  return (channel: ChannelName, by = 1) => Metric.incrementBy(Metric.tagged(counter, "channel", channel), by)
}

const messages = {
  Received: perChannel("messages_received", "New messages that were taken over"),
  TurnedAway: perChannel("messages_turned_away", "Messages of people and groups that are not listed"),
  Refused: perChannel("messages_refused", "Messages that were not taken because too many of the sender waited"),
  Delivered: perChannel("answers_delivered", "Answers that the provider has taken as a whole"),
  Undelivered: perChannel("answers_undelivered", "Answers that the provider did not take, however often it was tried")
}

const answered = perChannel("messages_answered", "Messages to which there was an answer")
const failed = perChannel("messages_failed", "Messages to which there was none, so that an apology was sent")
const takenSends = Metric.counter(`${prefix}sends_total`, {
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
  Metric.incrementBy(takenSends.pipe(Metric.tagged("channel", channel), Metric.tagged("outcome", outcome)), by)

/** All counters of a channel exist from the start, so that the first message can be told from a gap. */
export const begin = (channel: ChannelName): Effect.Effect<void> =>
  Effect.all(
    [
      ...Object.values(messages).map((count) => count(channel, 0)),
      answered(channel, 0),
      failed(channel, 0),
      sent(channel, "taken", 0),
      sent(channel, "failed", 0)
    ],
    { discard: true }
  )

/** Counts what happens. Nobody is named. */
export const measure: (happening: Happening) => Effect.Effect<void> = Happening.$match({
  Opened: () => Effect.void,
  Failed: () => Effect.void,
  Ended: () => Effect.void,
  Stopping: () => Effect.void,
  TurnedAway: ({ _tag, message }) => messages[_tag](message.channel),
  Received: ({ _tag, message }) => messages[_tag](message.channel),
  Refused: ({ _tag, message }) => messages[_tag](message.channel),
  Delivered: ({ _tag, message }) => messages[_tag](message.channel),
  Undelivered: ({ _tag, message }) => messages[_tag](message.channel),
  Answered: ({ given, message, took }) =>
    Effect.zipRight((given ? answered : failed)(message.channel), Metric.update(turn, took / 1000))
})
