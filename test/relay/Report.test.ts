import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as TestClock from "effect/TestClock"
import { AgentTimedOut } from "../../src/agent/AgentError.js"
import { type Channel, ChannelFailed, Channels, SendFailed } from "../../src/channels/Channel.js"
import { Mailboxes } from "../../src/relay/Mailboxes.js"
import { Relay } from "../../src/relay/Relay.js"
import * as Report from "../../src/relay/Report.js"
import * as Strangers from "../../src/relay/Strangers.js"
import * as ProviderDetector from "../../src/session/ProviderDetector.js"
import * as TestChannel from "../support/channel.js"
import { relayOf, type SettingsEncoded, settled, testAgent } from "./fixture.js"

/** A relay that runs until the scope ends, over one channel of Telegram's, with an agent whose turns the test ends. */
const relay = <A, E, R>(
  settings: SettingsEncoded,
  body: (parts: {
    readonly telegram: TestChannel.TestChannel
    readonly agent: Effect.Effect.Success<typeof testAgent>
    readonly stop: Effect.Effect<unknown>
  }) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const telegram = yield* TestChannel.make("telegram")
    const agent = yield* testAgent
    const stop = yield* Deferred.make<void>()
    return yield* Effect.gen(function* () {
      yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Deferred.await(stop))))
      return yield* body({ telegram, agent, stop: Deferred.succeed(stop, undefined) })
    }).pipe(
      Effect.provide(relayOf([telegram], settings)),
      Effect.provide(agent.layer),
      Effect.provide(Logger.remove(Logger.defaultLogger))
    )
  })

const findings = Effect.flatMap(Report.Report, ({ findings }) => findings)
const telegramIs = Effect.map(findings, ({ channels: [first] }) => first)
const load = Effect.flatMap(Mailboxes, ({ load }) => load)

const people: SettingsEncoded = { allowFrom: ["telegram:42"] }

describe("a relay knows of itself", () => {
  it.scoped("that a channel receives, fails and tries again, and since when", () =>
    relay(people, ({ telegram }) =>
      Effect.gen(function* () {
        yield* settled
        assert.include(yield* telegramIs, { state: "connecting", since: 0 })
        yield* TestClock.adjust("1 minute")
        yield* telegram.open
        assert.include(yield* telegramIs, { state: "receiving", since: 60_000 })
        yield* TestClock.adjust("1 minute")
        yield* telegram.open
        assert.include(yield* telegramIs, { state: "receiving", since: 60_000 })
        yield* telegram.breakDown(new ChannelFailed({ channel: "telegram", reason: "no line to +1234567890" }))
        yield* settled
        const failing = yield* telegramIs
        assert.include(failing, { state: "failing", since: 120_000, reason: "no line to …7890" })
        assert.isTrue((failing?.again ?? 0) >= 120_750 && (failing?.again ?? 0) <= 121_000)
        yield* TestClock.adjust("1 second")
        assert.include(yield* telegramIs, { state: "failing", since: 120_000 })
        yield* telegram.open
        deepStrictEqual(Object.keys((yield* telegramIs) ?? {}).includes("reason"), false)
        yield* telegram.lose("the account was logged out on +1234567890")
        assert.include(yield* telegramIs, { state: "failing", reason: "the account was logged out on …7890" })
        assert.isUndefined((yield* telegramIs)?.again)
        yield* telegram.end
        yield* settled
        assert.strictEqual((yield* telegramIs)?.state, "ended")
      })
    )
  )

  it.scoped("what became of the messages that it has had, and what they are at", () =>
    relay({ ...people, maxWaiting: 1, maxTurns: 1 }, ({ agent, telegram }) =>
      Effect.gen(function* () {
        yield* telegram.say("telegram:42", "one")
        assert.strictEqual((yield* telegram.nextSent).part, "answer to one")
        yield* telegram.say("telegram:42", "wait two")
        yield* settled
        yield* telegram.say("telegram:42", "three")
        deepStrictEqual(yield* load, { waiting: 1, answering: 1, delivering: 0 })
        yield* telegram.say("telegram:42", "four")
        yield* telegram.nextSent
        yield* agent.fail("wait two", new AgentTimedOut({ command: "claude", seconds: 1 }))
        yield* telegram.nextSent
        yield* telegram.failSends(new SendFailed({ channel: "telegram", reason: "blocked", again: false }))
        yield* telegram.say("telegram:42", "five")
        yield* telegram.nextSent
        yield* settled
        deepStrictEqual(yield* load, { waiting: 0, answering: 0, delivering: 0 })
        assert.include(yield* telegramIs, {
          received: 5,
          answered: 3,
          failed: 1,
          refused: 1,
          turnedAway: 0,
          delivered: 3,
          undelivered: 1
        })
      })
    )
  )

  it.scoped("that it is stopping", () =>
    relay(people, ({ stop }) =>
      Effect.gen(function* () {
        yield* settled
        assert.isFalse((yield* findings).stopping)
        yield* stop
        yield* settled
        assert.isTrue((yield* findings).stopping)
      })
    )
  )
})

