import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "node:path"
import { Agent } from "../../src/agent/Agent.js"
import { AgentNotFound } from "../../src/agent/AgentError.js"
import * as SessionLockFile from "../../src/agent/SessionLockFile.js"
import { Turns, TurnSettings, layer as turns } from "../../src/agent/Turns.js"
import * as Identities from "../../src/identity/Identities.js"
import * as IdentityStoreFile from "../../src/identity/IdentityStoreFile.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import type { SenderContext } from "../../src/session/SenderContext.js"
import * as SessionIds from "../../src/session/SessionIds.js"
import { SessionSettings } from "../../src/session/SessionSettings.js"
import { SessionStore } from "../../src/session/SessionStore.js"
import * as SessionStoreFile from "../../src/session/SessionStoreFile.js"
import * as Sessions from "../../src/session/Sessions.js"
import { SessionId } from "../../src/session/SessionId.js"
import { Start } from "../../src/session/Start.js"
import { the } from "../identity/arbitrary.js"
import * as routing from "../session/routing.js"
import * as home from "../support/home.js"

const phone = the("whatsapp", "+1234567890")
const john = the("telegram", "@john")
const whatsapp: SenderContext = { From: "+1234567890", provider: "whatsapp" }
const telegram: SenderContext = { From: "42", aliases: ["@john"], provider: "telegram" }
const chosen = SessionId.make("00000000-0000-4000-9000-00000000abcd")

/** An agent whose answers wait until the test lets them go, and who notices when two turns of one session overlap. */
const makeAgent = () => {
  const asked: Array<{ readonly start: Start; readonly prompt: string }> = []
  const open = new Set<string>()
  const overlaps: Array<string> = []
  let gate: Deferred.Deferred<void> | undefined
  let failing = false
  const agent = Agent.of({
    canFork: true,
    answer: (start, prompt) =>
      Effect.gen(function* () {
        asked.push({ start, prompt })
        const touched = start._tag === "Fork" ? [start.id, start.from] : [start.id]
        for (const id of touched) {
          if (open.has(id)) overlaps.push(`${id} by ${prompt}`)
          open.add(id)
        }
        yield* gate === undefined ? Effect.sleep("5 millis") : Deferred.await(gate)
        for (const id of touched) open.delete(id)
        if (failing) return yield* new AgentNotFound({ command: "claude" })
        return { text: `re: ${prompt}`, session: start.id }
      })
  })
  return {
    layer: Layer.succeed(Agent, agent),
    asked,
    overlaps,
    fail: (on: boolean) => {
      failing = on
    },
    /** From now on answers wait for the effect that this gives. */
    close: Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      gate = closed
      return Effect.sync(() => {
        if (gate === closed) gate = undefined
      }).pipe(Effect.zipRight(Deferred.succeed(closed, undefined)))
    })
  }
}

type World = ReturnType<typeof makeAgent>

/** One process with this home. */
const processIn = (directory: string, agent: World) =>
  Layer.mergeAll(turns, Identities.layer).pipe(
    Layer.provide(agent.layer),
    Layer.provide(SessionLockFile.layerFile({ patience: Duration.minutes(1), isRelay: true })),
    Layer.provide(routing.keys),
    Layer.provideMerge(Sessions.layer),
    Layer.provideMerge(SessionStoreFile.layerFile),
    Layer.provide(IdentityStoreFile.layerFile),
    Layer.provide([SharedIds.layer, SessionIds.layer]),
    Layer.provide(Layer.succeed(SessionSettings, { scope: "per-sender", idleMinutes: 60 })),
    Layer.provide(Layer.succeed(TurnSettings, { resetTriggers: ["/new"] })),
    Layer.provide(home.at(directory)),
    Layer.fresh
  )

type Services = Turns | Identities.Identities | SessionStore

const inProcess = <A, E>(run: (agent: World, directory: string) => Effect.Effect<A, E, Services>) =>
  Effect.gen(function* () {
    const agent = makeAgent()
    const directory = Path.join(yield* home.directory, "home")
    return yield* Effect.provide(run(agent, directory), processIn(directory, agent))
  })

const say = (sender: SenderContext, text: string, session = Option.none<SessionId>()) =>
  Effect.flatMap(Turns, ({ run }) => run({ sender, text, prompt: (text) => text, session }))

const table = Effect.flatMap(SessionStore, ({ all }) => Effect.map(all, (all) => Object.fromEntries(all)))

const until = (condition: () => boolean) =>
  Effect.timeout(Effect.repeat(Effect.sleep("2 millis"), { until: condition }), "10 seconds")

const idOf = ({ session }: { readonly session: Option.Option<SessionId> }) => Option.getOrThrow(session)

