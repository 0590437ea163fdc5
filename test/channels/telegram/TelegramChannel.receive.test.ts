import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import type { Accept, Channel } from "../../../src/channels/Channel.js"
import { Address, type Message } from "../../../src/channels/Message.js"
import * as TelegramChannel from "../../../src/channels/telegram/TelegramChannel.js"
import { withLogs } from "../../support/logs.js"
import * as TelegramServer from "../../support/telegram-server.js"
import { settingsOf, sleeper, turn } from "./fixture.js"

const { john } = TelegramServer
const family = { id: -100123, title: "Family" }

const setup = Effect.gen(function* () {
  const telegram = yield* TelegramServer.make()
  const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }), telegram.token)
  const inbox = yield* Queue.unbounded<Message>()
  return { telegram, channel, inbox, accept: (message: Message) => Queue.offer(inbox, message) }
})

const polls = (seen: TelegramServer.Seen) => seen.calls.filter(({ method }) => method === "getUpdates")
const offsets = (seen: TelegramServer.Seen) => polls(seen).map(({ payload }) => payload["offset"])

const reasonOf = (channel: Channel, accept: Accept = () => Effect.void) =>
  Effect.map(Effect.flip(channel.run(accept)), ({ reason }) => reason)

describe("TelegramChannel receives", () => {
  it.scoped("a message comes in as the person wrote it", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      yield* Effect.fork(channel.run(accept))
      yield* telegram.say(john, "Hello 👋")
      yield* telegram.sayIn(family, john, "@warelay_test_bot all of you")
      const first = yield* Queue.take(inbox)
      const second = yield* Queue.take(inbox)
      assert.deepInclude(first, { channel: "telegram", author: "telegram:123456789", text: "Hello 👋" })
      assert.deepStrictEqual(first.sender.aliases, ["telegram:@john"])
      assert.deepStrictEqual([second.address, second.text], [Address.make(`${family.id}`), "all of you"])
    })
  )

  it.scoped("what came while nobody listened is received in its order", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      for (const text of ["one", "two", "three"]) yield* telegram.say(john, text)
      yield* Effect.fork(channel.run(accept))
      const texts = yield* Effect.replicateEffect(Queue.take(inbox), 3)
      assert.deepStrictEqual(
        texts.map(({ text }) => text),
        ["one", "two", "three"]
      )
    })
  )

  it.scoped("only messages are asked for", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      yield* Effect.fork(channel.run(accept))
      const seen = yield* telegram.until(({ waiting }) => waiting === 1)
      assert.deepInclude(polls(seen)[0]?.payload, { allowed_updates: ["message"], timeout: 50 })
    })
  )

  it.scoped("a webhook that is left from before is removed, and what waits for it is fetched", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { telegram, channel, inbox, accept } = yield* setup
        yield* telegram.setWebhook(true)
        yield* telegram.say(john, "Hello")
        yield* Effect.fork(channel.run(accept))
        assert.strictEqual((yield* Queue.take(inbox)).text, "Hello")
        const seen = yield* telegram.until(({ waiting }) => waiting === 1)
        assert.deepStrictEqual(
          seen.calls.map(({ method }) => method),
          ["getMe", "getUpdates", "deleteWebhook", "getUpdates", "getUpdates"]
        )
        assert.match(lines.join("\n"), /this bot had a webhook, which is removed/)
      })
    )
  )

  it.scoped("a message is confirmed only after it was accepted", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      const asked = yield* Deferred.make<void>()
      const allow = yield* Deferred.make<void>()
      const id = yield* telegram.say(john, "Hello")
      yield* Effect.fork(
        channel.run(() => Deferred.succeed(asked, undefined).pipe(Effect.zipRight(Deferred.await(allow))))
      )
      yield* Deferred.await(asked)
      yield* Effect.replicateEffect(turn, 20)
      const before = yield* telegram.seen
      assert.deepStrictEqual([before.unconfirmed, offsets(before)], [[id], [0]])
      yield* Deferred.succeed(allow, undefined)
      const after = yield* telegram.until(({ waiting }) => waiting === 1)
      assert.deepStrictEqual([after.unconfirmed, offsets(after)], [[], [0, id + 1]])
    })
  )

  it.scoped("a message that was not accepted is delivered again, and those before it are not", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      const stuck = yield* Deferred.make<void>()
      const first = yield* telegram.say(john, "accepted")
      const second = yield* telegram.say(john, "interrupted")
      const running = yield* Effect.fork(
        channel.run((message) =>
          message.text === "accepted"
            ? accept(message)
            : Effect.zipRight(Deferred.succeed(stuck, undefined), Effect.never)
        )
      )
      yield* Deferred.await(stuck)
      assert.strictEqual((yield* Queue.take(inbox)).text, "accepted")
      yield* Fiber.interrupt(running)
      // Confirmed on the way out, for another process knows nothing of what this one has accepted.
      assert.deepStrictEqual((yield* telegram.seen).unconfirmed, [second])

      const next = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }), telegram.token)
      yield* Effect.fork(next.run(accept))
      assert.strictEqual((yield* Queue.take(inbox)).text, "interrupted")
      assert.isAbove(second, first)
    })
  )

  it.scoped("nothing is confirmed on the way out if nothing was accepted", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      const stuck = yield* Deferred.make<void>()
      const id = yield* telegram.say(john, "Hello")
      const running = yield* Effect.fork(
        channel.run(() => Effect.zipRight(Deferred.succeed(stuck, undefined), Effect.never))
      )
      yield* Deferred.await(stuck)
      yield* Fiber.interrupt(running)
      const seen = yield* telegram.seen
      assert.deepStrictEqual([seen.unconfirmed, offsets(seen)], [[id], [0]])
    })
  )

  it.scoped("a server that does not answer does not hold up the end for more than two seconds", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      const stuck = yield* Deferred.make<void>()
      yield* telegram.say(john, "accepted")
      yield* telegram.say(john, "interrupted")
      const running = yield* Effect.fork(
        channel.run((message) =>
          message.text === "accepted"
            ? accept(message)
            : Effect.zipRight(Deferred.succeed(stuck, undefined), Effect.never)
        )
      )
      yield* Deferred.await(stuck)
      yield* telegram.fail("getUpdates", TelegramServer.silence)
      const ending = yield* Effect.fork(Fiber.interrupt(running))
      yield* sleeper(2000)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(ending)
      yield* telegram.until(({ aborted }) => aborted === 1)
    })
  )

  it.scoped("a second run goes on where the first one broke off", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      const id = yield* telegram.say(john, "one")
      yield* telegram.fail("getUpdates", TelegramServer.result([update(id, "one")]), TelegramServer.drop)
      yield* Effect.flip(channel.run(accept))
      yield* Effect.fork(channel.run(accept))
      const seen = yield* telegram.until(({ waiting }) => waiting === 1)
      assert.deepStrictEqual(offsets(seen), [0, id + 1, id + 1])
      assert.strictEqual(yield* Queue.size(inbox), 1)
    })
  )

  it.scoped("updates that are nobody's message are confirmed, and the log says so without their content", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { telegram, channel, inbox, accept } = yield* setup
        yield* telegram.push({ edited_message: { text: "changed my mind" } })
        yield* telegram.push({ message: "not a message" })
        yield* telegram.pushMessage({
          from: { ...john, is_bot: true },
          chat: { id: john.id, type: "private" },
          text: "I am a bot"
        })
        const last = yield* telegram.say(john, "Hello")
        yield* Effect.fork(channel.run(accept))
        assert.strictEqual((yield* Queue.take(inbox)).text, "Hello")
        const seen = yield* telegram.until(({ waiting }) => waiting === 1)
        assert.deepStrictEqual([seen.unconfirmed, offsets(seen)], [[], [0, last + 1]])
        const log = lines.join("\n")
        for (const why of ["not a new message", "not in the form of a message", "not from a person"]) {
          assert.include(log, why)
        }
        assert.notMatch(log, /changed my mind|I am a bot/)
      })
    )
  )

  it.scoped("when Telegram counts anew from a lower number, the relay follows", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      yield* Effect.fork(channel.run(accept))
      yield* telegram.say(john, "before")
      yield* Queue.take(inbox)
      yield* telegram.until(({ waiting, unconfirmed }) => waiting === 1 && unconfirmed.length === 0)
      yield* telegram.countFrom(1000)
      yield* telegram.say(john, "after")
      assert.strictEqual((yield* Queue.take(inbox)).text, "after")
      const seen = yield* telegram.until(({ waiting, unconfirmed }) => waiting === 1 && unconfirmed.length === 0)
      assert.strictEqual(offsets(seen).at(-1), 1001)
    })
  )

  it.scoped("a bot without messages waits in one request", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      yield* Effect.fork(channel.run(accept))
      yield* telegram.until(({ waiting }) => waiting === 1)
      yield* Effect.replicateEffect(turn, 50)
      assert.lengthOf(polls(yield* telegram.seen), 1)
    })
  )

  it.scoped("an answer without news is followed by the next request, at most one a second", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      yield* telegram.fail("getUpdates", TelegramServer.result([]), TelegramServer.result([]))
      yield* Effect.fork(channel.run(accept))
      for (const second of [1, 2]) {
        yield* sleeper(second * 1000)
        yield* Effect.replicateEffect(turn, 20)
        assert.lengthOf(polls(yield* telegram.seen), second)
        yield* TestClock.adjust("1 second")
      }
      yield* telegram.say(john, "Hello")
      yield* Queue.take(inbox)
    })
  )

  it.scoped("a server that gives the same update for ever is not asked without a pause", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      const same = TelegramServer.result([update(5, "again")])
      yield* telegram.fail("getUpdates", same, same, same)
      yield* Effect.fork(channel.run(accept))
      yield* sleeper(1000)
      yield* Effect.replicateEffect(turn, 20)
      assert.deepStrictEqual(offsets(yield* telegram.seen), [0, 6])
    })
  )

  it.scoped("a poll that waited and ends without news is followed by the next one at once", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      yield* Effect.fork(channel.run(accept))
      yield* telegram.until(({ waiting }) => waiting === 1)
      yield* TestClock.adjust("50 seconds")
      yield* telegram.endPoll
      yield* telegram.until((seen) => polls(seen).length === 2 && seen.waiting === 1)
      assert.strictEqual(yield* Clock.currentTimeMillis, 50_000)
    })
  )

  it.scoped("interrupting it gives up the pending request at once", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      const running = yield* Effect.fork(channel.run(accept))
      yield* telegram.until(({ waiting }) => waiting === 1)
      yield* Fiber.interrupt(running)
      const seen = yield* telegram.until(({ waiting, aborted }) => waiting === 0 && aborted === 1)
      assert.lengthOf(polls(seen), 1)
      assert.strictEqual(yield* Clock.currentTimeMillis, 0)
    })
  )

  it.scoped("when Telegram asks for a pause, the relay is silent for just so long", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      yield* telegram.fail("getMe", TelegramServer.tooManyRequests(3))
      yield* telegram.fail("getUpdates", TelegramServer.tooManyRequests(7))
      yield* telegram.say(john, "Hello")
      yield* Effect.fork(channel.run(accept))
      const methods = Effect.map(telegram.seen, ({ calls }) => calls.map(({ method }) => method))
      yield* sleeper(3000)
      assert.deepStrictEqual(yield* methods, ["getMe"])
      yield* TestClock.adjust("3 seconds")
      yield* sleeper(10_000)
      yield* TestClock.adjust("6999 millis")
      yield* Effect.replicateEffect(turn, 20)
      assert.deepStrictEqual(yield* methods, ["getMe", "getMe", "getUpdates"])
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Queue.take(inbox)).text, "Hello")
    })
  )

  it.scoped("a pause of no time is still one", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      yield* telegram.fail("getUpdates", TelegramServer.tooManyRequests(0))
      yield* Effect.fork(channel.run(accept))
      yield* sleeper(1000)
      assert.lengthOf(polls(yield* telegram.seen), 1)
    })
  )
})

