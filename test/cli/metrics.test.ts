import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TelegramServer from "../support/telegram-server.js"
import { freePort } from "../support/twilio-server.js"
import { user } from "./command.js"
import { mary, telegramRelay } from "./running.js"

const ask = (port: number, path: string) =>
  Effect.promise(async (signal) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal })
    return { status: response.status, type: response.headers.get("content-type"), body: await response.text() }
  })

describe("metrics.port", () => {
  it.live("health is 200 while all channels receive, and 503 with the reason while one does not", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const port = yield* freePort
      const { relay, telegram } = yield* telegramRelay(someone, { WARELAY_METRICS_PORT: String(port) })
      yield* relay.says("health and metrics are on")
      const { body, status } = yield* ask(port, "/healthz")
      assert.deepStrictEqual([status, body], [200, "ok\n"])
      yield* telegram.setWebhook(true)
      yield* telegram.endPoll
      yield* relay.says("trying again")
      const ill = yield* ask(port, "/healthz")
      assert.strictEqual(ill.status, 503)
      assert.match(ill.body, /^telegram does not receive: another program has set a webhook for this bot.*\n$/)
      yield* telegram.setWebhook(false)
      yield* ask(port, "/healthz").pipe(
        Effect.delay("100 millis"),
        Effect.repeat({ until: ({ status }) => status === 200 })
      )
    }).pipe(Effect.scoped)
  )

  it.live("metrics count what has happened, and name nobody", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const port = yield* freePort
      const { relay, telegram } = yield* telegramRelay(someone, { WARELAY_METRICS_PORT: String(port) })
      yield* relay.says("health and metrics are on")
      yield* telegram.say(mary, "Let me in")
      yield* telegram.say(TelegramServer.john, "Hello")
      yield* telegram.until(({ sent }) => sent.length === 1)
      const { body, status, type } = yield* ask(port, "/metrics")
      assert.deepStrictEqual([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"])
      for (const line of [
        'warelay_channel_receiving{channel="telegram"} 1',
        'warelay_messages_received_total{channel="telegram"} 1',
        'warelay_messages_answered_total{channel="telegram"} 1',
        'warelay_messages_turned_away_total{channel="telegram"} 1',
        'warelay_messages_failed_total{channel="telegram"} 0',
        'warelay_sends_total{channel="telegram",outcome="taken"} 1',
        'warelay_turn_duration_seconds_bucket{le="+Inf"} 1',
        'warelay_sessions{state="open"} 1'
      ]) {
        assert.include(`\n${body}`, `\n${line}\n`)
      }
      assert.notMatch(body, /123456789|555444333|…|john|mary/)
      assert.strictEqual((yield* ask(port, "/")).status, 404)
      assert.strictEqual((yield* ask(port, "/status")).status, 404)
    }).pipe(Effect.scoped)
  )

  it.live("a port that is taken is explained and tried again, and the relay does its work meanwhile", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const port = yield* freePort
      const other = createServer()
      yield* Effect.async<void>((resume) => void other.listen(port, "127.0.0.1", () => resume(Effect.void)))
      const { relay, telegram } = yield* telegramRelay(someone, { WARELAY_METRICS_PORT: String(port) })
      yield* relay.says(`127.0.0.1:${port} is in use by another program: end that one, or set metrics.port`)
      yield* telegram.say(TelegramServer.john, "Hello")
      yield* telegram.until(({ sent }) => sent.length === 1)
      yield* Effect.async<void>((resume) => void other.close(() => resume(Effect.void)))
      yield* relay.says(`health and metrics are on http://127.0.0.1:${port}`)
      assert.strictEqual((yield* ask(port, "/healthz")).status, 200)
    }).pipe(Effect.scoped)
  )
})
