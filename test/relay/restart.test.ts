import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import type { Channel } from "../../src/channels/Channel.js"
import { SendFailed } from "../../src/channels/Channel.js"
import * as Inbox from "../../src/relay/Inbox.js"
import { Relay } from "../../src/relay/Relay.js"
import * as Log from "../../src/storage/Log.js"
import { StorageFailed } from "../../src/storage/StorageError.js"
import * as TestChannel from "../support/channel.js"
import { withLogs } from "../support/logs.js"
import { relayOf, settled, testAgent } from "./fixture.js"

const people = { allowFrom: ["whatsapp:+1234567890", "telegram:42"] }

/** A relay over this inbox that lives as long as the body and is gone without a farewell after it. */
const relayOver = <A, E, R>(
  log: Log.Log,
  channels: ReadonlyArray<Channel>,
  body: (agent: Effect.Effect.Success<typeof testAgent>) => Effect.Effect<A, E, R>,
  settings: typeof people = people
) =>
  Effect.gen(function* () {
    const agent = yield* testAgent
    const layer = relayOf(channels, settings, Layer.effect(Inbox.Inbox, Effect.orDie(Inbox.make(log))))
    return yield* Effect.gen(function* () {
      yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never)))
      return yield* body(agent)
    }).pipe(Effect.scoped, Effect.provide(layer), Effect.provide(agent.layer))
  })

const texts = (agent: { readonly heard: ReadonlyArray<{ readonly text: string }> }) =>
  agent.heard.map(({ text }) => text)

describe("a relay that was killed", () => {
  it.scoped("answers after its next start what it had accepted, each once, in order", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      const first = yield* TestChannel.make("whatsapp")
      const messages = ["wait 1", "2", "3"].map((text) => TestChannel.direct("whatsapp", "+1234567890", text))
      yield* relayOver(log, [first], () =>
        Effect.zipRight(Effect.forEach(messages, first.receive, { discard: true }), settled)
      )
      deepStrictEqual(yield* first.allSent, [])
      const second = yield* TestChannel.make("whatsapp")
      yield* relayOver(log, [second], (agent) =>
        Effect.gen(function* () {
          // The provider, too, delivers once more what it may not have seen confirmed.
          yield* Effect.forEach(messages, second.receive, { discard: true })
          yield* settled
          yield* agent.release("wait 1")
          const parts = [yield* second.nextSent, yield* second.nextSent, yield* second.nextSent]
          deepStrictEqual(
            parts.map(({ part }) => part),
            ["answer to wait 1", "answer to 2", "answer to 3"]
          )
          yield* settled
          deepStrictEqual(yield* second.allSent, [])
          deepStrictEqual(texts(agent), ["wait 1", "2", "3"])
        })
      )
      yield* relayOver(log, [second], (agent) =>
        Effect.gen(function* () {
          yield* Effect.forEach(messages, second.receive, { discard: true })
          yield* settled
          deepStrictEqual(texts(agent), [])
          deepStrictEqual(yield* second.allSent, [])
        })
      )
    })
  )

  it.scoped("does not ask Claude again for an answer that it has, and goes on with the part that was not taken", () =>
    Effect.gen(function* () {
      const log = yield* Log.memory
      const first = yield* TestChannel.make("telegram", { limit: 9 })
      yield* first.failSends(Effect.void, Effect.never)
      yield* relayOver(log, [first], () => Effect.zipRight(first.say("telegram:42", "this text"), settled))
      const second = yield* TestChannel.make("telegram", { limit: 9 })
      yield* relayOver(log, [second], (agent) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* second.nextSent).part, "this text")
          deepStrictEqual(texts(agent), [])
        })
      )
    })
  )

  it.scoped("keeps an answer that the provider refused for good, and offers it again at the next start", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const log = yield* Log.memory
        const first = yield* TestChannel.make("telegram")
        yield* first.failSends(new SendFailed({ channel: "telegram", reason: "blocked", again: false }))
        yield* relayOver(log, [first], () => Effect.zipRight(first.say("telegram:42", "hello"), settled))
        deepStrictEqual(yield* first.allSent, [])
        assert.isTrue(lines.some((line) => line.includes("blocked")))
        const second = yield* TestChannel.make("telegram")
        yield* relayOver(log, [second], (agent) =>
          Effect.gen(function* () {
            assert.strictEqual((yield* second.nextSent).part, "answer to hello")
            deepStrictEqual(texts(agent), [])
          })
        )
      })
    )
  )

  it.scoped("leaves alone what came from a channel that is not served, and whoever may not write any more", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const log = yield* Log.memory
        const [telegram, whatsapp] = [yield* TestChannel.make("telegram"), yield* TestChannel.make("whatsapp")]
        yield* relayOver(log, [telegram, whatsapp], () =>
          Effect.gen(function* () {
            yield* telegram.say("telegram:42", "wait here")
            yield* whatsapp.say("+1234567890", "wait there")
            yield* settled
          })
        )
        const nobody = { allowFrom: ["telegram:77"] }
        yield* relayOver(
          log,
          [telegram],
          (agent) =>
            Effect.zipRight(
              settled,
              Effect.sync(() => deepStrictEqual(texts(agent), []))
            ),
          nobody
        )
        assert.isTrue(lines.some((line) => line.includes("not served now")))
        yield* relayOver(log, [telegram, whatsapp], (agent) =>
          Effect.gen(function* () {
            yield* settled
            deepStrictEqual(texts(agent), ["wait there"])
          })
        )
      })
    )
  )

  it.scoped("takes nothing that it cannot keep, says so, and takes it when it is offered again", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const log = yield* Log.memory
        const error = new StorageFailed({ file: "inbox.ndjson", doing: "saving", code: "ENOSPC", state: "unchanged" })
        let full = true
        const append: Log.Log["append"] = (added, durable) => (full ? error : log.append(added, durable))
        const telegram = yield* TestChannel.make("telegram")
        const message = TestChannel.direct("telegram", "telegram:42", "hello")
        yield* relayOver({ ...log, append }, [telegram], (agent) =>
          Effect.gen(function* () {
            yield* telegram.receive(message)
            yield* settled
            deepStrictEqual(texts(agent), [])
            assert.strictEqual(lines.filter((line) => line.includes("could not be kept")).length, 1)
            full = false
            yield* TestClock.adjust("1 second")
            yield* telegram.receive(message)
            assert.strictEqual((yield* telegram.nextSent).part, "answer to hello")
          })
        )
      })
    )
  )

  it.scoped("says of a bug where it is, and not what was in the message, which can be offered again", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const log = yield* Log.memory
        let broken = true
        const append: Log.Log["append"] = (added, durable) =>
          broken ? Effect.die(new Error(`cannot keep ${added.join()}`)) : log.append(added, durable)
        const telegram = yield* TestChannel.make("telegram")
        const message = TestChannel.direct("telegram", "telegram:42", "my secret")
        yield* relayOver({ ...log, append }, [telegram], () =>
          Effect.gen(function* () {
            yield* telegram.receive(message)
            yield* settled
            assert.isTrue(
              lines.some((line) => line.includes("not taken, because it could not be kept: a bug in the relay (Error"))
            )
            assert.notInclude(lines.join("\n"), "my secret")
            broken = false
            yield* TestClock.adjust("1 second")
            yield* telegram.receive(message)
            assert.strictEqual((yield* telegram.nextSent).part, "answer to my secret")
          })
        )
      })
    )
  )
})
