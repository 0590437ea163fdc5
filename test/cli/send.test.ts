import { request } from "node:http"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TelegramServer from "../support/telegram-server.js"
import { answerOf, refusalOf, user } from "./command.js"
import { telegramRelay } from "./running.js"

const { john } = TelegramServer

/** What the command does, without a process for each; the status of the answer, and what is in it. */
const post = (socketPath: string, text: string) =>
  Effect.async<readonly [status: number, body: string]>((resume) => {
    const headers = { "content-type": "application/json" }
    const asked = request({ socketPath, path: "/send", method: "POST", headers }, (response) => {
      let body = ""
      response.setEncoding("utf8")
      response.on("data", (part: string) => (body += part))
      response.on("end", () => resume(Effect.succeed([response.statusCode ?? 0, body])))
    })
    asked.on("error", () => resume(Effect.succeed([0, ""])))
    asked.end(JSON.stringify({ to: "telegram:123456789", text }))
  })

const to = (identity: string, text = "Dinner at eight") => ["send", "--to", identity, "--message", text]

describe("warelay send", () => {
  it.live("goes out through the relay that runs, which tries again as with answers; Claude is not told", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { relay, telegram } = yield* telegramRelay(someone)
      yield* telegram.meet(john.id)
      yield* telegram.fail("sendMessage", TelegramServer.badGateway)
      assert.strictEqual(answerOf(yield* someone.run(to("telegram:123456789"))), "sent to telegram:123456789\n")
      const { sent } = yield* telegram.until(({ sent }) => sent.length === 1)
      assert.deepStrictEqual([sent[0]?.chat_id, sent[0]?.text], [123456789, "Dinner at eight"])
      yield* relay.says("trying again")
      yield* relay.says("a message was sent to telegram:…6789")
      const printed: unknown = JSON.parse(answerOf(yield* someone.run([...to("telegram:123456789"), "--json"])))
      assert.deepStrictEqual(printed, { channel: "telegram", to: "telegram:123456789" })
      assert.strictEqual(answerOf(yield* someone.run(["sessions", "list", "--json"])), "[]\n")
    }).pipe(Effect.scoped)
  )

  it.live("is refused, with the reason, where it cannot be done", () =>
    Effect.gen(function* () {
      const someone = yield* user
      assert.include(refusalOf(yield* someone.run(to("telegram:123456789")), 1), "no relay is running with the home")
      const { telegram } = yield* telegramRelay(someone)
      assert.include(
        refusalOf(yield* someone.run(to("twilio:+1234567890")), 1),
        "nothing was sent to twilio:+1234567890: the relay that runs does not serve twilio, only telegram."
      )
      assert.include(refusalOf(yield* someone.run(to("telegram:@john")), 1), "is reached by its number")
      yield* telegram.block(john.id)
      assert.match(refusalOf(yield* someone.run(to("telegram:123456789")), 1), /not delivered: .*blocked/)
      const [status, body] = yield* post(join(someone.home, "relay.sock"), " \n")
      assert.strictEqual(status, 400)
      assert.include(body, "nothing was sent to telegram:123456789: there is nothing in the text")
      assert.deepStrictEqual((yield* telegram.seen).sent, [])
    }).pipe(Effect.scoped)
  )

  it.live("is refused beyond so many at a time, and done again when one of them is", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { telegram } = yield* telegramRelay(someone)
      yield* telegram.meet(john.id)
      yield* telegram.fail("sendMessage", ...Array.from({ length: 16 }, () => TelegramServer.silence))
      const socketPath = join(someone.home, "relay.sock")
      const ask = yield* Effect.all(Array.from({ length: 16 }, (_, n) => Effect.fork(post(socketPath, `text ${n}`))))
      yield* telegram.until(({ calls }) => calls.filter(({ method }) => method === "sendMessage").length === 16)
      const reason = refusalOf(yield* someone.run(to("telegram:123456789")), 1)
      assert.include(
        reason,
        "nothing was sent to telegram:123456789: the relay is busy with 16 messages like this one."
      )
      // It is asked for how it is, and by people, all the same.
      answerOf(yield* someone.run(["status"]))
      yield* telegram.hangUp
      const statuses = yield* Effect.forEach(ask, (asked) => Effect.map(Fiber.join(asked), ([status]) => status))
      assert.deepStrictEqual(new Set(statuses), new Set([200]))
      assert.include(answerOf(yield* someone.run(to("telegram:123456789"))), "sent to")
    }).pipe(Effect.scoped)
  )

  it.live("appears on the console as an answer would, in lines that a terminal does not obey", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const relay = yield* someone.start(["relay", "--providers", "console"])
      yield* relay.says("serving console")
      assert.strictEqual(
        answerOf(yield* someone.run(to("telegram:@john", "one\n\u001b[2Jtwo"))),
        "sent to telegram:@john on the console\n"
      )
      relay.child.stdin.end()
      assert.strictEqual((yield* relay.ended).stdout, "→ telegram:@john\n  one\n  \\u{1b}[2Jtwo\n")
    }).pipe(Effect.scoped)
  )

  it.live("to nobody, or with nothing, is wrong usage", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      assert.include(refusalOf(yield* run(to("john")), 2), '--to "john": expected an identity')
      assert.include(refusalOf(yield* run(to("telegram:42", " ")), 2), '--message " ": expected something to send')
    }).pipe(Effect.scoped)
  )
})
