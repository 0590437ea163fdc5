import { assert, describe, it } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Inbox from "../../src/relay/Inbox.js"
import * as Log from "../../src/storage/Log.js"
import { StorageFailed } from "../../src/storage/StorageError.js"
import * as Recent from "../../src/relay/Recent.js"
import { direct } from "../support/channel.js"

describe("Inbox", () => {
  it.effect("a message is new once, however often and from however many at once it comes", () =>
    Effect.gen(function* () {
      const { accept } = yield* Inbox.Inbox
      const message = direct("telegram", "telegram:42", "Hello")
      const all = yield* Effect.all(
        Array.from({ length: 10 }, () => accept(message)),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(all.filter((isNew) => isNew).length, 1)
      assert.isFalse(yield* accept(message))
    }).pipe(Effect.provide(Inbox.layerMemory))
  )

  it.effect("equal ids in two channels are two messages, and two equal texts are", () =>
    Effect.gen(function* () {
      const { accept } = yield* Inbox.Inbox
      assert.isTrue(yield* accept(direct("telegram", "telegram:42", "Hello", { id: "1" })))
      assert.isTrue(yield* accept(direct("twilio", "+1234567890", "Hello", { id: "1" })))
      assert.isTrue(yield* accept(direct("telegram", "telegram:42", "Hello", { id: "2" })))
    }).pipe(Effect.provide(Inbox.layerMemory))
  )

  it.effect("who opens it after the end of the process finds what was left, how far each had come, in order", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      const message = (id: string) => direct("telegram", "telegram:42", `text ${id}`, { id })
      const [first, second, third, fourth, fifth] = [
        message("1"),
        message("2"),
        message("3"),
        message("4"),
        message("5")
      ]
      const messages = [first, second, third, fourth, fifth]
      const before = yield* Inbox.make(log)
      for (const message of messages) yield* before.accept(message)
      yield* before.answered(second, "two")
      yield* before.answered(third, "three, long")
      yield* before.sent(third, 2)
      yield* before.answered(fourth, "four")
      yield* before.undelivered(fourth, "nobody there")
      yield* before.done(fifth)
      const after = yield* Inbox.make(log)
      const left = yield* after.left
      deepStrictEqual(
        left.map(({ answer, message, undelivered }) => [message, answer, undelivered]),
        [
          [first, Option.none(), Option.none()],
          [second, Option.some({ text: "two", sent: 0 }), Option.none()],
          [third, Option.some({ text: "three, long", sent: 2 }), Option.none()],
          [fourth, Option.some({ text: "four", sent: 0 }), Option.some("nobody there")]
        ]
      )
      for (const message of messages) assert.isFalse(yield* after.accept(message))
      assertNone(yield* after.find(fifth))
    })
  )

  it.effect("a message that could not be kept is not taken, and is taken when it comes again", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      let full = true
      const error = new StorageFailed({ file: "inbox.ndjson", doing: "saving", code: "ENOSPC", state: "unchanged" })
      const append: Log.Log["append"] = (lines, durable) => (full ? Effect.fail(error) : log.append(lines, durable))
      const inbox = yield* Inbox.make({ ...log, append })
      const message = direct("telegram", "telegram:42", "Hello")
      const both = yield* Effect.all([inbox.accept(message), inbox.accept(message)].map(Effect.flip), {
        concurrency: "unbounded"
      })
      deepStrictEqual(both, [error, error])
      deepStrictEqual(yield* inbox.left, [])
      full = false
      assert.isTrue(yield* inbox.accept(message))
    })
  )

  it.effect("what was done with while the disk was full is not done again after the next start", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      let full = false
      const error = new StorageFailed({ file: "inbox.ndjson", doing: "saving", code: "ENOSPC", state: "unchanged" })
      const append: Log.Log["append"] = (lines, durable) => (full ? Effect.fail(error) : log.append(lines, durable))
      const inbox = yield* Inbox.make({ ...log, append })
      const message = (id: string) => direct("telegram", "telegram:42", id, { id })
      const [first, second, third] = [message("1"), message("2"), message("3")]
      yield* Effect.forEach([first, second], inbox.accept)
      full = true
      yield* Effect.flip(inbox.answered(first, "one"))
      deepStrictEqual(yield* Effect.flip(inbox.done(first)), error)
      yield* Effect.flip(inbox.done(second))
      yield* Effect.flip(inbox.accept(third))
      full = false
      assert.isTrue(yield* inbox.accept(third))
      const after = yield* Inbox.make(log)
      deepStrictEqual(
        (yield* after.left).map(({ message }) => message),
        [third]
      )
      assert.isFalse(yield* after.accept(first))
    })
  )

  it.effect("what is accepted is durable; what waits for the device meanwhile is written with it", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      const written: Array<readonly [number, boolean]> = []
      const append: Log.Log["append"] = (lines, durable) =>
        Effect.zipRight(
          Effect.sync(() => void written.push([lines.length, durable])),
          Effect.zipRight(Effect.yieldNow(), log.append(lines, durable))
        )
      const inbox = yield* Inbox.make({ ...log, append })
      const messages = Array.from({ length: 50 }, () => direct("telegram", "telegram:42", "Hello"))
      yield* Effect.forEach(messages, inbox.accept, { concurrency: "unbounded" })
      assert.isBelow(written.length, 10)
      assert.isTrue(written.every(([, durable]) => durable))
      yield* inbox.done(messages[0] ?? direct("telegram", "telegram:42", ""))
      deepStrictEqual(written.at(-1), [1, false])
    })
  )

  it.effect("half a line, of a process that was killed, is passed over; any other that cannot be read is named", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      const inbox = yield* Inbox.make(log)
      yield* inbox.accept(direct("telegram", "telegram:42", "Hello", { id: "1" }))
      yield* log.add("remove", { closed: [], open: '{"received":{"chan' })
      const again = yield* Inbox.make(log)
      assert.strictEqual((yield* again.left).length, 1)
      assertNone((yield* log.all).open)
      yield* log.append(["nonsense"], true)
      const error = yield* Effect.flip(Inbox.make(log))
      assert.include(error.message, "memory, line 2, column 1")
    })
  )

  it.effect("the log is made shorter while it runs, and nothing is lost by that", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      const inbox = yield* Inbox.make(log)
      const open = direct("telegram", "telegram:42", "still open", { id: "open" })
      yield* inbox.accept(open)
      yield* inbox.answered(open, "soon")
      for (let n = 0; n < 1_000; n++) {
        const message = direct("telegram", "telegram:42", "x".repeat(100), { id: `${n}` })
        yield* inbox.accept(message)
        yield* inbox.answered(message, "y".repeat(100))
        yield* inbox.sent(message, 1)
        yield* inbox.done(message)
      }
      const { closed } = yield* log.all
      assert.isBelow(closed.length, 3_500)
      const again = yield* Inbox.make(log)
      deepStrictEqual(yield* again.left, yield* inbox.left)
      assert.isFalse(yield* again.accept(direct("telegram", "telegram:42", "x", { id: "0" })))
      // By then no provider delivers it again.
      yield* TestClock.adjust("8 days")
      for (let n = 0; n < 2_000; n++) {
        const message = direct("twilio", "+1234567890", "z", { id: `later ${n}` })
        yield* again.accept(message)
        yield* again.done(message)
      }
      assert.isTrue(yield* again.accept(direct("telegram", "telegram:42", "x", { id: "0" })))
      assert.isFalse(yield* again.accept(open))
    })
  )

  it.effect("few messages that are very long leave no log that would be too large to be read at the next start", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      const inbox = yield* Inbox.make(log)
      for (let n = 0; n < 100; n++) {
        const message = direct("whatsapp", "whatsapp:+1234567890", "€".repeat(65_536), { id: `${n}` })
        yield* inbox.accept(message)
        yield* inbox.answered(message, "€".repeat(100_000))
        yield* inbox.done(message)
      }
      const { closed } = yield* log.all
      assert.isBelow(closed.join("\n").length, 1_000_000)
      assert.isFalse(yield* inbox.accept(direct("whatsapp", "whatsapp:+1234567890", "x", { id: "0" })))
    })
  )

  it.effect("a log that cannot be made shorter is not tried anew with every message", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      const error = new StorageFailed({ file: "inbox.ndjson", doing: "saving", code: "ENOSPC", state: "unchanged" })
      let attempts = 0
      yield* log.append(['{"done":"telegram 0","at":0}'], true)
      const cramped = yield* Inbox.make({ ...log, replace: () => Effect.suspend(() => ((attempts += 1), error)) })
      assert.strictEqual(attempts, 0)
      for (let n = 0; n < 1_000; n++) {
        const message = direct("telegram", "telegram:42", "x".repeat(1_000), { id: `${n}` })
        yield* cramped.accept(message)
        yield* cramped.done(message)
      }
      assert.isAtLeast(attempts, 2)
      assert.isAtMost(attempts, 6)
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)))
  )

  it.effect("what is remembered is bounded, and the oldest is forgotten first", () =>
    Effect.gen(function* () {
      const isNew = yield* Recent.make(3)
      for (const name of ["a", "b", "c", "d"]) assert.isTrue(yield* isNew(name))
      assert.isFalse(yield* isNew("b"))
      assert.isFalse(yield* isNew("d"))
      assert.isTrue(yield* isNew("a"))
      assert.isTrue(yield* isNew("b"))
    })
  )
})
