import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { AgentExited, AgentTimedOut } from "../../src/agent/AgentError.js"
import * as EchoAgent from "../../src/agent/EchoAgent.js"
import { ChannelFailed, SendFailed } from "../../src/channels/Channel.js"
import { Relay } from "../../src/relay/Relay.js"
import { SessionStore } from "../../src/session/SessionStore.js"
import * as TestChannel from "../support/channel.js"
import { withLogs } from "../support/logs.js"
import { link, relayOf, type SettingsEncoded, settled, testAgent, unlink } from "./fixture.js"

const mom = { whatsapp: "+1234567890", telegram: "telegram:42" }
const everybody: SettingsEncoded = {
  allowFrom: [
    { id: "whatsapp:+1234567890", name: "Mom" },
    { id: "telegram:42", name: "Mom" },
    "whatsapp:+1987654321",
    "telegram:77",
    "twilio:+1234567890"
  ],
  allowGroups: ["telegram:-100123", "12345-678@g.us"]
}

const threeChannels = Effect.all({
  whatsapp: TestChannel.make("whatsapp"),
  telegram: TestChannel.make("telegram", { limit: 20 }),
  twilio: TestChannel.make("twilio")
})

/** A relay that runs until the scope ends, with three channels and an agent whose turns the test ends. */
const relay = <A, E, R>(
  settings: SettingsEncoded,
  body: (
    parts: Effect.Effect.Success<typeof threeChannels> & {
      readonly agent: Effect.Effect.Success<typeof testAgent>
      readonly stop: Effect.Effect<unknown>
      readonly relay: Fiber.RuntimeFiber<void>
    }
  ) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const channels = yield* threeChannels
    const agent = yield* testAgent
    const stop = yield* Deferred.make<void>()
    return yield* Effect.gen(function* () {
      const fiber = yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Deferred.await(stop))))
      return yield* body({ ...channels, agent, relay: fiber, stop: Deferred.succeed(stop, undefined) })
    }).pipe(Effect.provide(relayOf(Object.values(channels), settings)), Effect.provide(agent.layer))
  })

const failedSend = (again: boolean, retryAfter?: Duration.DurationInput) =>
  new SendFailed({
    channel: "whatsapp",
    reason: "no line to +1234567890",
    again,
    ...(retryAfter === undefined ? {} : { retryAfter: Duration.decode(retryAfter) })
  })

const allSessions = Effect.flatMap(SessionStore, ({ all }) => all)

