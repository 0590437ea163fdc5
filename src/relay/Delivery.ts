import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Channel, SendFailed } from "../channels/Channel.js"
import { ChannelName } from "../channels/ChannelNameSchema.js"
import type { Address } from "../channels/Message.js"
import { pauseAfter } from "./Backoff.js"
import { chunks } from "./Chunking.js"
import { logLine } from "./LogLine.js"
import * as Metrics from "./Metrics.js"

/** An answer, or the rest of one from this part on, was given up. */
export class AnswerNotDelivered extends Schema.TaggedError<AnswerNotDelivered>()("AnswerNotDelivered", {
  channel: ChannelName,
  part: Schema.Int,
  parts: Schema.Int,
  reason: Schema.String,
  /** Whether it may be taken later. */
  again: Schema.Boolean
}) {
  override get message(): string {
    const what = this.parts === 1 ? "an answer was" : `part ${this.part} of ${this.parts} of an answer was`
    const rest = this.part < this.parts ? ", so that what follows it was not sent either" : ""
    return `${what} not delivered${rest}: ${this.reason}`
  }
}

/** How long a part is worth trying for. */
const patience = Duration.minutes(5)

/** Sends one part until it is taken, refused for good, or would have to wait for too long. */
const sendPart = (channel: Channel, to: Address, part: string) =>
  Effect.gen(function* () {
    // Not what a clock on the wall shows: while a machine slept, nothing was tried.
    const started = yield* Clock.currentTimeNanos
    const attempt = (failures: number): Effect.Effect<void, SendFailed> =>
      Effect.catchTag(
        Effect.tap(channel.send(to, part), () => Metrics.sent(channel.name, "taken")),
        "SendFailed",
        (failed) =>
          Effect.gen(function* () {
            yield* Metrics.sent(channel.name, "failed")
            const pause = yield* pauseAfter(failures)
            const wait = failed.retryAfter === undefined ? pause : Duration.max(failed.retryAfter, pause)
            const spent = Duration.nanos((yield* Clock.currentTimeNanos) - started)
            if (!failed.again || Duration.greaterThan(Duration.sum(spent, wait), patience)) return yield* failed
            const seconds = Math.ceil(Duration.toSeconds(wait))
            yield* Effect.logWarning(`${logLine(failed.message)}; trying again in ${seconds} s`)
            yield* Effect.sleep(wait)
            yield* attempt(failures + 1)
          })
      )
    yield* attempt(1)
  })

/** How far an answer has been delivered before, in parts, and what to do when another part was taken and more follow. */
export interface Progress<E> {
  readonly sent: number
  readonly onSent: (parts: number) => Effect.Effect<void, E>
}

/** Sends an answer in parts that the channel takes, each after the one before it was taken. */
export const deliver = Effect.fn("Delivery.deliver")(
  <E = never>(
    channel: Channel,
    to: Address,
    answer: string,
    { onSent, sent }: Progress<E> = { sent: 0, onSent: () => Effect.void }
  ) => {
    const parts = chunks(answer, channel.limit)
    return Effect.forEach(
      Array.from(parts.entries()).slice(sent),
      ([index, part]) =>
        Effect.zipRight(
          Effect.mapError(
            sendPart(channel, to, part),
            ({ again, message: reason }) =>
              new AnswerNotDelivered({ channel: channel.name, part: index + 1, parts: parts.length, reason, again })
          ),
          index + 1 < parts.length ? onSent(index + 1) : Effect.void
        ),
      { discard: true }
    )
  }
)
