import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Identities from "../../src/identity/Identities.js"
import type { Identity } from "../../src/identity/Identity.js"
import { Decision } from "../../src/identity/Decision.js"
import { Key } from "../../src/session/Key.js"
import type { SenderContext } from "../../src/session/SenderContext.js"
import * as SessionIds from "../../src/session/SessionIds.js"
import { SessionKey } from "../../src/session/SessionKey.js"
import { SessionSettings } from "../../src/session/SessionSettings.js"
import * as SessionStore from "../../src/session/SessionStore.js"
import { layerFile } from "../../src/session/SessionStoreFile.js"
import * as Sessions from "../../src/session/Sessions.js"
import type { SessionId } from "../../src/session/SessionId.js"
import { Start } from "../../src/session/Start.js"
import { the } from "../identity/arbitrary.js"
import * as home from "../support/home.js"
import * as routing from "./routing.js"
import { uuid } from "./SessionStore.contract.js"

const over = (store: Layer.Layer<SessionStore.SessionStore>) =>
  Sessions.layer.pipe(
    Layer.provideMerge(store),
    Layer.provide(SessionIds.layerTest),
    Layer.provide(Layer.succeed(SessionSettings, { scope: "per-sender", idleMinutes: 60 })),
    Layer.merge(routing.layer)
  )

const stores = {
  memory: over(SessionStore.layerMemory),
  "a file": over(Layer.provide(layerFile, home.layer))
}

const fresh = Effect.provide(stores.memory)

const whatsapp: SenderContext = { From: "+1234567890", provider: "whatsapp" }
const telegram: SenderContext = { From: "42", aliases: ["@john"], provider: "telegram" }
const phone = the("whatsapp", "+1234567890")
const john = the("telegram", "@john")
const minutes = (n: number) => TestClock.adjust(`${n} minutes`)

interface How {
  readonly reset?: boolean
  readonly canFork?: boolean
}

const outlook = (sender: SenderContext, { canFork = true, reset = false }: How = {}) =>
  Effect.gen(function* () {
    const route = yield* Effect.flatMap(SessionKey, (service) => service.route("per-sender", sender))
    return yield* Effect.flatMap(Sessions.Sessions, (service) => service.outlook(route, { canFork, reset }))
  })

const enter = (sender: SenderContext, { canFork = true, reset = false }: How = {}) =>
  Effect.gen(function* () {
    const route = yield* Effect.flatMap(SessionKey, (service) => service.route("per-sender", sender))
    const start = yield* Effect.flatMap(Sessions.Sessions, (service) => service.enter(route, { canFork, reset }))
    return { key: route.key, start }
  })

const settle = (key: Key, start: Start, session: SessionId = start.id) =>
  Effect.flatMap(Sessions.Sessions, (service) => service.settle(key, start, session))

/** A turn that succeeds; how it entered. */
const turn = (sender: SenderContext, how: How = {}) =>
  Effect.gen(function* () {
    const { key, start } = yield* enter(sender, how)
    yield* settle(key, start)
    return start
  })

const link = (identities: ReadonlyArray<Identity>, keep?: Identity | "none") =>
  Effect.flatMap(Identities.Identities, ({ change }) =>
    Effect.map(change(Decision.Link({ identities, keep })), ({ mapping }) => Option.getOrThrow(mapping))
  )

const end = (key: Key) => Effect.flatMap(Sessions.Sessions, (service) => service.end(key))

const table = Effect.flatMap(SessionStore.SessionStore, ({ all }) => all)

const tableIsSound = Effect.map(table, (all) => {
  const ids = Array.from(all.values(), ({ sessionId }) => sessionId)
  assert.strictEqual(new Set(ids).size, ids.length, "two keys point at one session")
})

