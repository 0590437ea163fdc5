import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as WhatsAppUnsent from "../../../src/channels/whatsapp/WhatsAppUnsent.js"

describe("WhatsAppUnsent", () => {
  it.effect(
    "an id is handed out once, to the same text in the same chat, for as long as an answer is tried again",
    () =>
      Effect.gen(function* () {
        const { put, take } = yield* WhatsAppUnsent.make
        yield* put("1@lid", "Hello", "A")
        assert.isUndefined(yield* take("2@lid", "Hello"))
        assert.isUndefined(yield* take("1@lid", "Bye"))
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual(yield* take("1@lid", "Hello"), "A")
        assert.isUndefined(yield* take("1@lid", "Hello"))
        yield* put("1@lid", "Hello", "B")
        yield* TestClock.adjust("7 minutes")
        assert.isUndefined(yield* take("1@lid", "Hello"))
      })
  )

  it.effect(
    "an answer that is tried again after the machine slept has its id still, so that it is not shown twice",
    () =>
      Effect.gen(function* () {
        const { put, take } = yield* WhatsAppUnsent.make
        yield* put("1@lid", "Hello", "A")
        const clock = yield* Effect.clock
        const found = yield* Effect.withClock(take("1@lid", "Hello"), {
          [Clock.ClockTypeId]: Clock.ClockTypeId,
          sleep: (duration) => clock.sleep(duration),
          unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis() + 8 * 60 * 60 * 1000,
          unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
          currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + 8 * 60 * 60 * 1000),
          currentTimeNanos: clock.currentTimeNanos
        })
        assert.strictEqual(found, "A")
      })
  )
})
