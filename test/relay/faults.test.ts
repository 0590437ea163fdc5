import { renameSync, writeFileSync } from "node:fs"
import { PassThrough, Readable, Writable } from "node:stream"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { AgentSettings } from "../../src/agent/AgentSettings.js"
import * as CommandAgent from "../../src/agent/CommandAgent.js"
import * as EchoAgent from "../../src/agent/EchoAgent.js"
import type { Channel } from "../../src/channels/Channel.js"
import * as ConsoleChannel from "../../src/channels/console/ConsoleChannel.js"
import * as TelegramChannel from "../../src/channels/telegram/TelegramChannel.js"
import * as TwilioChannel from "../../src/channels/twilio/TwilioChannel.js"
import { TwilioSettings } from "../../src/channels/twilio/TwilioSettings.js"
import { Relay } from "../../src/relay/Relay.js"
import { Report } from "../../src/relay/Report.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { settingsOf } from "../channels/telegram/fixture.js"
import * as TestChannel from "../support/channel.js"
import { directory } from "../support/home.js"
import { withLogs } from "../support/logs.js"
import { resolver } from "../support/names.js"
import * as TelegramServer from "../support/telegram-server.js"
import { callWebhook, type Fault, freePort, incoming, twilioServer } from "../support/twilio-server.js"
import { relayOf } from "./fixture.js"

const { john } = TelegramServer
const account = { accountSid: "AC0123456789abcdef0123456789abcdef", authToken: "b7f1c0ffee5ec2e7c0ffee5ec2e7b7f1" }
const people = { allowFrom: ["telegram:123456789", "twilio:+1234567890"] }

/** Sockets have a turn, which the test clock does not give them. */
const turn = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))

/** Lets the time pass until it is so. The relay runs on all the while. */
const passing = <R>(holds: Effect.Effect<boolean, never, R>) =>
  Effect.repeat(Effect.zipRight(Effect.zipRight(TestClock.adjust("1 second"), turn), holds), { until: (yes) => yes })

/** A relay over these channels that is never started again, with an agent that repeats. */
const relayOver = <A, E, R>(channels: ReadonlyArray<Channel>, body: Effect.Effect<A, E, R>) =>
  withLogs(() =>
    Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never))).pipe(
      Effect.zipRight(body),
      Effect.provide(relayOf(channels, people)),
      Effect.provide(EchoAgent.layer)
    )
  )

const stateOf = Effect.map(
  Effect.flatMap(Report, ({ findings }) => findings),
  ({ channels: [first] }) => first
)

const firstLines = ({ sent }: TelegramServer.Seen) => sent.map(({ text }) => text.split("\n")[0])

const telegramFaults: ReadonlyArray<readonly [what: string, faults: ReadonlyArray<TelegramServer.Fault>]> = [
  ["a connection that is cut instead of an answer", [TelegramServer.drop]],
  ["a connection that is cut in the middle of an answer", [TelegramServer.halfAndCut]],
  ["half an answer and then nothing", [TelegramServer.half]],
  ["no answer ever", [TelegramServer.silence]],
  ["trouble at Telegram, five times in a row", Array.from({ length: 5 }, () => TelegramServer.refuse(500, "Oh"))],
  ["the page of a proxy, three times in a row", Array.from({ length: 3 }, () => TelegramServer.badGateway)],
  ["a pause that Telegram asks for", [TelegramServer.tooManyRequests(17)]],
  ["a pause that a proxy asks for", [TelegramServer.tooManyForAProxy(17)]]
]

