import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { Agent } from "../../src/agent/Agent.js"
import * as EchoAgent from "../../src/agent/EchoAgent.js"
import * as TelegramChannel from "../../src/channels/telegram/TelegramChannel.js"
import * as TwilioChannel from "../../src/channels/twilio/TwilioChannel.js"
import { TwilioSettings } from "../../src/channels/twilio/TwilioSettings.js"
import { Relay } from "../../src/relay/Relay.js"
import { SessionStore } from "../../src/session/SessionStore.js"
import { settingsOf } from "../channels/telegram/fixture.js"
import * as TelegramServer from "../support/telegram-server.js"
import { withLogs } from "../support/logs.js"
import { callWebhook, freePort, incoming, twilioServer } from "../support/twilio-server.js"
import { link, relayOf } from "./fixture.js"

const account = { accountSid: "AC0123456789abcdef0123456789abcdef", authToken: "b7f1c0ffee5ec2e7c0ffee5ec2e7b7f1" }
const ours = "+15005550006"
const phone = "+1234567890"

const makeChannels = Effect.gen(function* () {
  const telegram = yield* TelegramServer.make()
  const twilio = yield* twilioServer(account)
  const port = yield* freePort
  const settings = Schema.decodeSync(TwilioSettings)({ apiUrl: twilio.apiUrl, port })
  const credentials = { accountSid: account.accountSid, authToken: Redacted.make(account.authToken), from: ours }
  const channels = [
    yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }), telegram.token),
    yield* Effect.provide(TwilioChannel.make(settings, credentials), FetchHttpClient.layer)
  ]
  const text = (Body: string, MessageSid: string) =>
    callWebhook({
      url: `http://127.0.0.1:${port}/twilio`,
      authToken: account.authToken,
      fields: incoming({ From: phone, To: ours, Body, MessageSid })
    })
  return { telegram, twilio, channels, text }
})

/** Repeats what it is told, from Telegram after the person has seen that somebody writes. */
const slowEcho = (telegram: TelegramServer.TelegramServer) =>
  Layer.effect(
    Agent,
    Effect.map(Agent, ({ answer, canFork }) => ({
      canFork,
      answer: (start, prompt) =>
        Effect.zipRight(
          prompt.startsWith("[Telegram")
            ? telegram.until(({ sent, typing }) => typing.length > sent.length)
            : Effect.void,
          answer(start, prompt)
        )
    }))
  ).pipe(Layer.provide(EchoAgent.layer))

/** Until the webhook listens, its port refuses. */
const patiently = Effect.retry(Schedule.spaced("10 millis"))

describe("the relay with Telegram and Twilio", () => {
  it.scopedLive("a person's messages from both land in one conversation, and each is answered where it came from", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { channels, telegram, text, twilio } = yield* makeChannels
        yield* Effect.gen(function* () {
          yield* link("telegram:123456789", "twilio:+1234567890")
          const stop = yield* Deferred.make<void>()
          const running = yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Deferred.await(stop))))

          yield* telegram.say(TelegramServer.john, "I have a cat")
          const { sent } = yield* telegram.until(({ sent }) => sent.length === 1)
          assert.strictEqual(sent[0]?.chat_id, 123456789)
          assert.match(sent[0]?.text ?? "", /^You said: I have a cat\nTurn 1 of session /)

          const { status } = yield* patiently(Effect.sandbox(text("What do I have?", "SM1")))
          assert.strictEqual(status, 200)
          const answer = yield* twilio.nextSent
          assert.strictEqual(answer.to, phone)
          assert.strictEqual(answer.from, ours)
          assert.match(answer.body, /^You said: What do I have\?\nTurn 2 of session .*I have a cat.*John/)

          yield* text("What do I have?", "SM1")
          yield* telegram.say(TelegramServer.john, "Thanks")
          const seen = yield* telegram.until(({ sent }) => sent.length === 2)
          assert.match(seen.sent[1]?.text ?? "", /^You said: Thanks\nTurn 3 of session /)
          assert.deepStrictEqual(yield* twilio.allSent, [])
          assert.deepStrictEqual(seen.typing, [123456789, 123456789])
          const sessions = yield* Effect.flatMap(SessionStore, ({ all }) => all)
          assert.strictEqual(sessions.size, 1)

          yield* Deferred.succeed(stop, undefined)
          yield* Fiber.join(running)
          const { unconfirmed } = yield* telegram.until(({ waiting }) => waiting === 0)
          assert.deepStrictEqual(unconfirmed, [])
          assert.strictEqual((yield* Effect.exit(text("Too late", "SM2")))._tag, "Failure")
          assert.notMatch(lines.join("\n"), /cat|123456789|1234567890/)
        }).pipe(
          Effect.provide(
            relayOf(channels, {
              allowFrom: [{ id: "telegram:123456789", name: "John" }, "twilio:+1234567890"]
            })
          ),
          Effect.provide(slowEcho(telegram))
        )
      })
    )
  )

  it.scopedLive("a bot token that is refused does not keep Twilio from being answered", () =>
    Effect.gen(function* () {
      const { channels, telegram, text, twilio } = yield* makeChannels
      yield* telegram.fail("getMe", ...Array.from({ length: 100 }, () => TelegramServer.refuse(401, "Unauthorized")))
      yield* withLogs((lines) =>
        Effect.gen(function* () {
          yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never)))
          yield* patiently(Effect.sandbox(text("Hello", "SM1")))
          assert.match((yield* twilio.nextSent).body, /^You said: Hello/)
          assert.match(lines.join("\n"), /does not know this bot token.*trying again in/)
        }).pipe(
          Effect.provide(relayOf(channels, { allowFrom: ["twilio:+1234567890"] })),
          Effect.provide(EchoAgent.layer)
        )
      )
    })
  )
})