describe("Relay", () => {
  it.scoped(
    "linked senders on two providers are answered in one session, one after another, each at their own address",
    () =>
      relay(everybody, ({ agent, telegram, whatsapp }) =>
        Effect.gen(function* () {
          yield* link("whatsapp:+1234567890", "telegram:42")
          yield* whatsapp.say(mom.whatsapp, "wait 1")
          yield* telegram.say(mom.telegram, "wait 2")
          yield* settled
          assert.deepStrictEqual(
            agent.heard.map(({ text }) => text),
            ["wait 1"]
          )
          yield* agent.release("wait 1")
          assert.deepStrictEqual(yield* whatsapp.nextSent, { to: "<+1234567890>", part: "answer to wait 1" })
          yield* settled
          yield* agent.release("wait 2")
          assert.deepStrictEqual(yield* telegram.nextSent, { to: "<telegram:42>", part: "answer to wait 2" })
          const [first, second] = agent.heard
          assert.strictEqual(second?.session, first?.session)
          assert.strictEqual(second?.start, "Resume")
          assert.strictEqual(agent.seen.most, 1)
          assert.deepStrictEqual([...(yield* whatsapp.allSent), ...(yield* telegram.allSent)], [])
        })
      )
  )

  it.scoped("Claude is told who speaks: the listed name, else the masked account; and in a group, who of it", () =>
    relay(everybody, ({ agent, telegram, whatsapp }) =>
      Effect.gen(function* () {
        yield* whatsapp.say(mom.whatsapp, "1")
        yield* whatsapp.nextSent
        yield* whatsapp.say("+1987654321", "2")
        yield* whatsapp.nextSent
        yield* telegram.receive(TestChannel.inGroup("telegram", "telegram:-100123", mom.telegram, "3"))
        yield* telegram.nextSent
        yield* telegram.receive(TestChannel.inGroup("telegram", "telegram:-100123", "telegram:555666777", "4"))
        yield* telegram.nextSent
        assert.deepStrictEqual(
          agent.heard.map(({ speaker }) => speaker),
          ["WhatsApp · Mom", "WhatsApp · …4321", "Telegram · Mom", "Telegram · …6777"]
        )
      })
    )
  )

  it.scoped("different people are answered side by side, up to the bound", () =>
    relay(
      {
        allowFrom: Array.from({ length: 5 }, (_, index) => `whatsapp:+100000${index}`),
        maxTurns: 3
      },
      ({ agent, whatsapp }) =>
        Effect.gen(function* () {
          for (const index of [0, 1, 2, 3, 4]) yield* whatsapp.say(`+100000${index}`, `wait ${index}`)
          yield* settled
          assert.strictEqual(agent.seen.running, 3)
          yield* agent.release("wait 1")
          assert.strictEqual((yield* whatsapp.nextSent).to, "<+1000001>")
          yield* settled
          assert.strictEqual(agent.seen.running, 3)
          for (const index of [0, 2, 3, 4]) yield* agent.release(`wait ${index}`)
          yield* Effect.replicateEffect(whatsapp.nextSent, 4)
          assert.strictEqual(agent.seen.most, 3)
        })
    )
  )

  it.scoped("a turn that hangs, or a provider that does not take its answer, holds up nobody else", () =>
    relay({ ...everybody, maxTurns: 2 }, ({ agent, telegram, whatsapp }) =>
      Effect.gen(function* () {
        yield* whatsapp.say(mom.whatsapp, "wait for ever")
        yield* whatsapp.failSends(Effect.never)
        yield* whatsapp.say("+1987654321", "not taken")
        for (const text of ["one", "two", "three"]) {
          yield* telegram.say(mom.telegram, text)
          assert.strictEqual((yield* telegram.nextSent).part, `answer to ${text}`)
        }
        assert.strictEqual(agent.seen.running, 1)
      })
    )
  )

  it.scoped("a message is answered once, however often it is delivered", () =>
    relay(everybody, ({ agent, whatsapp }) =>
      Effect.gen(function* () {
        const message = TestChannel.direct("whatsapp", mom.whatsapp, "Hello")
        yield* whatsapp.receive(message)
        yield* whatsapp.receive(message)
        yield* whatsapp.nextSent
        yield* whatsapp.receive(message)
        yield* settled
        assert.deepStrictEqual(yield* whatsapp.allSent, [])
        assert.lengthOf(agent.heard, 1)
      })
    )
  )

  it.scoped("an unlink takes effect on what waits already", () =>
    relay(everybody, ({ agent, telegram, whatsapp }) =>
      Effect.gen(function* () {
        const id = yield* link("whatsapp:+1234567890", "telegram:42")
        yield* whatsapp.say(mom.whatsapp, "wait 1")
        yield* telegram.say(mom.telegram, "2")
        yield* settled
        yield* unlink(id)
        yield* agent.release("wait 1")
        yield* whatsapp.nextSent
        yield* telegram.nextSent
        const [first, second] = agent.heard
        assert.strictEqual(second?.text, "2")
        assert.notStrictEqual(second?.session, first?.session)
      })
    )
  )

  it.scoped("a group has a conversation of its own, of which no link is part, and is answered in the group", () =>
    relay(everybody, ({ agent, telegram }) =>
      Effect.gen(function* () {
        yield* link("whatsapp:+1234567890", "telegram:42")
        yield* telegram.receive(TestChannel.inGroup("telegram", "telegram:-100123", mom.telegram, "1"))
        assert.strictEqual((yield* telegram.nextSent).to, "<telegram:-100123>")
        yield* telegram.receive(TestChannel.inGroup("telegram", "telegram:-100123", "telegram:555", "2"))
        yield* telegram.nextSent
        yield* telegram.say(mom.telegram, "3")
        yield* telegram.nextSent
        const [first, second, third] = agent.heard
        assert.strictEqual(second?.session, first?.session)
        assert.notStrictEqual(third?.session, first?.session)
        assert.deepStrictEqual([...(yield* allSessions).keys()].map(String).sort()[0], "group:telegram:-100123")
      })
    )
  )

  it.scoped("who is not listed gets no answer, no session and one line in the log, linked or not", () =>
    withLogs((lines) =>
      relay({ allowFrom: ["whatsapp:+1234567890"] }, ({ agent, telegram, twilio }) =>
        Effect.gen(function* () {
          yield* link("whatsapp:+1234567890", "telegram:123456789")
          yield* telegram.say("telegram:123456789", "Let me in")
          yield* telegram.say("telegram:123456789", "Please")
          yield* twilio.say("+1234567890", "It is me")
          yield* telegram.receive(TestChannel.inGroup("telegram", "telegram:-100987654321", "telegram:42", "Hello"))
          yield* telegram.receive(TestChannel.inGroup("telegram", "telegram:-100987654321", "telegram:43", "Hello"))
          yield* settled
          assert.lengthOf(agent.heard, 0)
          assert.deepStrictEqual([...(yield* telegram.allSent), ...(yield* twilio.allSent)], [])
          assert.deepStrictEqual([...telegram.seen.typing, ...twilio.seen.typing], [])
          assert.strictEqual((yield* allSessions).size, 0)
          assert.lengthOf(lines, 3)
          assert.include(lines[0], "telegram:…6789 was not answered: not in allowFrom")
          assert.include(lines[1], "twilio, …7890 was not answered: not in allowFrom")
          assert.include(lines[2], "the group telegram:-…4321 is not in allowGroups")
        })
      )
    )
  )

  it.scoped(
    "typing is shown at the message's address while Claude works, again every four seconds, and then no more",
    () =>
      relay(everybody, ({ agent, whatsapp }) =>
        Effect.gen(function* () {
          yield* whatsapp.say(mom.whatsapp, "wait 1")
          yield* settled
          assert.deepStrictEqual(whatsapp.seen.typing, ["<+1234567890>"])
          yield* TestClock.adjust("4 seconds")
          assert.lengthOf(whatsapp.seen.typing, 2)
          yield* TestClock.adjust("4 seconds")
          assert.lengthOf(whatsapp.seen.typing, 3)
          yield* agent.release("wait 1")
          yield* whatsapp.nextSent
          yield* TestClock.adjust("1 minute")
          assert.lengthOf(whatsapp.seen.typing, 3)
        })
      )
  )

  it.scoped("a long answer comes in parts, in order, and a part that has to wait holds back those after it", () =>
    relay(everybody, ({ telegram }) =>
      Effect.gen(function* () {
        yield* telegram.failSends(
          Effect.void,
          new SendFailed({ channel: "telegram", reason: "slowly", again: true, retryAfter: Duration.seconds(30) })
        )
        yield* telegram.say(mom.telegram, "one two three four five six")
        yield* TestClock.adjust("29 seconds")
        assert.deepStrictEqual(yield* telegram.allSent, [])
        yield* TestClock.adjust("1 second")
        const parts = yield* telegram.allSent
        // The first part was taken by the fault that is none.
        assert.deepStrictEqual(
          parts.map(({ part }) => part),
          ["three four five six"]
        )
      })
    )
  )

  it.scoped("a turn that fails becomes a sentence to the sender, and the next message is answered", () =>
    withLogs((lines) =>
      relay(everybody, ({ agent, whatsapp }) =>
        Effect.gen(function* () {
          yield* whatsapp.say(mom.whatsapp, "wait 1")
          yield* agent.fail("wait 1", new AgentTimedOut({ command: "claude", seconds: 600 }))
          assert.match((yield* whatsapp.nextSent).part, /^Claude took too long to answer/)
          yield* whatsapp.say(mom.whatsapp, "wait 2")
          yield* agent.fail("wait 2", new AgentExited({ command: "claude", status: 1, reason: "+1234567890 is bad" }))
          assert.match((yield* whatsapp.nextSent).part, /^Claude could not answer that/)
          yield* whatsapp.say(mom.whatsapp, "wait 3")
          yield* agent.die("wait 3", new Error("Dear Claude, +1234567890"))
          assert.match((yield* whatsapp.nextSent).part, /^Something went wrong on my side/)
          yield* whatsapp.say(mom.whatsapp, "4")
          assert.strictEqual((yield* whatsapp.nextSent).part, "answer to 4")
          assert.deepStrictEqual(
            lines
              .filter((line) => line.includes("ERROR"))
              .map((line) => line.includes("no answer to whatsapp, …7890: ")),
            [true, true, true]
          )
          assert.include(lines[1], "…7890 is bad")
        })
      )
    )
  )

  it.scoped("an answer that nobody takes is an error in the log, and the conversation goes on", () =>
    withLogs((lines) =>
      relay(everybody, ({ whatsapp }) =>
        Effect.gen(function* () {
          yield* whatsapp.failSends(failedSend(false), Effect.die(new Error("to +1234567890")))
          yield* whatsapp.say(mom.whatsapp, "1")
          yield* whatsapp.say(mom.whatsapp, "2")
          yield* whatsapp.say(mom.whatsapp, "3")
          assert.strictEqual((yield* whatsapp.nextSent).part, "answer to 3")
          const errors = lines.filter((line) => line.includes("ERROR"))
          assert.lengthOf(errors, 2)
          assert.include(errors[0], "whatsapp, …7890: an answer was not delivered: ")
          assert.include(errors[0], "no line to …7890")
          assert.include(errors[1], "not delivered because of a bug (Error")
        })
      )
    )
  )

  it.scoped("answers that were given up while the provider was gone go out when it takes answers again, once", () =>
    withLogs(() =>
      relay(everybody, ({ agent, telegram, whatsapp }) =>
        Effect.gen(function* () {
          const gone = failedSend(true, "6 minutes")
          yield* whatsapp.failSends(gone, gone)
          yield* whatsapp.say(mom.whatsapp, "1")
          yield* whatsapp.say("+1987654321", "2")
          yield* settled
          yield* telegram.say("telegram:77", "3")
          assert.strictEqual((yield* telegram.nextSent).part, "answer to 3")
          yield* settled
          assert.deepStrictEqual(yield* whatsapp.allSent, [])
          yield* whatsapp.say(mom.whatsapp, "4")
          const parts = [yield* whatsapp.nextSent, yield* whatsapp.nextSent, yield* whatsapp.nextSent]
          assert.deepStrictEqual(parts.map(({ part }) => part).sort(), ["answer to 1", "answer to 2", "answer to 4"])
          assert.strictEqual(parts[0]?.part, "answer to 4")
          assert.strictEqual(parts.find(({ part }) => part === "answer to 2")?.to, "<+1987654321>")
          assert.lengthOf(agent.heard, 4)
        })
      )
    )
  )

  it.scoped("an answer that is given up again, or was refused for good, is not tried for ever", () =>
    withLogs(() =>
      relay(everybody, ({ whatsapp }) =>
        Effect.gen(function* () {
          yield* whatsapp.failSends(failedSend(true, "6 minutes"), failedSend(false))
          yield* whatsapp.say(mom.whatsapp, "1")
          yield* whatsapp.say("+1987654321", "2")
          yield* settled
          yield* whatsapp.failSends(Effect.void, failedSend(true, "6 minutes"))
          yield* whatsapp.say(mom.whatsapp, "3")
          yield* settled
          yield* whatsapp.say(mom.whatsapp, "4")
          yield* settled
          assert.deepStrictEqual(
            (yield* whatsapp.allSent).map(({ part }) => part),
            ["answer to 4"]
          )
        })
      )
    )
  )

  it.scoped("whoever has too many messages waiting is told so, once, and the rest are answered", () =>
    relay({ ...everybody, maxWaiting: 2 }, ({ agent, whatsapp }) =>
      Effect.gen(function* () {
        yield* whatsapp.say(mom.whatsapp, "wait 1")
        yield* settled
        for (const text of ["2", "3", "4", "5"]) yield* whatsapp.say(mom.whatsapp, text)
        yield* settled
        const told = yield* whatsapp.allSent
        assert.lengthOf(told, 1)
        assert.match(told[0]?.part ?? "", /^I have not got round to your earlier messages/)
        yield* agent.release("wait 1")
        const answers = yield* Effect.replicateEffect(whatsapp.nextSent, 3)
        assert.deepStrictEqual(
          answers.map(({ part }) => part),
          ["answer to wait 1", "answer to 2", "answer to 3"]
        )
        yield* settled
        assert.deepStrictEqual(yield* whatsapp.allSent, [])
      })
    )
  )

  it.scoped("who was told so is told so before the relay ends, if it is not interrupted", () =>
    Effect.forEach(["ended", "interrupted"] as const, (how) =>
      relay({ ...everybody, maxWaiting: 1 }, ({ agent, relay, telegram, twilio, whatsapp }) =>
        Effect.gen(function* () {
          yield* whatsapp.say(mom.whatsapp, "wait 1")
          yield* settled
          yield* whatsapp.failSends(how === "ended" ? failedSend(true, "1 minute") : Effect.never)
          for (const text of ["2", "3"]) yield* whatsapp.say(mom.whatsapp, text)
          yield* settled
          for (const channel of [whatsapp, telegram, twilio]) yield* channel.end
          yield* agent.release("wait 1")
          yield* settled
          assert.lengthOf(yield* whatsapp.allSent, 2)
          assert.isNull(relay.unsafePoll())
          if (how === "interrupted") return yield* Fiber.interrupt(relay)
          yield* TestClock.adjust("1 minute")
          yield* Fiber.join(relay)
          assert.match((yield* whatsapp.nextSent).part, /^I have not got round/)
        })
      )
    )
  )

  it.scoped("a channel that fails is tried again, and the others go on meanwhile", () =>
    relay(everybody, ({ telegram, whatsapp }) =>
      Effect.gen(function* () {
        yield* whatsapp.breakDown(new ChannelFailed({ channel: "whatsapp", reason: "no network" }))
        yield* settled
        assert.strictEqual(whatsapp.seen.ends, 1)
        yield* telegram.say(mom.telegram, "Hello")
        yield* telegram.nextSent
        yield* TestClock.adjust("1 second")
        assert.strictEqual(whatsapp.seen.starts, 2)
        yield* whatsapp.say(mom.whatsapp, "Hello")
        yield* whatsapp.nextSent
      })
    )
  )

  it.scoped("when all channels have ended, what was received is answered, and the relay ends", () =>
    relay(everybody, ({ agent, relay, telegram, twilio, whatsapp }) =>
      Effect.gen(function* () {
        yield* whatsapp.say(mom.whatsapp, "wait 1")
        yield* whatsapp.say(mom.whatsapp, "2")
        for (const channel of [whatsapp, telegram, twilio]) yield* channel.end
        yield* settled
        assert.isNull(relay.unsafePoll())
        yield* agent.release("wait 1")
        yield* Fiber.join(relay)
        assert.deepStrictEqual(
          (yield* whatsapp.allSent).map(({ part }) => part),
          ["answer to wait 1", "answer to 2"]
        )
      })
    )
  )

  it.scoped(
    "a stop ends receiving at once, lets what is being answered be delivered, and leaves the rest, counted",
    () =>
      withLogs((lines) =>
        relay(everybody, ({ agent, relay, stop, telegram, whatsapp }) =>
          Effect.gen(function* () {
            yield* whatsapp.say(mom.whatsapp, "wait 1")
            yield* whatsapp.say(mom.whatsapp, "2")
            yield* telegram.say(mom.telegram, "wait 3")
            yield* settled
            yield* stop
            yield* settled
            assert.strictEqual(whatsapp.seen.ends, 1)
            assert.strictEqual(telegram.seen.ends, 1)
            yield* agent.release("wait 3")
            yield* telegram.nextSent
            yield* settled
            assert.isNull(relay.unsafePoll())
            yield* whatsapp.failSends(failedSend(true))
            yield* agent.release("wait 1")
            yield* TestClock.adjust("1 second")
            assert.strictEqual((yield* whatsapp.nextSent).part, "answer to wait 1")
            yield* Fiber.join(relay)
            assert.lengthOf(agent.heard, 2)
            assert.include(lines.join("\n"), "1 message is left for the next start")
            assert.strictEqual(agent.seen.interrupted, 0)
          })
        )
      )
  )

  it.scoped("an interrupt ends everything at once, also while it is stopping", () =>
    relay(everybody, ({ agent, relay, stop, whatsapp }) =>
      Effect.gen(function* () {
        yield* whatsapp.say(mom.whatsapp, "wait 1")
        yield* settled
        yield* stop
        yield* settled
        yield* Fiber.interrupt(relay)
        assert.strictEqual(agent.seen.interrupted, 1)
        assert.strictEqual(agent.seen.running, 0)
        assert.strictEqual(whatsapp.seen.ends, 1)
        assert.deepStrictEqual(yield* whatsapp.allSent, [])
      })
    )
  )

  it.scoped("/new starts a new conversation for everybody in it", () =>
    relay(everybody, ({ agent, telegram, whatsapp }) =>
      Effect.gen(function* () {
        yield* link("whatsapp:+1234567890", "telegram:42")
        yield* whatsapp.say(mom.whatsapp, "1")
        yield* whatsapp.nextSent
        yield* telegram.say(mom.telegram, "/new 2")
        yield* telegram.nextSent
        yield* whatsapp.say(mom.whatsapp, "3")
        yield* whatsapp.nextSent
        const [first, second, third] = agent.heard
        assert.notStrictEqual(second?.session, first?.session)
        assert.strictEqual(second?.text, "2")
        assert.strictEqual(third?.session, second?.session)
      })
    )
  )

  it.scoped("the log shows nothing of what is said and no whole number, at any level and whatever goes wrong", () =>
    withLogs((lines) =>
      relay({ ...everybody, maxWaiting: 1 }, ({ agent, telegram, whatsapp }) =>
        Effect.gen(function* () {
          yield* whatsapp.say(mom.whatsapp, "wait SECRET 1")
          yield* settled
          for (const n of [2, 3, 4]) yield* whatsapp.say(mom.whatsapp, `SECRET ${n}`)
          yield* agent.die("wait SECRET 1", new Error("SECRET of +1234567890"))
          yield* whatsapp.failSends(failedSend(true), failedSend(false))
          yield* telegram.say("telegram:987654321", "SECRET 5")
          yield* telegram.receive(
            TestChannel.inGroup("telegram", "telegram:-100123", "telegram:987654321", "wait SECRET 6")
          )
          yield* agent.fail("wait SECRET 6", new AgentTimedOut({ command: "claude", seconds: 600 }))
          yield* whatsapp.breakDown(new ChannelFailed({ channel: "whatsapp", reason: "+1234567890 is gone" }))
          yield* TestClock.adjust("1 minute")
          assert.isAtLeast(lines.length, 4)
          const log = lines.join("\n")
          assert.notInclude(log, "SECRET")
          assert.notMatch(log, /1234567890|987654321/)
        })
      )
    )
  )

  it.scoped("with the agent that only repeats, one sees the shared conversation", () =>
    Effect.gen(function* () {
      const { telegram, whatsapp } = yield* threeChannels
      yield* Effect.gen(function* () {
        yield* link("whatsapp:+1234567890", "telegram:42")
        yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never)))
        yield* whatsapp.say(mom.whatsapp, "I have a cat")
        assert.match((yield* whatsapp.nextSent).part, /Turn 1 of session/)
        yield* telegram.say(mom.telegram, "what do I have?")
        yield* settled
        const parts = (yield* telegram.allSent).map(({ part }) => part).join(" ")
        assert.match(parts, /Turn 2 of session/)
        assert.include(parts, "I have a cat")
      }).pipe(Effect.provide(relayOf([whatsapp, telegram], everybody)), Effect.provide(EchoAgent.layer))
    })
  )
})