/** A report of its own, for what needs no relay. */
const alone = <A, E>(
  channels: ReadonlyArray<Channel>,
  effect: Effect.Effect<A, E, Report.Report>
): Effect.Effect<A, E> =>
  effect.pipe(
    Effect.provide(
      Layer.provide(Report.layer, [
        Layer.succeed(Channels, channels),
        Layer.provide(Strangers.layerMemory, ProviderDetector.layer)
      ])
    ),
    Effect.provide(Logger.remove(Logger.defaultLogger))
  )

const turnAway = (message: ReturnType<typeof TestChannel.direct>) =>
  Effect.flatMap(Report.Report, ({ note }) => note({ _tag: "TurnedAway", message }))

describe("who was turned away", () => {
  const entriesOf = Effect.map(findings, ({ strangers }) =>
    strangers.map(({ admittance }) =>
      admittance._tag === "None" ? null : [admittance.value.setting, admittance.value.entry]
    )
  )

  it.effect("stands there in full, with what would let them in, as often and as late as they came", () =>
    alone(
      [],
      Effect.gen(function* () {
        const mary = TestChannel.direct("telegram", "77", "Hi", {
          sender: { From: "77", provider: "telegram", chatType: "direct", aliases: ["@mary"] }
        })
        yield* turnAway(mary)
        yield* TestClock.adjust("1 second")
        yield* turnAway(TestChannel.direct("twilio", "+1234567890", "Hi"))
        yield* TestClock.adjust("1 second")
        yield* turnAway(mary)
        const { strangers } = yield* findings
        deepStrictEqual(
          strangers.map(({ channel, isGroup, last, times, who }) => [channel, who, isGroup, last, times]),
          [
            ["twilio", "twilio:+1234567890", false, 1000, 1],
            ["telegram", "telegram:77", false, 2000, 2]
          ]
        )
        deepStrictEqual(yield* entriesOf, [
          ["allowFrom", "twilio:+1234567890"],
          ["allowFrom", "telegram:77"]
        ])
      })
    )
  )

  it.effect("a group is let in as a group, and what cannot be listed is not said to be", () =>
    alone(
      [],
      Effect.gen(function* () {
        yield* turnAway(TestChannel.inGroup("telegram", "telegram:-100123", "77", "Hi"))
        yield* turnAway(TestChannel.inGroup("whatsapp", "12345-678@g.us", "+1234567890", "Hi"))
        yield* turnAway(TestChannel.direct("telegram", "@mary", "Hi"))
        yield* turnAway(TestChannel.inGroup("telegram", "telegram:nowhere", "77", "Hi"))
        deepStrictEqual(yield* entriesOf, [
          ["allowGroups", "telegram:-100123"],
          ["allowGroups", "12345-678@g.us"],
          null,
          null
        ])
      })
    )
  )

  it.effect("the last thousand are remembered", () =>
    alone(
      [],
      Effect.gen(function* () {
        const numbered = (n: number) => TestChannel.direct("telegram", String(n), "Hi")
        for (let n = 1; n <= 1_000; n++) yield* turnAway(numbered(n))
        yield* turnAway(numbered(1))
        yield* turnAway(numbered(1_001))
        const { strangers } = yield* findings
        assert.lengthOf(strangers, 1_000)
        deepStrictEqual(
          [strangers[0]?.who, strangers[998]?.who, strangers[999]?.who],
          ["telegram:3", "telegram:1", "telegram:1001"]
        )
      })
    )
  )
})

describe("the last error", () => {
  it.effect("is the last line of the log that was one, masked, and in one line", () =>
    alone(
      [],
      Effect.gen(function* () {
        yield* Effect.logWarning("only a warning")
        assertNone((yield* findings).lastError)
        yield* TestClock.adjust("1 second")
        yield* Effect.logError("first")
        yield* Effect.logError("no line\nto +1234567890", { to: "+1987654321" })
        yield* Effect.logInfo("all is well")
        assertSome((yield* findings).lastError, { at: 1000, line: 'no line\\nto …7890 {"to":"…4321"}' })
      }).pipe(Logger.withMinimumLogLevel(LogLevel.All))
    )
  )
})
