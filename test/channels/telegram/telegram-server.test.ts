import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TelegramServer from "../../support/telegram-server.js"

const { john } = TelegramServer

/** What another client than ours would get, as it stands on the wire. */
const client = Effect.gen(function* () {
  const telegram = yield* TelegramServer.make()
  const call = (method: string, payload: TelegramServer.Fields = {}, token = Redacted.value(telegram.token)) =>
    Effect.promise(async () => {
      const response = await fetch(`${telegram.url}/bot${token}/${method}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(payload)
      })
      return { status: response.status, body: JSON.parse(await response.text()) }
    })
  const ids = (payload: TelegramServer.Fields) =>
    Effect.map(call("getUpdates", payload), ({ body }) =>
      body.result.map(({ update_id }: { readonly update_id: number }) => update_id)
    )
  return { telegram, call, ids }
})

describe("the Bot API server of the tests", () => {
  it.scoped("an update is given until one after it is asked for", () =>
    Effect.gen(function* () {
      const { telegram, ids } = yield* client
      const one = yield* telegram.say(john, "one")
      const two = yield* telegram.say(john, "two")
      assert.deepStrictEqual(yield* ids({}), [one, two])
      assert.deepStrictEqual(yield* ids({ offset: one, limit: 1 }), [one])
      assert.deepStrictEqual(yield* ids({ offset: two }), [two])
      assert.deepStrictEqual(yield* ids({ offset: 0 }), [two])
      assert.deepStrictEqual(yield* ids({ offset: two + 1 }), [])
      assert.deepStrictEqual((yield* telegram.seen).unconfirmed, [])
    })
  )

  it.scoped("an offset far beyond the last update confirms nothing", () =>
    Effect.gen(function* () {
      const { telegram, ids } = yield* client
      const one = yield* telegram.say(john, "one")
      assert.deepStrictEqual(yield* ids({ offset: one + 1000 }), [one])
      assert.deepStrictEqual((yield* telegram.seen).unconfirmed, [one])
    })
  )

  it.scoped("a negative offset counts from the end and forgets what is before", () =>
    Effect.gen(function* () {
      const { telegram, ids } = yield* client
      yield* telegram.say(john, "one")
      const two = yield* telegram.say(john, "two")
      assert.deepStrictEqual(yield* ids({ offset: -1 }), [two])
      assert.deepStrictEqual((yield* telegram.seen).unconfirmed, [two])
    })
  )

  it.scoped("a request that waits is answered by the first update", () =>
    Effect.gen(function* () {
      const { telegram, ids } = yield* client
      const waiting = yield* Effect.fork(ids({ timeout: 50 }))
      yield* telegram.until((seen) => seen.waiting === 1)
      const one = yield* telegram.say(john, "one")
      assert.deepStrictEqual(yield* Fiber.join(waiting), [one])
    })
  )

  it.scopedLive("a request that waits for nothing ends when its time is over", () =>
    Effect.gen(function* () {
      const { ids } = yield* client
      const [took, got] = yield* Effect.timed(ids({ timeout: 1 }))
      assert.deepStrictEqual(got, [])
      assert.isAtLeast(Duration.toMillis(took), 950)
    })
  )

  it.scoped("of two requests for updates the older one is refused, and a webhook refuses both", () =>
    Effect.gen(function* () {
      const { telegram, call } = yield* client
      const older = yield* Effect.fork(call("getUpdates", { timeout: 50 }))
      yield* telegram.until((seen) => seen.waiting === 1)
      const newer = yield* Effect.fork(call("getUpdates", { timeout: 50 }))
      assert.match((yield* Fiber.join(older)).body.description, /^Conflict: terminated by other getUpdates request/)
      yield* telegram.until((seen) => seen.waiting === 1)
      yield* telegram.setWebhook(true)
      const { status, body } = yield* Fiber.join(newer)
      assert.deepStrictEqual([status, body.error_code, body.ok], [409, 409, false])
      assert.match((yield* call("getUpdates")).body.description, /while webhook is active/)
    })
  )

  it.scoped("kinds of updates that were not asked for are not kept from then on", () =>
    Effect.gen(function* () {
      const { telegram, ids } = yield* client
      const before = yield* telegram.push({ edited_message: {} })
      assert.deepStrictEqual(yield* ids({ allowed_updates: ["message"] }), [before])
      yield* telegram.push({ edited_message: {} })
      const message = yield* telegram.say(john, "one")
      assert.deepStrictEqual(yield* ids({}), [before, message])
    })
  )

  it.scoped("a wrong token is 401, and what is not one 404, as is an unknown method", () =>
    Effect.gen(function* () {
      const { call } = yield* client
      assert.deepStrictEqual(yield* call("getMe", {}, "1:x"), {
        status: 401,
        body: { ok: false, error_code: 401, description: "Unauthorized" }
      })
      assert.strictEqual((yield* call("getMe", {}, "x")).status, 404)
      assert.strictEqual((yield* call("toString")).status, 404)
    })
  )

  it.scoped("a refusal with parameters has them on the wire", () =>
    Effect.gen(function* () {
      const { telegram, call } = yield* client
      yield* telegram.fail("getMe", TelegramServer.tooManyRequests(7))
      const { status, body } = yield* call("getMe")
      assert.deepStrictEqual([status, body.parameters], [429, { retry_after: 7 }])
      assert.strictEqual((yield* call("getMe")).body.result.username, telegram.bot.username)
    })
  )

  it.scoped("a text that is too long is refused", () =>
    Effect.gen(function* () {
      const { telegram, call } = yield* client
      yield* telegram.meet(42)
      const { status } = yield* call("sendMessage", { chat_id: 42, text: "x".repeat(4097) })
      assert.strictEqual(status, 400)
      assert.lengthOf((yield* telegram.seen).sent, 0)
    })
  )
})
