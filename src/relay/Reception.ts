import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type Accept, type Channel, ChannelFailed, type Signals } from "../channels/Channel.js"
import { pauseAfter } from "./Backoff.js"
import { Happening } from "./Happening.js"
import { bug, logLine } from "./LogLine.js"
import type { Report } from "./Report.js"

/** A channel that has run for so long was in order: if it fails after that, it is for the first time. */
const wellAfter = Duration.minutes(1)

const received = (channel: Channel, accept: Accept, signals: Signals) =>
  channel
    .run(accept, signals)
    .pipe(
      Effect.catchAllDefect(
        (defect) => new ChannelFailed({ channel: channel.name, reason: `a bug in the relay (${bug(defect)})` })
      )
    )

/** Receives until the channel's input has ended. As often as it fails it is tried again, later each time. */
export const receive = (
  channel: Channel,
  accept: Accept,
  { note }: Pick<Report["Type"], "note">
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { name } = channel
    const signals: Signals = {
      opened: note(Happening.Opened({ channel: name })),
      lost: (reason) => note(Happening.Failed({ channel: name, reason: logLine(reason) }))
    }
    let failures = 0
    while (true) {
      const [ran, result] = yield* Effect.timed(Effect.either(received(channel, accept, signals)))
      if (Either.isRight(result)) return yield* note(Happening.Ended({ channel: name }))
      failures = Duration.greaterThanOrEqualTo(ran, wellAfter) ? 1 : failures + 1
      const pause = yield* pauseAfter(failures)
      const seconds = Math.ceil(Duration.toSeconds(pause))
      const again = (yield* Clock.currentTimeMillis) + Duration.toMillis(pause)
      yield* note(Happening.Failed({ channel: name, reason: logLine(result.left.reason), again }))
      yield* Effect.logError(`${logLine(result.left.message)}; trying again in ${seconds} s`)
      yield* Effect.sleep(pause)
    }
  })
