import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as EchoAgent from "../../src/agent/EchoAgent.js"
import { Identities } from "../../src/identity/Identities.js"
import { IdentityMapUnreadable } from "../../src/identity/IdentityError.js"
import * as Pinning from "../../src/relay/Pinning.js"
import { Relay } from "../../src/relay/Relay.js"
import { SessionKey } from "../../src/session/SessionKey.js"
import { SessionStore } from "../../src/session/SessionStore.js"
import * as TestChannel from "../support/channel.js"
import { withLogs } from "../support/logs.js"
import { below, link, relayOf } from "./fixture.js"

const people = { allowFrom: ["telegram:42424242", "telegram:77777777", "whatsapp:+1234567890"] }

/** A Telegram account with the username that it has at the moment. */
const as = (number: string, username?: string) => ({
  sender: {
    From: `telegram:${number}`,
    provider: "telegram" as const,
    chatType: "direct" as const,
    aliases: username === undefined ? [] : [`telegram:${username}`]
  }
})

type Say = (number: string, username?: string) => Effect.Effect<number>

/** A relay in which accounts write under usernames. Each is answered before it goes on, with the turn that it was. */
const relay = <A, E, R>(body: (say: Say) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const telegram = yield* TestChannel.make("telegram")
    return yield* Effect.gen(function* () {
      yield* Effect.forkScoped(Effect.flatMap(Relay, ({ run }) => run(Effect.never)))
      return yield* body((number, username) =>
        Effect.gen(function* () {
          yield* telegram.say(`telegram:${number}`, "hello", as(number, username))
          return Number(/Turn (\d+)/.exec((yield* telegram.nextSent).part)?.[1])
        })
      )
    }).pipe(Effect.provide(relayOf([telegram], people)), Effect.provide(EchoAgent.layer))
  })

const mappings = Effect.flatMap(Identities, ({ list }) => list)

describe("a username that is linked", () => {
  it.scoped("is bound to the account that has it when it first writes, as a change by the relay, and only once", () =>
    relay((say) =>
      Effect.gen(function* () {
        const id = yield* link("telegram:@john", "whatsapp:+1234567890")
        yield* say("42424242", "@John")
        yield* say("42424242", "@John")
        const [mapping] = yield* mappings
        deepStrictEqual(mapping?.pins, { "@john": "42424242" })
        const records = yield* Effect.flatMap(Identities, ({ history }) => history)
        deepStrictEqual(
          records.map(({ action, by }) => [action, by]),
          [
            ["link", "library"],
            ["pin", "relay"]
          ]
        )
        const sessions = yield* Effect.flatMap(SessionStore, ({ all }) => all)
        deepStrictEqual(Array.from(sessions.keys(), String), [String(id)])
      })
    )
  )

  it.scoped("lets its account in under any later name", () =>
    relay((say) =>
      Effect.gen(function* () {
        yield* link("telegram:@john", "whatsapp:+1234567890")
        deepStrictEqual([yield* say("42424242", "@john"), yield* say("42424242", "@johnny")], [1, 2])
        assert.strictEqual(yield* say("42424242"), 3)
      })
    )
  )

  it.scoped("keeps apart whoever takes it later, and reports him once, masked", () =>
    withLogs((lines) =>
      relay((say) =>
        Effect.gen(function* () {
          yield* link("telegram:@john", "whatsapp:+1234567890")
          deepStrictEqual([yield* say("42424242", "@john"), yield* say("42424242", "@john")], [1, 2])
          deepStrictEqual([yield* say("77777777", "@john"), yield* say("77777777", "@john")], [1, 2])
          assert.strictEqual(yield* say("42424242", "@johnny"), 3)
          const reports = lines.filter((line) => line.includes("kept apart"))
          assert.strictEqual(reports.length, 1)
          assert.include(reports[0], "…7777")
          assert.notInclude(lines.join("\n"), "77777777")
        })
      )
    )
  )

  it.scoped("that cannot be bound is no reason not to answer, and is reported, masked", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        yield* link("telegram:@john", "whatsapp:+1234567890")
        const error = new IdentityMapUnreadable({ reason: "no space for +1234567890" })
        const identities = { ...(yield* Identities), change: () => Effect.fail(error) }
        const see = yield* Pinning.make(yield* SessionKey, "per-sender", identities)
        yield* see(TestChannel.direct("telegram", "telegram:42424242", "hello", as("42424242", "@john")))
        assert.strictEqual(lines.filter((line) => line.includes("no space for …7890")).length, 1)
      }).pipe(Effect.provide(below()))
    )
  )
})