describe("a relay that runs on receives and answers once after", () => {
  it.scoped.each(telegramFaults)("%s, when it asks Telegram for messages", ([, faults]) =>
    Effect.gen(function* () {
      const telegram = yield* TelegramServer.make()
      const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url }), telegram.token)
      yield* telegram.fail("getUpdates", ...faults)
      yield* telegram.say(john, "Hello")
      yield* relayOver(
        [channel],
        Effect.gen(function* () {
          yield* passing(Effect.map(telegram.seen, ({ sent }) => sent.length > 0))
          yield* telegram.say(john, "And again")
          const seen = yield* telegram.until(({ sent }) => sent.length === 2)
          assert.deepStrictEqual(firstLines(seen), ["You said: Hello", "You said: And again"])
          assert.strictEqual((yield* stateOf)?.state, "receiving")
        })
      )
    })
  )

  it.scoped.each(telegramFaults)("%s, when it sends to Telegram", ([, faults]) =>
    Effect.gen(function* () {
      const telegram = yield* TelegramServer.make()
      const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url }), telegram.token)
      yield* telegram.fail("sendMessage", ...faults)
      yield* telegram.say(john, "Hello")
      yield* relayOver(
        [channel],
        Effect.gen(function* () {
          yield* passing(Effect.map(telegram.seen, ({ sent }) => sent.length > 0))
          yield* telegram.say(john, "And again")
          yield* passing(Effect.map(telegram.seen, ({ sent }) => sent.length > 1))
          assert.deepStrictEqual(firstLines(yield* telegram.seen), ["You said: Hello", "You said: And again"])
        })
      )
    })
  )

  it.scoped.each([
    ["a connection that is cut instead of an answer", [{ kind: "hangup" }]],
    ["a connection that is cut in the middle of an answer", [{ kind: "half", cut: true }]],
    ["half an answer and then nothing", [{ kind: "half", cut: false }]],
    ["no answer ever", [{ kind: "silence" }]],
    ["trouble at Twilio, five times in a row", Array.from({ length: 5 }, () => ({ kind: "status", status: 503 }))],
    ["a pause that Twilio asks for", [{ kind: "status", status: 429, retryAfter: "17" }]]
  ] satisfies ReadonlyArray<readonly [string, ReadonlyArray<Fault>]>)("%s, when it sends to Twilio", ([, faults]) =>
    Effect.gen(function* () {
      const twilio = yield* twilioServer(account)
      const port = yield* freePort
      const settings = Schema.decodeSync(TwilioSettings)({ apiUrl: twilio.apiUrl, port })
      const credentials = { ...account, authToken: Redacted.make(account.authToken), from: "+15005550006" }
      const channel = yield* Effect.provide(TwilioChannel.make(settings, credentials), FetchHttpClient.layer)
      const say = (Body: string, MessageSid: string) =>
        callWebhook({
          url: `http://127.0.0.1:${port}/twilio`,
          authToken: account.authToken,
          fields: incoming({ From: "+1234567890", To: "+15005550006", Body, MessageSid })
        })
      yield* twilio.fail(...faults)
      yield* relayOver(
        [channel],
        Effect.gen(function* () {
          yield* passing(Effect.map(stateOf, (channel) => channel?.state === "receiving"))
          assert.strictEqual((yield* say("Hello", "SM1")).status, 200)
          const sent: Array<string> = []
          const took = Effect.map(twilio.allSent, (more) => {
            sent.push(...more.map(({ body }) => body.split("\n")[0] ?? ""))
            return sent.length
          })
          yield* passing(Effect.map(took, (count) => count > 0))
          yield* say("And again", "SM2")
          yield* passing(Effect.map(took, (count) => count > 1))
          assert.deepStrictEqual(sent, ["You said: Hello", "You said: And again"])
        })
      )
    })
  )
})

describe("a relay whose name server is gone", () => {
  it.scoped.each(["ENOTFOUND", "EAI_AGAIN"] as const)("from the start waits for it (%s)", (code) =>
    Effect.gen(function* () {
      const names = yield* resolver
      const telegram = yield* TelegramServer.make()
      const apiUrl = telegram.url.replace("127.0.0.1", "bots.test")
      const channel = yield* TelegramChannel.make(settingsOf({ apiUrl }), telegram.token)
      yield* names.fail(code)
      yield* telegram.say(john, "Hello")
      yield* relayOver(
        [channel],
        Effect.gen(function* () {
          yield* passing(Effect.map(stateOf, (channel) => channel?.state === "failing"))
          assert.match((yield* stateOf)?.reason ?? "", new RegExp(`no connection to bots\\.test:\\S+ \\(${code}\\)`))
          yield* passing(Effect.map(TestClock.currentTimeMillis, (now) => now > 60_000))
          assert.deepStrictEqual((yield* telegram.seen).calls, [])
          yield* names.recover
          yield* passing(Effect.map(telegram.seen, ({ sent }) => sent.length > 0))
          assert.deepStrictEqual(firstLines(yield* telegram.seen), ["You said: Hello"])
          assert.strictEqual((yield* stateOf)?.state, "receiving")
        })
      )
    })
  )

  it.scoped.each(["ENOTFOUND", "EAI_AGAIN"] as const)("while it runs goes on when it is back (%s)", (code) =>
    Effect.gen(function* () {
      const names = yield* resolver
      const telegram = yield* TelegramServer.make()
      const apiUrl = telegram.url.replace("127.0.0.1", "bots.test")
      const channel = yield* TelegramChannel.make(settingsOf({ apiUrl }), telegram.token)
      yield* relayOver(
        [channel],
        Effect.gen(function* () {
          yield* telegram.until(({ waiting }) => waiting === 1)
          yield* telegram.say(john, "one")
          yield* telegram.until(({ sent, waiting }) => sent.length === 1 && waiting === 1)
          yield* names.fail(code)
          yield* telegram.cutAll
          yield* passing(Effect.map(stateOf, (channel) => channel?.state === "failing"))
          yield* telegram.say(john, "two")
          yield* passing(Effect.map(stateOf, (channel) => channel?.reason?.includes(code) === true))
          yield* names.recover
          yield* passing(Effect.map(telegram.seen, ({ sent }) => sent.length > 1))
          assert.deepStrictEqual(firstLines(yield* telegram.seen), ["You said: one", "You said: two"])
        })
      )
    })
  )
})