const update = (update_id: number, text: string) => ({
  update_id,
  message: { message_id: 1, from: { ...john, is_bot: false }, chat: { id: john.id, type: "private" }, text }
})

describe("TelegramChannel stops with a sentence that says what to do", () => {
  it.scoped("on a token that Telegram does not know", () =>
    Effect.gen(function* () {
      const telegram = yield* TelegramServer.make()
      const wrong = Redacted.make("700000001:AAH-somebody_elses")
      const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }), wrong)
      assert.match(yield* reasonOf(channel), /does not know this bot token.*@BotFather.*TELEGRAM_BOT_TOKEN/)
      assert.lengthOf((yield* telegram.seen).calls, 1)
    })
  )

  it.scoped("on an answer that there is no such path, which is Telegram's to a token without the form of one", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.fail("getMe", TelegramServer.refuse(404, "Not Found"))
      assert.match(yield* reasonOf(channel), /does not know this bot token/)
    })
  )

  it.scoped("on a bot whose name could not be one", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.fail("getMe", TelegramServer.result({ id: 1, is_bot: true, username: "\u001b[2J" }))
      assert.match(yield* reasonOf(channel), /is not one of the Bot API/)
    })
  )

  it.scoped.each(["", "token", "12 34:abc", "1:a/../../b", "700000001:AAH\n", "700000001:"])(
    "on %j, which is no token, without sending it anywhere",
    (text) =>
      Effect.gen(function* () {
        const telegram = yield* TelegramServer.make()
        const channel = yield* TelegramChannel.make(
          settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }),
          Redacted.make(text)
        )
        assert.match(yield* reasonOf(channel), /does not know this bot token.*TELEGRAM_BOT_TOKEN/)
        assert.lengthOf((yield* telegram.seen).calls, 0)
      })
  )

  it.scoped("on a webhook that another program sets while messages are fetched, which it leaves in place", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      const first = yield* Effect.fork(reasonOf(channel, accept))
      yield* telegram.until(({ waiting }) => waiting === 1)
      yield* telegram.setWebhook(true)
      assert.match(yield* Fiber.join(first), /another program receives|another program has set a webhook/)
      assert.match(
        yield* reasonOf(channel, accept),
        /another program has set a webhook for this bot.*stop it and start/
      )
      assert.notInclude(
        (yield* telegram.seen).calls.map(({ method }) => method),
        "deleteWebhook"
      )
    })
  )

  it.scoped("on a second program with the same token", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      const other = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }), telegram.token)
      const first = yield* Effect.fork(Effect.flip(channel.run(accept)))
      yield* telegram.until(({ waiting }) => waiting === 1)
      yield* Effect.fork(other.run(accept))
      assert.match((yield* Fiber.join(first)).message, /^telegram: another program receives .* stop it/)
    })
  )

  it.scoped.each([
    ["a connection that is cut", TelegramServer.drop, /^no connection to 127\.0\.0\.1:\d+ \(\w+\)/],
    ["the page of a proxy", TelegramServer.badGateway, /is not one of the Bot API/],
    ["an answer of another kind", TelegramServer.result({ hello: "world" }), /is not one of the Bot API/],
    ["an update without a number", TelegramServer.result([{ message: {} }]), /is not one of the Bot API/],
    [
      "trouble at Telegram",
      TelegramServer.refuse(500, "Internal Server Error"),
      /Telegram refused getUpdates with 500: Internal Server Error/
    ]
  ] as const)("on %s, after one attempt", ([, fault, sentence]) =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.fail("getUpdates", fault)
      assert.match(yield* reasonOf(channel), sentence)
      assert.lengthOf(polls(yield* telegram.seen), 1)
    })
  )

  it.scoped("on a server that is not there", () =>
    Effect.gen(function* () {
      const { url, token } = yield* Effect.scoped(TelegramServer.make())
      const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: url, pollSeconds: 50 }), token)
      assert.match(yield* reasonOf(channel), /no connection to 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/)
    })
  )

  it.scoped("on a request that is never answered", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.fail("getUpdates", TelegramServer.silence)
      const reason = yield* Effect.fork(reasonOf(channel))
      yield* telegram.until((seen) => polls(seen).length === 1)
      yield* sleeper(70_000)
      yield* TestClock.adjust("70 seconds")
      assert.match(yield* Fiber.join(reason), /did not answer within 1m 10s/)
      yield* telegram.until(({ aborted }) => aborted === 1)
    })
  )

  it.scoped("and a slash at the end of the server's address does not matter", () =>
    Effect.gen(function* () {
      const telegram = yield* TelegramServer.make()
      const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: `${telegram.url}/` }), telegram.token)
      yield* Effect.fork(channel.run(() => Effect.void))
      yield* telegram.until(({ waiting }) => waiting === 1)
    })
  )
})