describe.each(Object.entries(stores))("a conversation, kept in %s", (_, layer) => {
  const provided = Effect.provide(layer)

  it.scoped("begins with a session of its own and goes on in it", () =>
    Effect.gen(function* () {
      const first = yield* turn(whatsapp)
      assert.strictEqual(first._tag, "Begin")
      const { id } = first
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id }))
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id }))
      const other = yield* turn(telegram)
      assert.strictEqual(other._tag, "Begin")
      assert.notStrictEqual(other.id, id)
      yield* tableIsSound
    }).pipe(provided)
  )

  it.scoped("is over when it was not used for as long as the settings say, and not a moment before", () =>
    Effect.gen(function* () {
      const { id } = yield* turn(whatsapp)
      yield* TestClock.adjust("3599999 millis")
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id }))
      // The turn counts as use.
      yield* TestClock.adjust("3599999 millis")
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id }))
      yield* minutes(60)
      const next = yield* turn(whatsapp)
      assert.strictEqual(next._tag, "Begin")
      assert.notStrictEqual(next.id, id)
      yield* tableIsSound
    }).pipe(provided)
  )

  it.scoped("starts anew when the person asks for it", () =>
    Effect.gen(function* () {
      const { id } = yield* turn(whatsapp)
      const next = yield* turn(whatsapp, { reset: true })
      assert.strictEqual(next._tag, "Begin")
      assert.notStrictEqual(next.id, id)
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id: next.id }))
    }).pipe(provided)
  )

  it.scoped("that a crash cut short before its first answer is found again", () =>
    Effect.gen(function* () {
      const { start } = yield* enter(whatsapp)
      assert.strictEqual(start._tag, "Begin")
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id: start.id }))
    }).pipe(provided)
  )

  it.scoped("goes on in the session that the agent answers with", () =>
    Effect.gen(function* () {
      const { key, start } = yield* enter(whatsapp)
      yield* settle(key, start, uuid(1))
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id: uuid(1) }))
    }).pipe(provided)
  )

  it.scoped("does not take over a session that belongs to another one", () =>
    Effect.gen(function* () {
      const { id } = yield* turn(telegram)
      const { key, start } = yield* enter(whatsapp)
      yield* settle(key, start, id)
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id: start.id }))
      deepStrictEqual(yield* turn(telegram), Start.Resume({ id }))
      yield* tableIsSound
    }).pipe(provided)
  )

  it.scoped("that was started anew during a turn stays with its new session", () =>
    Effect.gen(function* () {
      const { key, start } = yield* enter(whatsapp)
      const { start: next } = yield* enter(whatsapp, { reset: true })
      const before = yield* table
      yield* minutes(1)
      yield* settle(key, start)
      yield* settle(key, start, uuid(1))
      deepStrictEqual(yield* table, before)
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id: next.id }))
    }).pipe(provided)
  )

  it.scoped("that is gone from the file is not brought back by a turn that was under way", () =>
    Effect.gen(function* () {
      yield* settle(Key.make("+1999999999"), Start.Begin({ id: uuid(1) }), uuid(1))
      assert.strictEqual((yield* table).size, 0)
    }).pipe(provided)
  )

  it.scopedLive("is recorded though another process's record comes between", () =>
    Effect.gen(function* () {
      const { key, start } = yield* enter(whatsapp)
      const { all, swap } = yield* SessionStore.SessionStore
      let between = 0
      const late: SessionStore.SessionStore["Type"] = {
        all,
        remove: () => Effect.void,
        swap: (key, before, after) =>
          Effect.gen(function* () {
            between += 1
            if (between === 1) yield* swap(key, before, { ...after, updatedAt: 7, other: true })
            yield* swap(key, before, after)
          })
      }
      yield* settle(key, start, uuid(1)).pipe(
        Effect.provide(Sessions.layer),
        Effect.provide(SessionIds.layerTest),
        Effect.provideService(SessionSettings, { scope: "per-sender", idleMinutes: 60 }),
        Effect.provideService(SessionStore.SessionStore, late)
      )
      // That one took the conversation over, so there is nothing left to record.
      assert.strictEqual(between, 1)
      assert.strictEqual((yield* table).get(key)?.sessionId, uuid(1))
      assert.strictEqual((yield* table).get(key)?.["other"], true)
    }).pipe(provided)
  )

  it.scoped("keeps the fields that are not ours through turns and new sessions", () =>
    Effect.gen(function* () {
      const key = Key.make("+1234567890")
      const { swap } = yield* SessionStore.SessionStore
      yield* swap(key, Option.none(), { sessionId: uuid(1), updatedAt: 0, thinkingLevel: "high" })
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id: uuid(1) }))
      assert.strictEqual((yield* table).get(key)?.["thinkingLevel"], "high")
      yield* turn(whatsapp, { reset: true })
      assert.strictEqual((yield* table).get(key)?.["thinkingLevel"], "high")
    }).pipe(provided)
  )

  it.scopedLive("of people entered by several turns at once is one", () =>
    Effect.gen(function* () {
      const all = yield* Effect.forEach(Array.from({ length: 20 }), () => enter(whatsapp), { concurrency: "unbounded" })
      assert.strictEqual(new Set(all.map(({ start }) => start.id)).size, 1)
      assert.strictEqual(all.filter(({ start }) => start._tag === "Begin").length, 1)
    }).pipe(provided)
  )
})

