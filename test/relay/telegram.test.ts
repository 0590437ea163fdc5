import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as EchoAgent from "../../src/agent/EchoAgent.js"
import * as TelegramChannel from "../../src/channels/telegram/TelegramChannel.js"
import { secretOf } from "../../src/channels/telegram/TelegramSecret.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { Relay } from "../../src/relay/Relay.js"
import { Report } from "../../src/relay/Report.js"
import { SessionStore } from "../../src/session/SessionStore.js"
import { settingsOf } from "../channels/telegram/fixture.js"
import { withLogs } from "../support/logs.js"
import * as TelegramServer from "../support/telegram-server.js"
import { freePort } from "../support/twilio-server.js"
import { link, relayOf } from "./fixture.js"

const { john } = TelegramServer
const family: TelegramServer.Group = { id: -1001234567890, title: "Family" }
const strangers: TelegramServer.Group = { id: -1009876543210, title: "Strangers" }

const relay = Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never)))

const allowed = {
  allowFrom: [{ id: "telegram:123456789", name: "John" }],
  allowGroups: ["telegram:-1001234567890"]
}

describe("the relay with Telegram", () => {
  it.scopedLive("a message that the webhook brings several times at once is answered once", () =>
    withLogs(() =>
      Effect.gen(function* () {
        const telegram = yield* TelegramServer.make()
        const port = yield* freePort
        const publicUrl = `http://127.0.0.1:${port}/telegram`
        const settings = settingsOf({ apiUrl: telegram.url, publicUrl, port })
        const channel = yield* TelegramChannel.make(settings, telegram.token)
        const body = (update_id: number, text: string) =>
          JSON.stringify({
            update_id,
            message: {
              message_id: update_id,
              from: { ...john, is_bot: false },
              chat: { id: john.id, type: "private" },
              text
            }
          })
        const call = (body: string) =>
          Effect.promise(async () => {
            const headers = { "x-telegram-bot-api-secret-token": Redacted.value(secretOf(telegram.token)) }
            return (await fetch(publicUrl, { method: "POST", headers, body })).status
          })
        yield* Effect.gen(function* () {
          yield* relay
          yield* telegram.meet(john.id)
          yield* telegram.until(({ webhook }) => webhook !== undefined)
          const statuses = yield* Effect.all(
            Array.from({ length: 10 }, () => call(body(1, "Hello"))),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(new Set(statuses), new Set([200]))
          yield* telegram.until(({ sent }) => sent.length === 1)
          yield* call(body(1, "Hello"))
          yield* call(body(2, "Bye"))
          const { sent } = yield* telegram.until(({ sent }) => sent.length === 2)
          assert.deepStrictEqual(
            sent.map(({ text }) => text.split("\n")[0]),
            ["You said: Hello", "You said: Bye"]
          )
        }).pipe(Effect.provide(relayOf([channel], allowed)), Effect.provide(EchoAgent.layer))
      })
    )
  )

  it.scopedLive("a group is answered if it is listed and the bot is meant, in a conversation of its own", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const telegram = yield* TelegramServer.make()
        const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url }), telegram.token)
        yield* Effect.gen(function* () {
          yield* relay
          yield* telegram.say(john, "My secret is blue")
          yield* telegram.until(({ sent }) => sent.length === 1)
          yield* telegram.sayIn(strangers, john, "@warelay_test_bot Hello")
          yield* telegram.sayIn(family, john, "Hello everybody")
          yield* telegram.sayIn(family, john, "@warelay_test_bot What is my secret?")
          const { sent } = yield* telegram.until(({ sent }) => sent.length === 2)
          assert.strictEqual(sent[1]?.chat_id, family.id)
          assert.match(sent[1]?.text ?? "", /^You said: What is my secret\?\nTurn 1 of session /)

          yield* telegram.pushMessage({
            from: { ...john, is_bot: false, id: 55, username: "jane" },
            chat: { ...family, type: "supergroup" },
            reply_to_message: { message_id: 2, from: { ...telegram.bot, is_bot: true } },
            text: "And mine?"
          })
          const later = yield* telegram.until(({ sent }) => sent.length === 3)
          assert.match(later.sent[2]?.text ?? "", /^You said: And mine\?\nTurn 2 of session .*from Telegram · John/)
          const sessions = yield* Effect.flatMap(SessionStore, ({ all }) => all)
          assert.deepStrictEqual(Array.from(sessions.keys()).sort(), [
            "group:telegram:-1001234567890",
            "telegram:123456789"
          ])
          const { strangers: turnedAway } = yield* Effect.flatMap(Report, ({ findings }) => findings)
          assert.deepStrictEqual(
            turnedAway.map(({ who, times }) => [who, times]),
            [["telegram:-1009876543210", 1]]
          )
          assert.match(lines.join("\n"), /the group telegram:-…3210 is not in allowGroups/)
        }).pipe(Effect.provide(relayOf([channel], allowed)), Effect.provide(EchoAgent.layer))
      })
    )
  )

  it.scopedLive("who speaks in the name of a group or a channel is nobody in the map, whatever is linked", () =>
    withLogs(() =>
      Effect.gen(function* () {
        const telegram = yield* TelegramServer.make()
        const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url }), telegram.token)
        const text = "@warelay_test_bot Hello"
        const entities = [{ type: "mention", offset: 0, length: 17 }]
        const admins = { id: 1087968824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" }
        const linked = { id: 777000, is_bot: false, first_name: "Telegram", username: "news" }
        yield* Effect.gen(function* () {
          yield* link("telegram:@GroupAnonymousBot", "telegram:1087968824", "telegram:@news", "telegram:777000")
          const before = yield* Effect.flatMap(IdentityStore, ({ current }) => current)
          yield* relay
          const chat = { ...family, type: "supergroup" }
          yield* telegram.pushMessage({ from: linked, chat, text, entities })
          yield* telegram.pushMessage({ from: linked, chat: { id: linked.id, type: "private" }, text })
          yield* telegram.pushMessage({ from: admins, chat: { id: admins.id, type: "private" }, text })
          const post = { sender_chat: { id: -1005, type: "channel" }, is_automatic_forward: true }
          yield* telegram.pushMessage({ from: linked, ...post, chat, text, entities })
          yield* telegram.push({ channel_post: { message_id: 1, chat: { id: -1005, type: "channel" }, text } })
          yield* telegram.pushMessage({ from: admins, sender_chat: chat, chat, text, entities })
          const { sent } = yield* telegram.until(({ sent }) => sent.length === 1)
          yield* telegram.until(({ unconfirmed }) => unconfirmed.length === 0)
          assert.deepStrictEqual(
            sent.map(({ chat_id, text }) => [chat_id, text.split("\n")[0]]),
            [[family.id, "You said: Hello"]]
          )
          const sessions = yield* Effect.flatMap(SessionStore, ({ all }) => all)
          assert.deepStrictEqual(Array.from(sessions.keys()), ["group:telegram:-1001234567890"])
          const after = yield* Effect.flatMap(IdentityStore, ({ current }) => current)
          assert.deepStrictEqual(after.entries, before.entries)
          const { strangers } = yield* Effect.flatMap(Report, ({ findings }) => findings)
          assert.deepStrictEqual(strangers, [])
        }).pipe(Effect.provide(relayOf([channel], allowed)), Effect.provide(EchoAgent.layer))
      })
    )
  )
})
