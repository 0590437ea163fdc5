import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TelegramServer from "../support/telegram-server.js"
import { freePort } from "../support/twilio-server.js"
import { answerOf, user } from "./command.js"
import { printedStatus } from "./running.js"

const { john } = TelegramServer

const setup = Effect.gen(function* () {
  const someone = yield* user
  const telegram = yield* TelegramServer.make()
  const port = yield* freePort
  someone.write("clawdis.json", '{ allowFrom: ["telegram:123456789"] }')
  const env = {
    WARELAY_AGENT_ECHO: "true",
    TELEGRAM_BOT_TOKEN: Redacted.value(telegram.token),
    WARELAY_TELEGRAM_API_URL: telegram.url,
    WARELAY_TELEGRAM_PUBLIC_URL: `http://127.0.0.1:${port}/telegram`,
    WARELAY_TELEGRAM_PORT: String(port)
  }
  const start = Effect.tap(someone.start(["relay"], { env }), ({ says }) => says("by calls of http://127.0.0.1"))
  return { someone, telegram, start, env }
})

const said = ({ sent }: TelegramServer.Seen) => sent.map(({ text }) => text.split("\n")[0]?.replace("You said: ", ""))

describe("warelay relay with a webhook of Telegram's", () => {
  it.live("answers what was acknowledged, in order and once, however often it is killed", () =>
    Effect.gen(function* () {
      const { start, telegram } = yield* setup
      let asked = 0
      for (const rounds of [5, 5, 5]) {
        const relay = yield* start
        for (let n = 0; n < rounds; n++) yield* telegram.say(john, `message ${asked++}`)
        // At some point in the middle of it.
        yield* telegram.until(({ answers }) => answers.filter((status) => status === 200).length >= asked - 3)
        yield* relay.signal("SIGKILL")
        yield* relay.ended
      }
      yield* start
      yield* telegram.say(john, "the last one")
      const seen = yield* telegram.until((now) => said(now).includes("the last one") && now.unconfirmed.length === 0)
      const expected = [...Array.from({ length: asked }, (_, n) => `message ${n}`), "the last one"]
      // An answer can come twice if the relay was killed before it had heard that Telegram took it; never out of order.
      const once = said(seen).filter((text, index, all) => text !== all[index - 1])
      assert.deepStrictEqual(once, expected)
      assert.isAtMost(said(seen).length, expected.length + 3)
    }).pipe(Effect.scoped)
  )

  it.live("is configured by the environment, shown by status, and fetches again without it", () =>
    Effect.gen(function* () {
      const { env, someone, start, telegram } = yield* setup
      const relay = yield* start
      const [channel] = printedStatus(answerOf(yield* someone.run(["status", "--json"]))).channels
      assert.include(channel, { channel: "telegram", state: "receiving" })
      yield* relay.signal("SIGTERM")
      assert.strictEqual((yield* relay.ended).status, 130)
      assert.isDefined((yield* telegram.seen).webhook)
      yield* telegram.say(john, "Meanwhile")
      const fetching = yield* someone.start(["relay"], { env: { ...env, WARELAY_TELEGRAM_PUBLIC_URL: "" } })
      yield* fetching.says("this bot had a webhook, which is removed")
      const seen = yield* telegram.until(({ sent }) => sent.length === 1)
      assert.deepStrictEqual([said(seen), seen.webhook], [["Meanwhile"], undefined])
    }).pipe(Effect.scoped)
  )
})