describe("a conversation of people who were linked", () => {
  it.scoped("continues a fork of the one that was used last, and leaves the originals alone", () =>
    Effect.gen(function* () {
      const mine = yield* turn(whatsapp)
      yield* minutes(1)
      const his = yield* turn({ From: "@john", provider: "telegram" })
      const before = yield* table
      yield* minutes(1)
      yield* link([phone, john])
      const { key, start } = yield* enter(whatsapp)
      assert.strictEqual(start._tag, "Fork")
      if (start._tag !== "Fork") return
      assert.strictEqual(start.from, his.id)
      assert.notInclude([mine.id, his.id], start.id)
      yield* settle(key, start)
      deepStrictEqual(yield* turn({ From: "@JOHN", provider: "telegram" }), Start.Resume({ id: start.id }))
      for (const [own, session] of before) deepStrictEqual((yield* table).get(own), session)
      yield* tableIsSound
    }).pipe(fresh)
  )

  it.scoped("whichever of the two was used last is the one, not the one that began last", () =>
    Effect.gen(function* () {
      const mine = yield* turn(whatsapp)
      yield* minutes(1)
      yield* turn({ From: "@john", provider: "telegram" })
      yield* minutes(1)
      yield* turn(whatsapp)
      yield* link([phone, john])
      const { start } = yield* enter(whatsapp)
      deepStrictEqual(start, Start.Fork({ from: mine.id, id: start.id }))
    }).pipe(fresh)
  )

  it.scoped("begins if nobody had one, or if it was over", () =>
    Effect.gen(function* () {
      yield* turn(whatsapp)
      yield* minutes(60)
      yield* link([phone, john])
      assert.strictEqual((yield* turn(whatsapp))._tag, "Begin")
    }).pipe(fresh)
  )

  it.scoped("does not continue a stranger's", () =>
    Effect.gen(function* () {
      yield* turn({ From: "+1999999999", provider: "whatsapp" })
      yield* turn({ From: "@mary", provider: "telegram" })
      yield* link([phone, john])
      assert.strictEqual((yield* turn(whatsapp))._tag, "Begin")
    }).pipe(fresh)
  )

  it.scoped("continues what a person linked by name had under the number that he arrives under", () =>
    Effect.gen(function* () {
      const his = yield* turn(telegram)
      assert.isTrue((yield* table).has(Key.make("telegram:42")))
      yield* link([phone, john])
      const { start } = yield* enter(telegram)
      deepStrictEqual(start, Start.Fork({ from: his.id, id: start.id }))
    }).pipe(fresh)
  )

  it.scoped("continues what a person had under a name in another case", () =>
    Effect.gen(function* () {
      const his = yield* turn({ From: "@John", provider: "telegram" })
      yield* link([phone, john])
      const { start } = yield* enter(whatsapp)
      deepStrictEqual(start, Start.Fork({ from: his.id, id: start.id }))
    }).pipe(fresh)
  )

  it.scoped("starts afresh where that was asked for when linking, or the agent cannot fork", () =>
    Effect.gen(function* () {
      yield* turn(whatsapp)
      yield* turn(telegram)
      const { id } = yield* link([phone, john], "none")
      assert.strictEqual((yield* turn(telegram))._tag, "Begin")
      yield* routing.unlink(id)
      yield* link([phone, john])
      assert.strictEqual((yield* turn(whatsapp, { canFork: false }))._tag, "Begin")
      yield* tableIsSound
    }).pipe(fresh)
  )

  it.scoped("continues the one that was chosen when linking, though another was used later", () =>
    Effect.gen(function* () {
      const mine = yield* turn(whatsapp)
      yield* minutes(1)
      const his = yield* turn(telegram)
      const { id } = yield* link([phone, john], phone)
      const { start } = yield* enter(telegram)
      deepStrictEqual(start, Start.Fork({ from: mine.id, id: start.id }))
      yield* routing.unlink(id)
      yield* link([phone, john], john)
      const { start: other } = yield* enter(telegram)
      deepStrictEqual(other, Start.Fork({ from: his.id, id: other.id }))
    }).pipe(fresh)
  )

  it.scoped("is new when the first thing that is asked for is a new one", () =>
    Effect.gen(function* () {
      yield* turn(whatsapp)
      yield* link([phone, john])
      assert.strictEqual((yield* turn(whatsapp, { reset: true }))._tag, "Begin")
    }).pipe(fresh)
  )

  it.scoped("that was cut short in its first turn forks again under the same id, and resumes once that succeeded", () =>
    Effect.gen(function* () {
      yield* turn(whatsapp)
      yield* link([phone, john])
      const { key, start } = yield* enter(whatsapp)
      assert.strictEqual(start._tag, "Fork")
      deepStrictEqual(yield* enter(whatsapp), { key, start })
      deepStrictEqual(yield* enter(telegram), { key, start })
      yield* settle(key, start)
      deepStrictEqual((yield* enter(telegram)).start, Start.Resume({ id: start.id }))
    }).pipe(fresh)
  )

  it.scoped("one that was ended before is not gone on with when they are linked", () =>
    Effect.gen(function* () {
      yield* turn(whatsapp)
      yield* end(Key.make("+1234567890"))
      yield* link([phone, john])
      deepStrictEqual(yield* outlook(telegram), Sessions.Outlook.Fresh())
    }).pipe(fresh)
  )

  it.scoped("after an unlink each has his own one back as it was", () =>
    Effect.gen(function* () {
      const mine = yield* turn(whatsapp)
      const his = yield* turn(telegram)
      const before = yield* table
      const { id } = yield* link([phone, john])
      yield* minutes(1)
      yield* turn(whatsapp)
      yield* turn(telegram)
      yield* routing.unlink(id)
      for (const [own, session] of before) deepStrictEqual((yield* table).get(own), session)
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id: mine.id }))
      deepStrictEqual(yield* turn(telegram), Start.Resume({ id: his.id }))
    }).pipe(fresh)
  )

  it.scoped("whose history it would be can be asked before anybody writes", () =>
    Effect.gen(function* () {
      const mine = yield* turn(whatsapp)
      yield* link([the("telegram", "@mary"), the("telegram", "@anna")])
      yield* link([phone, john])
      deepStrictEqual(yield* outlook({ From: "@mary", provider: "telegram" }), Sessions.Outlook.Fresh())
      const session = (yield* table).get(Key.make("+1234567890"))
      assert.strictEqual(session?.sessionId, mine.id)
      if (session === undefined) return
      deepStrictEqual(yield* outlook(telegram), Sessions.Outlook.Forked({ history: { whose: phone, session } }))
      deepStrictEqual(yield* outlook(telegram, { reset: true }), Sessions.Outlook.Fresh())
      deepStrictEqual(yield* outlook(telegram, { canFork: false }), Sessions.Outlook.Fresh())
      yield* minutes(60)
      deepStrictEqual(yield* outlook(telegram), Sessions.Outlook.Fresh())
      yield* turn(telegram)
      const begun = yield* outlook(whatsapp)
      assert.strictEqual(begun._tag, "Continued")
    }).pipe(fresh)
  )

  it.scoped.prop(
    "no two keys ever point at one session, whatever happens in which order",
    [
      FastCheck.array(
        FastCheck.oneof(
          FastCheck.record({
            what: FastCheck.constant("turn" as const),
            who: FastCheck.nat(3),
            reset: FastCheck.boolean(),
            session: FastCheck.option(FastCheck.nat(3), { nil: undefined })
          }),
          FastCheck.record({
            what: FastCheck.constant("link" as const),
            who: FastCheck.nat(3),
            other: FastCheck.nat(3)
          }),
          FastCheck.record({ what: FastCheck.constant("unlink" as const) }),
          FastCheck.record({ what: FastCheck.constant("wait" as const), minutes: FastCheck.nat(70) })
        ),
        { maxLength: 25 }
      )
    ],
    ([events]) =>
      Effect.gen(function* () {
        const people = [phone, john, the("telegram", "7"), the("twilio", "+1234567890")]
        const { list } = yield* Identities.Identities
        for (const event of events) {
          if (event.what === "turn") {
            const one = people[event.who] ?? phone
            const { key, start } = yield* enter(
              { From: one.toString(), provider: one.provider },
              { reset: event.reset }
            )
            yield* settle(key, start, event.session === undefined ? start.id : uuid(event.session))
          } else if (event.what === "link") {
            yield* Effect.ignore(link([people[event.who] ?? phone, people[event.other] ?? john]))
          } else if (event.what === "unlink") {
            for (const { id } of yield* list) yield* routing.unlink(id)
          } else yield* minutes(event.minutes)
          yield* tableIsSound
        }
      }).pipe(fresh)
  )
})

