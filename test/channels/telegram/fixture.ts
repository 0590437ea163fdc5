import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { TelegramSettings } from "../../../src/channels/telegram/TelegramSettings.js"

export const settingsOf = Schema.decodeSync(TelegramSettings)

/** One turn of the event loop, in which sockets make progress; the clock of the test stands still. */
export const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Until somebody sleeps until just this time. */
export const sleeper = (until: number): Effect.Effect<void> =>
  Effect.flatMap(TestClock.sleeps(), (times) =>
    Chunk.contains(times, until) ? Effect.void : Effect.zipRight(turn, sleeper(until))
  )
