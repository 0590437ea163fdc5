import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as EchoAgent from "../../../src/agent/EchoAgent.js"
import * as TelegramChannel from "../../../src/channels/telegram/TelegramChannel.js"
import { TelegramSettings } from "../../../src/channels/telegram/TelegramSettings.js"
import * as TwilioChannel from "../../../src/channels/twilio/TwilioChannel.js"
import { TwilioSettings } from "../../../src/channels/twilio/TwilioSettings.js"
import { Identities } from "../../../src/identity/Identities.js"
import { Relay } from "../../../src/relay/Relay.js"
import { withLogs } from "../../support/logs.js"
import * as TelegramServer from "../../support/telegram-server.js"
import { callWebhook, freePort, incoming, twilioServer } from "../../support/twilio-server.js"
import { relayOf } from "../fixture.js"

const account = { accountSid: "AC0123456789abcdef0123456789abcdef", authToken: "b7f1c0ffee5ec2e7c0ffee5ec2e7b7f1" }
const ours = "+15005550006"
const phone = "+1234567890"
const mallory: TelegramServer.Person = { id: 666666666, first_name: "Mallory" }
const allowFrom = ["telegram:123456789", "telegram:666666666", "twilio:+1234567890"]

const codeForm = /\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b/
const wordForm = /\b[A-HJ-NP-Z]{3}[2-9]{2}\b/
const find = (form: RegExp, text = ""): string => form.exec(text)?.[0] ?? assert.fail(`not there: ${text}`)

/** A relay between the two providers, over HTTP, and those who write. */
const running = Effect.gen(function* () {
  const telegram = yield* TelegramServer.make()
  const twilio = yield* twilioServer(account)
  const port = yield* freePort
  const credentials = { accountSid: account.accountSid, authToken: Redacted.make(account.authToken), from: ours }
  const channels = [
    yield* TelegramChannel.make(
      Schema.decodeSync(TelegramSettings)({ apiUrl: telegram.url, pollSeconds: 50 }),
      telegram.token
    ),
    yield* Effect.provide(
      TwilioChannel.make(Schema.decodeSync(TwilioSettings)({ apiUrl: twilio.apiUrl, port }), credentials),
      FetchHttpClient.layer
    )
  ]
  let texts = 0
  const post = (Body: string, more: Readonly<Record<string, string>> = {}, authToken = account.authToken) =>
    Effect.suspend(() =>
      callWebhook({
        url: `http://127.0.0.1:${port}/twilio`,
        authToken,
        fields: incoming({ From: phone, To: ours, Body, MessageSid: `SM${++texts}`, ...more })
      }).pipe(Effect.sandbox, Effect.retry(Schedule.spaced("10 millis")))
    )
  /** A text message, and the answer to its sender. */
  const text = (Body: string, more?: Readonly<Record<string, string>>) =>
    Effect.zipRight(
      post(Body, more),
      Effect.map(twilio.nextSent, ({ body, to }) => {
        assert.strictEqual(to, phone)
        return body
      })
    )
  let heard = 0
  /** What Telegram's people are sent next. */
  const nextSent = Effect.gen(function* () {
    const { sent } = yield* telegram.until(({ sent }) => sent.length > heard)
    return sent[heard++] ?? assert.fail("nothing was sent")
  })
  const say = (from: TelegramServer.Person, said: string) =>
    Effect.zipRight(
      telegram.say(from, said),
      Effect.map(nextSent, (sent) => {
        assert.strictEqual(sent.chat_id, from.id)
        return sent.text
      })
    )
  return { channels, nextSent, post, say, telegram, text, twilio }
})

type Parts = Effect.Effect.Success<typeof running>

const relaying = <A, E, R>(body: (parts: Parts) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const parts = yield* running
    return yield* Effect.gen(function* () {
      yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never)))
      return yield* body(parts)
    }).pipe(Effect.scoped, Effect.provide(relayOf(parts.channels, { allowFrom })), Effect.provide(EchoAgent.layer))
  })

const linked = Effect.flatMap(Identities, ({ list }) =>
  Effect.map(list, (all) => all.map(({ identities }) => identities.map(String)))
)

