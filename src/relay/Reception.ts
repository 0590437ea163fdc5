import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type Channel, ChannelFailed } from "../channels/Channel.js"
import type { Message } from "../channels/Message.js"
import { pauseAfter } from "./Backoff.js"
import { bug, logLine } from "./LogLine.js"

/** A channel that has run for so long was in order: if it fails after that, it is for the first time. */
const wellAfter = Duration.minutes(1)

const received = (channel: Channel, accept: (message: Message) => Effect.Effect<void>) =>
  channel
    .run(accept)
    .pipe(
      Effect.catchAllDefect(
        (defect) => new ChannelFailed({ channel: channel.name, reason: `a bug in the relay (${bug(defect)})` })
      )
    )

/** Receives until the channel's input has ended. As often as it fails it is tried again, later each time. */
export const receive = (channel: Channel, accept: (message: Message) => Effect.Effect<void>): Effect.Effect<void> =>
  Effect.gen(function* () {
    let failures = 0
    while (true) {
      const [ran, result] = yield* Effect.timed(Effect.either(received(channel, accept)))
      if (Either.isRight(result)) return
      failures = Duration.greaterThanOrEqualTo(ran, wellAfter) ? 1 : failures + 1
      const pause = yield* pauseAfter(failures)
      const seconds = Math.ceil(Duration.toSeconds(pause))
      yield* Effect.logError(`${logLine(result.left.message)}; trying again in ${seconds} s`)
      yield* Effect.sleep(pause)
    }
  })
