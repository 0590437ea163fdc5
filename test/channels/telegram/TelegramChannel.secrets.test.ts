import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Inspectable from "effect/Inspectable"
import * as Redacted from "effect/Redacted"
import { Address } from "../../../src/channels/Message.js"
import * as TelegramChannel from "../../../src/channels/telegram/TelegramChannel.js"
import { withLogs } from "../../support/logs.js"
import * as TelegramServer from "../../support/telegram-server.js"
import { settingsOf } from "./fixture.js"

const token = "700000001:AAH_very-secret_0123456789"
const secret = "very-secret"
const quoted = encodeURIComponent(token)

const faults: ReadonlyArray<TelegramServer.Fault> = [
  TelegramServer.drop,
  TelegramServer.badGateway,
  { kind: "page", status: 404, body: `no /bot${token}/getMe here` },
  TelegramServer.refuse(400, `Bad Request: /bot${token}/getMe and /bot${quoted}/getMe`),
  TelegramServer.refuse(401, `Unauthorized: ${token}`),
  TelegramServer.refuse(404, `Not Found: ${token}`),
  TelegramServer.refuse(409, `Conflict: ${token}`),
  TelegramServer.refuse(500, `Internal Server Error: ${token}`),
  TelegramServer.result({ url: `/bot${token}/getMe` })
]

const everything = (exit: Exit.Exit<unknown, { readonly message: string }>): string =>
  Exit.match(exit, {
    onSuccess: () => "",
    onFailure: (cause) => {
      const error = Cause.squash(cause)
      return [`${error}`, Inspectable.toStringUnknown(error), Cause.pretty(cause), JSON.stringify(cause)].join("\n")
    }
  })

describe("TelegramChannel", () => {
  it.scoped("no error and no line of the log shows the token, whatever goes wrong", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const telegram = yield* TelegramServer.make({ token })
        const channel = yield* TelegramChannel.make(
          settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }),
          Redacted.make(token)
        )
        const to = Address.make("42")
        let failures = 0
        for (const method of ["getMe", "getUpdates", "sendMessage", "sendChatAction"]) {
          for (const fault of faults) {
            yield* telegram.fail(method, fault)
            const action: Effect.Effect<void, { readonly message: string }> =
              method === "sendMessage"
                ? channel.send(to, "Hello")
                : method === "sendChatAction"
                  ? channel.typing(to)
                  : channel.run(() => Effect.void)
            const exit = yield* Effect.exit(action)
            if (Exit.isFailure(exit)) failures += 1
            assert.notInclude(everything(exit), secret)
          }
        }
        // All but "typing", which never fails, and the odd result of sendMessage, which was taken.
        assert.strictEqual(failures, 3 * faults.length - 1)
        assert.isAbove(lines.length, faults.length)
        assert.notInclude(lines.join("\n"), secret)
      })
    )
  )

  it.scoped("a token that cannot be used, or a server that is not there, does not show it either", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { url } = yield* Effect.scoped(TelegramServer.make())
        for (const [apiUrl, text] of [
          [url, token],
          [url, `${token}\n`],
          [url, `${token}/../x`],
          ["http://127.0.0.1:1", token],
          ["http://host.invalid", token],
          ["http://[", token]
        ] as const) {
          const channel = yield* TelegramChannel.make(settingsOf({ apiUrl, pollSeconds: 50 }), Redacted.make(text))
          const actions: ReadonlyArray<Effect.Effect<void, { readonly message: string }>> = [
            channel.run(() => Effect.void),
            channel.send(Address.make("42"), "Hello")
          ]
          for (const action of actions) {
            const exit = yield* Effect.exit(action)
            assert.isTrue(Exit.isFailure(exit))
            assert.notInclude(everything(exit), secret)
          }
          assert.notInclude(Inspectable.toStringUnknown(channel), secret)
        }
        assert.notInclude(lines.join("\n"), secret)
      })
    )
  )

  it.scoped("a long number in what Telegram says is masked, and its control characters do not reach a terminal", () =>
    Effect.gen(function* () {
      const telegram = yield* TelegramServer.make()
      const channel = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url, pollSeconds: 50 }), telegram.token)
      yield* telegram.fail("getMe", TelegramServer.refuse(400, "no\u001b[2J\n+1234567890\u202e"))
      const { reason } = yield* Effect.flip(channel.run(() => Effect.void))
      assert.strictEqual(reason, "Telegram refused getMe with 400: no\\u{1b}[2J\\n…7890\\u{202e}")
    })
  )
})