describe.each(Object.entries(stores))("a conversation that is ended, in %s", (_, layer) => {
  const mine = Key.make("+1234567890")

  it.scoped("starts anew with the next message, however soon, and that one goes on as any other", () =>
    Effect.gen(function* () {
      const before = yield* turn(whatsapp)
      const onRecord = Option.fromNullable((yield* table).get(mine))
      deepStrictEqual(yield* end(mine), onRecord)
      const ended = Option.fromNullable((yield* table).get(mine))
      deepStrictEqual(
        ended,
        Option.map(onRecord, (session) => ({ ...session, over: true }))
      )
      deepStrictEqual(yield* outlook(whatsapp), Sessions.Outlook.Fresh())
      const after = yield* turn(whatsapp)
      assert.strictEqual(after._tag, "Begin")
      assert.notStrictEqual(after.id, before.id)
      deepStrictEqual(yield* turn(whatsapp), Start.Resume({ id: after.id }))
    }).pipe(Effect.provide(layer))
  )

  it.scoped("stays ended when a turn that was in it succeeds afterwards, or is ended twice", () =>
    Effect.gen(function* () {
      const { key, start } = yield* enter(whatsapp)
      yield* end(key)
      yield* settle(key, start)
      yield* end(key)
      deepStrictEqual((yield* enter(whatsapp)).start._tag, "Begin")
    }).pipe(Effect.provide(layer))
  )

  it.scoped("is none if nothing is on record, and nothing is put there", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* end(mine), Option.none())
      assert.strictEqual((yield* table).size, 0)
    }).pipe(Effect.provide(layer))
  )
})
