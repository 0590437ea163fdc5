import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { type Channel, ChannelFailed } from "../../src/channels/Channel.js"
import { receive } from "../../src/relay/Reception.js"
import { withLogs } from "../support/logs.js"
import * as TestChannel from "../support/channel.js"
import { nextAttempt, settled } from "./fixture.js"

const failure = new ChannelFailed({ channel: "telegram", reason: "no connection for +1234567890" })
const ignore = () => Effect.void
const unnoted = { note: () => Effect.void }

/** Fails at once, so often. */
const broken = (channel: TestChannel.TestChannel, times: number) =>
  Effect.replicateEffect(channel.breakDown(failure), times, { discard: true })

describe("receive", () => {
  it.scoped("a channel that fails is tried again, later each time, at most a minute later", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("telegram")
      yield* broken(channel, 20)
      yield* Effect.forkScoped(receive(channel, ignore, unnoted))
      yield* settled
      const waits = yield* Effect.replicateEffect(nextAttempt, 10)
      assert.strictEqual(channel.seen.starts, 11)
      for (const [index, wait] of waits.entries()) {
        const longest = Math.min(1_000 * 2 ** index, 60_000)
        assert.isAtLeast(wait, longest * 0.75)
        assert.isAtMost(wait, longest)
      }
    })
  )

  it.scoped("after a minute in order, a failure counts as the first", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("telegram")
      yield* broken(channel, 5)
      yield* Effect.forkScoped(receive(channel, ignore, unnoted))
      yield* settled
      yield* Effect.replicateEffect(nextAttempt, 5)
      yield* TestClock.adjust("59 seconds")
      yield* broken(channel, 1)
      yield* settled
      assert.isAtLeast(yield* nextAttempt, 24_000)
      yield* TestClock.adjust("1 minute")
      yield* broken(channel, 1)
      yield* settled
      assert.isAtMost(yield* nextAttempt, 1_000)
    })
  )

  it.scoped("its end is the end, and not tried again", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("telegram")
      const fiber = yield* Effect.fork(receive(channel, ignore, unnoted))
      yield* channel.end
      yield* Fiber.join(fiber)
      assert.strictEqual(channel.seen.starts, 1)
    })
  )

  it.scoped("each failure is one line in the log, masked, with the time of the next attempt", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const channel = yield* TestChannel.make("telegram")
        yield* broken(channel, 2)
        yield* Effect.forkScoped(receive(channel, ignore, unnoted))
        yield* TestClock.adjust("1 second")
        assert.lengthOf(lines, 2)
        assert.include(lines[0], "telegram: no connection for …7890; trying again in 1 s")
        assert.include(lines[1], "trying again in 2 s")
        assert.notInclude(lines.join("\n"), "1234567890")
      })
    )
  )

  it.scoped("a bug in a channel is a failure of that channel, and its own words are not logged", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const defect = new TypeError("cannot read 'Dear Claude' of +1234567890")
        let starts = 0
        const channel: Channel = {
          ...(yield* TestChannel.make("telegram")),
          run: () => Effect.suspend(() => (++starts === 1 ? Effect.die(defect) : Effect.never))
        }
        yield* Effect.forkScoped(receive(channel, ignore, unnoted))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(starts, 2)
        assert.lengthOf(lines, 1)
        assert.include(lines[0], "a bug in the relay (TypeError")
        assert.include(lines[0], "Reception.test.ts")
        assert.notInclude(lines[0], "Claude")
        assert.notInclude(lines[0], "1234567890")
      })
    )
  )
})