/** A command that answers what it is told, unless it is told to hang. */
const command = `#!${process.execPath}
const said = require("node:fs").readFileSync(0, "utf8").trim().split("\\n").at(-1)
if (said === "Hang") setInterval(() => {}, 1000)
else console.log("answer to " + said)
`

describe("a relay whose Claude", () => {
  it.scopedLive("is missing, then installed, then hangs, apologises each time and answers the next message", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const home = yield* directory
        const program = `${home}/claude`
        const settings = Schema.decodeSync(AgentSettings)({
          command: [program],
          output: "text",
          sessionArguments: { begin: [], resume: [] },
          timeoutSeconds: 1
        })
        const telegram = yield* TestChannel.make("telegram")
        yield* Effect.gen(function* () {
          yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never)))
          const ask = (text: string) =>
            Effect.zipRight(
              telegram.say("telegram:123456789", text),
              Effect.map(telegram.nextSent, ({ part }) => part)
            )
          assert.match(yield* ask("Hello"), /^I cannot answer right now: Claude is not set up properly here/)
          assert.match(lines.join("\n"), /claude.* was not found\. Install it/)
          writeFileSync(program, command, { mode: 0o644 })
          assert.match(yield* ask("Hello"), /^I cannot answer right now: Claude is not set up properly here/)
          writeFileSync(`${program}.new`, command, { mode: 0o755 })
          renameSync(`${program}.new`, program)
          assert.strictEqual(yield* ask("Are you there?"), "answer to Are you there?")
          assert.match(yield* ask("Hang"), /^Claude took too long to answer/)
          assert.strictEqual(yield* ask("Still there?"), "answer to Still there?")
        }).pipe(
          Effect.provide(relayOf([telegram], people)),
          Effect.provide(
            CommandAgent.layer({ settings, directory: `${home}/agent`, environment: process.env, stays: false }).pipe(
              Layer.provide(NodeDisk.layer)
            )
          )
        )
      })
    )
  )
})

describe("a console that nobody reads", () => {
  it.scopedLive("holds up nobody elsewhere, and is read no further than its answers are", () =>
    withLogs(() =>
      Effect.gen(function* () {
        let taken = 0
        let pulled = 0
        let goOn = () => {}
        const output = new Writable({
          write(_, __, done) {
            taken += 1
            if (taken === 1) goOn = done
            else done()
          }
        })
        const lines = async function* () {
          while (pulled < 2_000) {
            pulled += 1
            // What comes from outside comes with the turns of the event loop.
            await new Promise((resolve) => setImmediate(resolve))
            yield `telegram:${1_000 + (pulled % 50)} ${"x".repeat(100)} ${pulled}\n`
          }
        }
        const input = Readable.from(lines(), { objectMode: false, highWaterMark: 1024 })
        const errors = new PassThrough().resume()
        const console_ = yield* ConsoleChannel.make({ input, output, errors, interactive: false })
        const telegram = yield* TestChannel.make("telegram")
        yield* Effect.gen(function* () {
          yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never)))
          yield* Effect.repeat(turn, { until: () => taken === 1 })
          for (const text of ["one", "two", "three"]) {
            yield* telegram.say("telegram:123456789", text)
            assert.match((yield* telegram.nextSent).part, new RegExp(`^You said: ${text}`))
          }
          let before = -1
          while (before !== pulled) {
            before = pulled
            yield* Effect.repeatN(turn, 20)
          }
          // What is not read from it is not answered, and what is not answered is not kept.
          assert.isBelow(pulled, 200)
          assert.isBelow(output.writableLength, 1_000)
          goOn()
          yield* Effect.repeat(turn, { until: () => taken === 2_000 })
        }).pipe(Effect.provide(relayOf([console_, telegram], people)), Effect.provide(EchoAgent.layer))
      })
    )
  )
})