describe("over real providers", () => {
  it.scopedLive("a Telegram account and a phone link themselves, and the next message is in one conversation", () =>
    withLogs((lines) =>
      relaying(({ nextSent, say, text, twilio }) =>
        Effect.gen(function* () {
          const { john } = TelegramServer
          assert.match(yield* say(john, "I have a cat"), /^You said: I have a cat\nTurn 1 of session /)
          const given = yield* say(john, "/link")
          assert.include(given, "to me (Telegram @warelay_test_bot, or text message +15005550006), within")
          const code = find(codeForm, given)
          const question = yield* text(code.toLowerCase())
          assert.include(question, "Link this account (Twilio …7890) with Telegram …6789,")
          assert.include(yield* text(find(wordForm, question)), "Nothing is linked yet")
          const asked = yield* nextSent
          assert.strictEqual(asked.chat_id, john.id)
          assert.include(
            yield* say(john, `${find(wordForm, asked.text)} share`),
            "It goes on from what was said in this chat before."
          )
          assert.include((yield* twilio.nextSent).body, "Linked: this account and Telegram …6789 share")
          deepStrictEqual(yield* linked, [["telegram:123456789", "twilio:+1234567890"]])
          assert.match(yield* text("What do I have?"), /^You said: What do I have\?\nTurn 2 of session .*I have a cat/)
          assert.match(yield* say(john, "Thanks"), /^You said: Thanks\nTurn 3 of session /)
          for (const secret of [code, find(wordForm, question), "1234567890", "123456789"]) {
            assert.notInclude(lines.join("\n"), secret)
          }
        })
      )
    )
  )

  it.scopedLive(
    "who forges a sender at the webhook is not heard, and who forges one at the carrier cannot answer",
    () =>
      relaying(({ post, say, telegram, text, twilio }) =>
        Effect.gen(function* () {
          const code = find(codeForm, yield* say(mallory, "/link"))
          assert.strictEqual((yield* post(code, {}, "0123456789abcdef0123456789abcdef")).status, 403)
          // Signed, because Twilio itself was deceived: the word goes to the number.
          const question = yield* text(code)
          assert.include(question, "with Telegram …6666,")
          assert.include(question, "If you did not ask for this, do not answer")
          for (const guess of ["AAA22", "BBB33", "CCC44", "DDD55", "EEE66"])
            assert.include(yield* text(guess), "That is not the word")
          assert.include(yield* text(find(wordForm, question)), "too many wrong tries")
          deepStrictEqual(yield* linked, [])
          deepStrictEqual((yield* telegram.seen).sent.length, 1)
          // The other way round it is the code that goes to the number.
          const own = yield* text("/link")
          assert.match(own, codeForm)
          assert.include(yield* say(mallory, "ABCD-2345"), "not good")
          deepStrictEqual([yield* linked, yield* twilio.allSent], [[], []])
        })
      )
  )

  it.scopedLive("a forwarded code is told from one that was sent, where the provider tells them apart", () =>
    relaying(({ nextSent, say, telegram, text }) =>
      Effect.gen(function* () {
        const { john } = TelegramServer
        const code = find(codeForm, yield* say(mallory, "/link"))
        for (const more of [{ Forwarded: "true" }, { FrequentlyForwarded: "true" }]) {
          assert.include(yield* text(code, { ...more, From: phone }), "was forwarded")
        }
        const from = { id: john.id, is_bot: false, first_name: "John" }
        const origin = { type: "user", sender_user: { id: 666666666, is_bot: false, first_name: "Mallory" }, date: 1 }
        yield* telegram.pushMessage({
          from,
          chat: { id: john.id, type: "private" },
          text: code,
          forward_origin: origin
        })
        assert.include((yield* nextSent).text, "was forwarded")
        assert.match(yield* say(john, code), wordForm)
      })
    )
  )

  it.scopedLive("a link of Telegram's own brings a code, too, and is confirmed as any", () =>
    relaying(({ say, text }) =>
      Effect.gen(function* () {
        const code = find(codeForm, yield* text("/link"))
        const question = yield* say(TelegramServer.john, `/start ${code}`)
        assert.include(question, "with Twilio …7890,")
        deepStrictEqual(yield* linked, [])
      })
    )
  )
})
