import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { SendFailed } from "../../src/channels/Channel.js"
import { Address } from "../../src/channels/Message.js"
import { deliver } from "../../src/relay/Delivery.js"
import * as TestChannel from "../support/channel.js"
import { nextAttempt, settled } from "./fixture.js"

const to = Address.make("<42>")
const failed = (again: boolean, retryAfter?: Duration.DurationInput) =>
  new SendFailed({
    channel: "telegram",
    reason: "no",
    again,
    ...(retryAfter === undefined ? {} : { retryAfter: Duration.decode(retryAfter) })
  })

const partsOf = (sent: ReadonlyArray<TestChannel.Sent>) => sent.map(({ part }) => part)

describe("deliver", () => {
  it.effect("an answer goes to its address in parts that the channel takes, in order", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("telegram", { limit: 7 })
      yield* deliver(channel, to, "one two three four")
      assert.deepStrictEqual(
        yield* channel.allSent,
        ["one two", "three", "four"].map((part) => ({ to, part }))
      )
    })
  )

  it.scoped("what is worth another attempt is tried again later each time, and the parts stay in order", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("telegram", { limit: 5 })
      yield* channel.failSends(failed(true), failed(true))
      const fiber = yield* Effect.fork(deliver(channel, to, "first last"))
      yield* settled
      const first = yield* nextAttempt
      assert.isTrue(first >= 750 && first <= 1_000)
      assert.deepStrictEqual(yield* channel.allSent, [])
      const second = yield* nextAttempt
      assert.isTrue(second >= 1_500 && second <= 2_000)
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(partsOf(yield* channel.allSent), ["first", "last"])
    })
  )

  it.scoped("no attempt is made before the time that the provider names", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("telegram")
      yield* channel.failSends(failed(true, "30 seconds"))
      const fiber = yield* Effect.fork(deliver(channel, to, "Hello"))
      yield* TestClock.adjust("29999 millis")
      assert.deepStrictEqual(yield* channel.allSent, [])
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(partsOf(yield* channel.allSent), ["Hello"])
    })
  )

  it.scoped("what is refused for good is not tried again, and what comes after it is not sent", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("telegram", { limit: 5 })
      yield* channel.failSends(Effect.void, failed(false))
      const error = yield* Effect.flip(deliver(channel, to, "first again last"))
      assert.strictEqual(
        error.message,
        "part 2 of 3 of an answer was not delivered, so that what follows it was not sent either: telegram did not take the answer: no"
      )
      assert.deepStrictEqual(yield* channel.allSent, [])
      yield* channel.failSends(failed(false))
      const alone = yield* Effect.flip(deliver(channel, to, "first"))
      assert.strictEqual(alone.message, "an answer was not delivered: telegram did not take the answer: no")
    })
  )

  it.scoped("a provider that asks for more than five minutes, or fails for so long, is given up", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("telegram")
      yield* channel.failSends(failed(true, "6 minutes"))
      assert.strictEqual((yield* Effect.flip(deliver(channel, to, "Hello")))._tag, "AnswerNotDelivered")
      yield* channel.failSends(...Array.from({ length: 100 }, () => failed(true)))
      const fiber = yield* Effect.fork(Effect.flip(deliver(channel, to, "Hello")))
      yield* TestClock.adjust("3 minutes")
      assert.isNull(fiber.unsafePoll())
      yield* TestClock.adjust("2 minutes")
      yield* settled
      assert.isNotNull(fiber.unsafePoll())
    })
  )

  it.scoped("an answer that is being tried again is not given up because the machine slept, or its clock was set", () =>
    Effect.gen(function* () {
      const channel = yield* TestChannel.make("telegram")
      const clock = yield* Effect.clock
      let ahead = 0
      yield* channel.failSends(failed(true), failed(true))
      const fiber = yield* Effect.fork(
        Effect.withClock(deliver(channel, to, "Hello"), {
          [Clock.ClockTypeId]: Clock.ClockTypeId,
          sleep: (duration) => clock.sleep(duration),
          unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis() + ahead,
          unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
          currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + ahead),
          currentTimeNanos: clock.currentTimeNanos
        })
      )
      yield* settled
      ahead = Duration.toMillis("8 hours")
      yield* nextAttempt
      yield* nextAttempt
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(partsOf(yield* channel.allSent), ["Hello"])
    })
  )

  it.scoped(
    "of every part but the last it is said that it was sent: after that one there is nothing to go on with",
    () =>
      Effect.gen(function* () {
        const channel = yield* TestChannel.make("telegram", { limit: 7 })
        const said: Array<number> = []
        const progress = { sent: 1, onSent: (parts: number) => Effect.sync(() => void said.push(parts)) }
        yield* deliver(channel, to, "one two three four", progress)
        assert.deepStrictEqual(said, [2])
        yield* deliver(channel, to, "one", { ...progress, sent: 0 })
        assert.deepStrictEqual(said, [2])
      })
  )
})
