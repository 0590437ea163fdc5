import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { bundled, printedBy } from "../../support/program.js"
import * as TelegramServer from "../../support/telegram-server.js"

/** A program that answers one message, stops listening, and then has nothing more to do. */
const program = `
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TelegramChannel from "../../../src/channels/telegram/TelegramChannel.ts"
import { settingsOf } from "./fixture.ts"
const [apiUrl, token] = process.argv.slice(2)
Effect.runPromise(Effect.gen(function* () {
  const channel = yield* TelegramChannel.make(settingsOf({ apiUrl, pollSeconds: 50 }), Redacted.make(token))
  const got = yield* Deferred.make()
  const running = yield* Effect.fork(channel.run((message) => Deferred.succeed(got, message)))
  const message = yield* Deferred.await(got)
  yield* channel.send(message.address, "Hello")
  yield* Effect.sleep("200 millis")
  yield* Fiber.interrupt(running)
})).then(() => process.stdout.write("finished"))
`

describe("TelegramChannel in a process of its own", () => {
  it.scopedLive("the bundle brings no second HTTP client, and its connections do not keep the process alive", () =>
    Effect.gen(function* () {
      const { files, text } = yield* bundled(program, import.meta.url)
      assert.isAbove(files.filter((path) => path.includes("grammy")).length, 0)
      assert.deepStrictEqual(
        files.filter((path) => /node-fetch|whatwg-url|undici/.test(path)),
        []
      )
      const telegram = yield* TelegramServer.make()
      yield* telegram.say(TelegramServer.john, "Hello")
      const output = yield* printedBy(process.execPath, ["-", telegram.url, Redacted.value(telegram.token)], text)
      assert.match(output, /finished$/)
      const seen = yield* telegram.seen
      assert.deepStrictEqual([seen.sent.length, seen.unconfirmed, seen.aborted], [1, [], 1])
    })
  )
})
