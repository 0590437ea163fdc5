import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Address } from "../../../src/channels/Message.js"
import * as TelegramChannel from "../../../src/channels/telegram/TelegramChannel.js"
import { masked } from "../../../src/config/Masked.js"
import { parse } from "../../../src/identity/Identity.js"
import type { Provider } from "../../../src/identity/Provider.js"
import { withLogs } from "../../support/logs.js"
import * as TelegramServer from "../../support/telegram-server.js"
import { settingsOf } from "./fixture.js"

const { john } = TelegramServer
const toJohn = Address.make(`${john.id}`)

const setup = Effect.gen(function* () {
  const telegram = yield* TelegramServer.make()
  yield* telegram.meet(john.id)
  const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }), telegram.token)
  return { telegram, channel }
})

const identity = (provider: Provider, id: string) => Option.getOrThrow(parse(provider, id))

describe("TelegramChannel sends", () => {
  it.scoped("a part is delivered once, as plain text, without a preview of its links", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      const text = "*not bold* <b>nor this</b>\nhttps://example.org 👋"
      yield* channel.send(toJohn, text)
      const { calls } = yield* telegram.seen
      assert.deepStrictEqual(calls, [
        {
          method: "sendMessage",
          payload: { chat_id: john.id, text, link_preview_options: { is_disabled: true } }
        }
      ])
    })
  )

  it.scoped("a part as long as the limit is taken", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* channel.send(toJohn, "x".repeat(channel.limit))
      assert.strictEqual((yield* telegram.seen).sent[0]?.text.length, 4096)
    })
  )

  it.scoped("an answer to a topic is sent to the topic", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.meet(-100123)
      yield* channel.send(Address.make("-100123/3"), "Hello")
      yield* channel.typing(Address.make("-100123/3"))
      const { calls } = yield* telegram.seen
      for (const { payload } of calls) assert.deepInclude(payload, { chat_id: -100123, message_thread_id: 3 })
      assert.lengthOf(calls, 2)
    })
  )

  it.scoped.each([
    ["too many requests", TelegramServer.tooManyRequests(7), /429/],
    ["trouble at Telegram", TelegramServer.refuse(500, "Internal Server Error"), /with 500: Internal Server Error/],
    ["the page of a proxy", TelegramServer.badGateway, /not one of the Bot API/],
    ["a connection that is cut", TelegramServer.drop, /no connection to/]
  ] as const)("%s is worth another attempt, which is not made here", ([, fault, reason]) =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.fail("sendMessage", fault)
      const error = yield* Effect.flip(channel.send(toJohn, "Hello"))
      assert.deepInclude(error, { _tag: "SendFailed", channel: "telegram", again: true })
      assert.match(error.reason, reason)
      assert.lengthOf((yield* telegram.seen).calls, 1)
    })
  )

  it.scoped("the time that Telegram names is passed on, and is not named otherwise", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.fail("sendMessage", TelegramServer.tooManyRequests(77), TelegramServer.badGateway)
      const asked = yield* Effect.flip(channel.send(toJohn, "Hello"))
      const unasked = yield* Effect.flip(channel.send(toJohn, "Hello"))
      assert.deepStrictEqual(asked.retryAfter, Duration.seconds(77))
      assert.include(masked(asked.message), "with 429: Too Many Requests: retry after 77")
      yield* telegram.fail("sendMessage", TelegramServer.tooManyForAProxy(9))
      const byProxy = yield* Effect.flip(channel.send(toJohn, "Hello"))
      assert.deepStrictEqual([byProxy.retryAfter, byProxy.again], [Duration.seconds(9), true])
      yield* telegram.fail("sendMessage", TelegramServer.tooManyForAProxy("soon"))
      assert.isUndefined((yield* Effect.flip(channel.send(toJohn, "Hello"))).retryAfter)
      assert.isUndefined(unasked.retryAfter)
    })
  )

  it.scoped("an answer follows a group that has become a supergroup meanwhile, and the log says what to do", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { telegram, channel } = yield* setup
        yield* telegram.meet(-100123)
        const description = "Bad Request: group chat was upgraded to a supergroup chat"
        const parameters = { migrate_to_chat_id: -100123 }
        yield* telegram.fail("sendMessage", { kind: "refuse", status: 400, description, parameters })
        yield* channel.send(Address.make("-5"), "Hello")
        const { sent } = yield* telegram.seen
        assert.deepStrictEqual([sent.length, sent[0]?.chat_id, sent[0]?.text], [1, -100123, "Hello"])
        assert.match(lines.join("\n"), /has become a supergroup.*list that in allowGroups/)
      })
    )
  )

  it.scoped("a person who has blocked the bot is not tried again", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.block(john.id)
      const error = yield* Effect.flip(channel.send(toJohn, "Hello"))
      assert.isFalse(error.again)
      assert.match(error.message, /telegram did not take the answer: .* with 403: .*bot was blocked by the user/)
    })
  )

  it.scoped.each([
    ["a chat that Telegram does not know", "5", "Hello", / with 400: .*chat not found/],
    ["an empty part", `${john.id}`, " ", / with 400: .*message text is empty/]
  ] as const)("%s is not tried again", ([, to, part, reason]) =>
    Effect.gen(function* () {
      const { channel } = yield* setup
      const error = yield* Effect.flip(channel.send(Address.make(to), part))
      assert.isFalse(error.again)
      assert.match(error.reason, reason)
    })
  )

  it.scoped("a token that Telegram does not know is no reason to try again, but to look at the token", () =>
    Effect.gen(function* () {
      const telegram = yield* TelegramServer.make()
      for (const token of ["700000001:AAH-somebody_elses", "1:a/../../b"]) {
        const channel = yield* TelegramChannel.make(
          settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }),
          Redacted.make(token)
        )
        const error = yield* Effect.flip(channel.send(toJohn, "Hello"))
        assert.isFalse(error.again)
        assert.match(error.reason, /@BotFather into TELEGRAM_BOT_TOKEN/)
      }
      assert.lengthOf((yield* telegram.seen).calls, 1)
    })
  )

  it.scoped("the address of another channel is refused here", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      const to = Address.make("+1234567890")
      const error = yield* Effect.flip(channel.send(to, "Hello"))
      yield* channel.typing(to)
      assert.isFalse(error.again)
      assert.lengthOf((yield* telegram.seen).calls, 0)
    })
  )

  it.scoped("a part to which there is never an answer is worth another attempt", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.fail("sendMessage", TelegramServer.silence)
      const failing = yield* Effect.fork(Effect.flip(channel.send(toJohn, "Hello")))
      yield* telegram.until(({ calls }) => calls.length === 1)
      yield* TestClock.adjust("20 seconds")
      const error = yield* Fiber.join(failing)
      assert.isTrue(error.again)
      assert.match(error.reason, /did not answer within 20s/)
    })
  )

  it.scoped("that an answer is being written is shown where it will go", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* channel.typing(toJohn)
      const { typing, calls } = yield* telegram.seen
      assert.deepStrictEqual(typing, [john.id])
      assert.deepInclude(calls[0]?.payload, { action: "typing" })
    })
  )

  it.scoped("showing it never fails", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      const { tooManyRequests, badGateway, drop, refuse, silence } = TelegramServer
      const faults = [tooManyRequests(7), badGateway, drop, refuse(403, "Forbidden"), refuse(400, "Bad Request")]
      yield* telegram.fail("sendChatAction", ...faults, silence)
      for (const _ of faults) yield* channel.typing(toJohn)
      const hanging = yield* Effect.fork(channel.typing(toJohn))
      yield* telegram.until(({ calls }) => calls.length === faults.length + 1)
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(hanging)
    })
  )

  it.scoped(
    "a conversation can be begun with a number and not with a username, nor with another provider's account",
    () =>
      Effect.gen(function* () {
        const { channel } = yield* setup
        assertSome(channel.addressOf(identity("telegram", "42")), Address.make("42"))
        const others = [identity("telegram", "@john"), identity("whatsapp", "+1234567890"), identity("twilio", "US.1a")]
        for (const other of others) assertNone(channel.addressOf(other))
      })
  )

  it.scoped("what it is called it asks once, and again where there was no answer", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.fail("getMe", TelegramServer.drop)
      const { contact = Effect.succeedNone } = channel
      assertNone(yield* contact)
      assertSome(yield* contact, "Telegram @warelay_test_bot")
      assertSome(yield* contact, "Telegram @warelay_test_bot")
      assert.lengthOf((yield* telegram.seen).calls, 2)
    })
  )
})