describe("a turn", () => {
  it.scopedLive("is answered in the conversation of its sender, which goes on", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const first = yield* say(whatsapp, "hello")
        assert.strictEqual(first.text, "re: hello")
        assert.strictEqual(first.key, "+1234567890")
        const second = yield* say(whatsapp, "and?")
        assert.strictEqual(idOf(second), idOf(first))
        deepStrictEqual(
          agent.asked.map(({ start }) => start._tag),
          ["Begin", "Resume"]
        )
        assert.notStrictEqual(idOf(yield* say(telegram, "me too")), idOf(first))
      })
    )
  )

  it.scopedLive("of people who are linked is in one session, which continues what was said before", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const alone = yield* say(telegram, "my cat is called Tom")
        yield* routing.link(phone, john)
        const one = yield* say(whatsapp, "what is his name?")
        // The mapping knows him by name alone, so it is his own first turn that finds what he said.
        assert.notStrictEqual(idOf(one), idOf(alone))
        const other = yield* say(telegram, "?")
        assert.strictEqual(idOf(other), idOf(one))
        assert.strictEqual(other.key, one.key)
        assert.match(one.key, /^shared-/)
        deepStrictEqual(agent.overlaps, [])
      })
    )
  )

  it.scopedLive("forks the session that was used last, under an id of its own", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const alone = yield* say(whatsapp, "my cat is called Tom")
        yield* routing.link(phone, john)
        const shared = yield* say(telegram, "what is his name?")
        deepStrictEqual(agent.asked[1]?.start, Start.Fork({ from: idOf(alone), id: idOf(shared) }))
        yield* say(whatsapp, "well?")
        deepStrictEqual(agent.asked[2]?.start, Start.Resume({ id: idOf(shared) }))
      })
    )
  )

  it.scopedLive("that failed is not recorded, and its fork is tried again under the same id", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        yield* say(whatsapp, "hello")
        yield* routing.link(phone, john)
        agent.fail(true)
        assert.strictEqual((yield* Effect.flip(say(whatsapp, "one")))._tag, "AgentNotFound")
        agent.fail(false)
        yield* say(whatsapp, "two")
        assert.strictEqual(agent.asked[1]?.start._tag, "Fork")
        deepStrictEqual(agent.asked[2]?.start, agent.asked[1]?.start)
      })
    )
  )

  it.scopedLive("never overlaps another in its session, in one process", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        yield* routing.link(phone, john)
        const texts = Array.from({ length: 12 }, (_, n) => `${n}`)
        yield* Effect.forEach(texts, (text, n) => say(n % 2 === 0 ? whatsapp : telegram, text), {
          concurrency: "unbounded"
        })
        assert.strictEqual(agent.asked.length, 12)
        assert.strictEqual(new Set(agent.asked.map(({ start }) => start.id)).size, 1)
        deepStrictEqual(agent.overlaps, [])
      })
    )
  )

  it.scopedLive("never overlaps another in its session, across processes with one home", () =>
    Effect.gen(function* () {
      const agent = makeAgent()
      const directory = Path.join(yield* home.directory, "home")
      const processes = [
        yield* Layer.build(processIn(directory, agent)),
        yield* Layer.build(processIn(directory, agent)),
        yield* Layer.build(processIn(directory, agent))
      ]
      const [first] = processes
      assert.isDefined(first)
      if (first === undefined) return
      yield* Effect.provide(say(whatsapp, "before"), first)
      yield* Effect.provide(routing.link(phone, john), first)
      yield* Effect.forEach(
        processes.flatMap((process) => [process, process, process]),
        (process, n) => Effect.provide(say(n % 2 === 0 ? whatsapp : telegram, `${n}`), process),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(agent.asked.length, 10)
      assert.strictEqual(agent.asked.filter(({ start }) => start._tag === "Fork").length, 1)
      assert.strictEqual(new Set(agent.asked.slice(1).map(({ start }) => start.id)).size, 1)
      deepStrictEqual(agent.overlaps, [])
    })
  )

  it.scopedLive("of other people is not held up", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const open = yield* agent.close
        const one = yield* Effect.fork(say(whatsapp, "slow"))
        const other = yield* Effect.fork(say(telegram, "slow too"))
        yield* until(() => agent.asked.length === 2)
        yield* open
        yield* Fiber.join(one)
        yield* Fiber.join(other)
      })
    )
  )

  it.scopedLive("that waited while its sender was unlinked is in his own conversation", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const alone = yield* say(telegram, "alone")
        const id = yield* routing.link(phone, john)
        const open = yield* agent.close
        const running = yield* Effect.fork(say(whatsapp, "slow"))
        yield* until(() => agent.asked.length === 2)
        const waiting = yield* Effect.fork(say(telegram, "secret"))
        yield* Effect.sleep("100 millis")
        assert.strictEqual(agent.asked.length, 2)
        yield* routing.unlink(id)
        yield* open
        const shared = yield* Fiber.join(running)
        const own = yield* Fiber.join(waiting)
        assert.strictEqual(own.key, "telegram:42")
        assert.strictEqual(idOf(own), idOf(alone))
        assert.notStrictEqual(idOf(own), idOf(shared))
      })
    )
  )

  it.scopedLive("that waited while its sender was unlinked does not overlap those that came after", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        yield* say(telegram, "alone")
        const id = yield* routing.link(phone, john)
        const open = yield* agent.close
        const running = yield* Effect.fork(say(whatsapp, "slow"))
        yield* until(() => agent.asked.length === 2)
        const early = yield* Effect.fork(say(telegram, "early"))
        yield* Effect.sleep("100 millis")
        yield* routing.unlink(id)
        const openNext = yield* agent.close
        yield* open
        yield* Fiber.join(running)
        const late = yield* Effect.fork(say(telegram, "late"))
        yield* until(() => agent.asked.length > 2)
        yield* Effect.sleep("200 millis")
        assert.strictEqual(agent.asked.length, 3)
        yield* openNext
        assert.strictEqual(idOf(yield* Fiber.join(early)), idOf(yield* Fiber.join(late)))
        deepStrictEqual(agent.overlaps, [])
      })
    )
  )

  it.scopedLive(
    "that waited while its sender was linked is in the shared conversation, with what was said meanwhile",
    () =>
      inProcess((agent) =>
        Effect.gen(function* () {
          const open = yield* agent.close
          const running = yield* Effect.fork(say(whatsapp, "slow"))
          yield* until(() => agent.asked.length === 1)
          const waiting = yield* Effect.fork(say(whatsapp, "next"))
          yield* Effect.sleep("100 millis")
          yield* routing.link(phone, john)
          const linked = yield* Effect.fork(say(telegram, "hello"))
          yield* Effect.sleep("100 millis")
          // The fork waits for the turn in the session that it continues.
          assert.strictEqual(agent.asked.length, 1)
          yield* open
          const own = yield* Fiber.join(running)
          const [shared, other] = [yield* Fiber.join(waiting), yield* Fiber.join(linked)]
          assert.strictEqual(own.key, "+1234567890")
          assert.match(shared.key, /^shared-/)
          assert.strictEqual(idOf(shared), idOf(other))
          deepStrictEqual(agent.overlaps, [])
          const forks = agent.asked.flatMap(({ start }) => (start._tag === "Fork" ? [start.from] : []))
          deepStrictEqual(forks, [idOf(own)])
        })
      )
  )

  it.scopedLive("that asks for a new conversation starts one, with the rest of the message", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const first = yield* say(whatsapp, "hello")
        const second = yield* say(whatsapp, "/new what now?")
        assert.notStrictEqual(idOf(second), idOf(first))
        deepStrictEqual(agent.asked[1], { start: Start.Begin({ id: idOf(second) }), prompt: "what now?" })
        assert.strictEqual(idOf(yield* say(whatsapp, "and?")), idOf(second))
      })
    )
  )

  it.scopedLive("that asks for nothing but a new conversation is answered without the agent", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const first = yield* say(whatsapp, "hello")
        const renewed = yield* say(whatsapp, "/new")
        deepStrictEqual(renewed.session, Option.none())
        assert.include(renewed.text, "new conversation")
        assert.strictEqual(agent.asked.length, 1)
        assert.notStrictEqual(idOf(yield* say(whatsapp, "and?")), idOf(first))
      })
    )
  )

  it.scopedLive("in a session that was named does not bind its sender to it", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const own = yield* say(whatsapp, "hello")
        const before = yield* table
        const other = yield* say(whatsapp, "/new over there", Option.some(chosen))
        assert.strictEqual(idOf(other), chosen)
        deepStrictEqual(agent.asked[1], { start: Start.Resume({ id: chosen }), prompt: "/new over there" })
        deepStrictEqual(yield* table, before)
        assert.strictEqual(idOf(yield* say(whatsapp, "back")), idOf(own))
      })
    )
  )

  it.scopedLive("in a session that was named waits for the turn that is in it", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const { id } = { id: idOf(yield* say(whatsapp, "hello")) }
        const open = yield* agent.close
        const running = yield* Effect.fork(say(whatsapp, "slow"))
        yield* until(() => agent.asked.length === 2)
        const named = yield* Effect.fork(say(telegram, "me", Option.some(id)))
        yield* Effect.sleep("100 millis")
        assert.strictEqual(agent.asked.length, 2)
        yield* open
        yield* Fiber.join(running)
        yield* Fiber.join(named)
        deepStrictEqual(agent.overlaps, [])
      })
    )
  )

  it.scopedLive("that was interrupted leaves its session free", () =>
    inProcess((agent) =>
      Effect.gen(function* () {
        const open = yield* agent.close
        const running = yield* Effect.fork(say(whatsapp, "slow"))
        yield* until(() => agent.asked.length === 1)
        yield* Fiber.interrupt(running)
        yield* open
        yield* Effect.timeout(say(whatsapp, "again"), "5 seconds")
        assert.strictEqual(agent.asked[1]?.start.id, agent.asked[0]?.start.id)
      })
    )
  )
})
