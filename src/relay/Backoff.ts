import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

const first = Duration.toMillis("1 second")
const longest = Duration.toMillis("1 minute")

/**
 * How long to wait before the next attempt after so many failures in a row: from one second, twice as long each time, to
 * one minute, less up to a quarter by chance, so that not everybody who waits for the same server comes back at once.
 */
export const pauseAfter = (failures: number): Effect.Effect<Duration.Duration> =>
  Effect.map(Random.nextRange(0.75, 1), (share) =>
    Duration.millis(Math.round(Math.min(first * 2 ** (failures - 1), longest) * share))
  )
