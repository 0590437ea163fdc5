import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { run as runHere } from "../../src/cli/Cli.js"
import { Shutdown } from "../../src/cli/Shutdown.js"
import * as Render from "../../src/cli/render/pending.js"
import { Process } from "../../src/config/Process.js"
import type { Handshake } from "../../src/identity/proof/Handshake.js"
import { john, phone } from "../identity/proof/fixture.js"
import { directory } from "../support/home.js"
import * as TelegramServer from "../support/telegram-server.js"
import { answerOf, user } from "./command.js"

const invite = ["identity", "invite"]
const pending = ["identity", "pending"]
const code = /^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/

describe("warelay identity invite", () => {
  it.live("prints a code alone on stdout, and on stderr what it is good for", () =>
    Effect.gen(function* () {
      const { run, write } = yield* user
      write("clawdis.json", '{ allowFrom: ["telegram:42"] }')
      const ran = yield* run([...invite, "--for", "telegram:42"])
      assert.match(ran.stdout.trimEnd(), code)
      assert.match(ran.stderr, /^Good once.* linked with telegram:42 when both .* revoke code-[0-9a-f]{8}\n$/)
      const other = yield* run([...invite, "--for", "telegram:43"])
      assert.include(other.stderr, "telegram:43 is not in allowFrom")
      const printed = JSON.parse(answerOf(yield* run([...invite, "--new", "--name", "Family", "--json"])))
      assert.deepStrictEqual(Object.keys(printed), ["id", "code", "until", "links"])
      assert.match(printed.code, code)
      assert.include((yield* run([...invite, "--new"])).stderr, "gets another code")
    }).pipe(Effect.scoped)
  )

  it.live("prints the links that bring it, for every provider of which it is known how to reach us", () =>
    Effect.gen(function* () {
      const telegram = yield* TelegramServer.make()
      const { run } = yield* user
      const env = {
        TELEGRAM_BOT_TOKEN: Redacted.value(telegram.token),
        TWILIO_FROM: "whatsapp:+15551234567",
        WARELAY_TELEGRAM_API_URL: telegram.url
      }
      const [first = "", ...links] = (yield* run([...invite, "--new"], { env })).stdout.trimEnd().split("\n")
      assert.match(first, code)
      assert.deepStrictEqual(links, [
        `Telegram  https://t.me/${telegram.bot.username}?start=${first}`,
        `WhatsApp  https://wa.me/15551234567?text=${first}`
      ])
      yield* telegram.fail("getMe", TelegramServer.refuse(401, "Unauthorized"))
      const others = { ...env, TWILIO_FROM: "+15551234567" }
      assert.match((yield* run([...invite, "--new"], { env: others })).stdout.trimEnd(), code)
    }).pipe(Effect.scoped)
  )

  /** What is said at a terminal, by a relay that can be reached where these variables say. */
  const saidAtTerminal = (variables: ReadonlyArray<readonly [string, string]>) =>
    Effect.gen(function* () {
      const home = join(yield* directory, "home")
      const said: Array<string> = []
      const layer = Layer.mergeAll(
        Layer.succeed(Process, {
          environment: {},
          input: new PassThrough(),
          output: new PassThrough(),
          errors: new PassThrough(),
          interactive: true,
          terminals: { output: true, errors: true }
        }),
        Layer.succeed(Shutdown, { claim: Effect.succeed(Effect.never) }),
        Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["WARELAY_HOME", home], ...variables])))
      )
      const own = yield* Console.consoleWith(Effect.succeed)
      const note = (line: unknown) => Effect.sync(() => void said.push(String(line)))
      const status = yield* runHere([...invite, "--new"]).pipe(
        Effect.provide(layer),
        Effect.withConsole({ ...own, log: note, error: note })
      )
      assert.strictEqual(status, 0)
      return said
    })

  it.scopedLive("shows each link as a QR code at a terminal, and nothing in their place where there is none", () =>
    Effect.gen(function* () {
      const said = yield* saidAtTerminal([["TWILIO_FROM", "whatsapp:+15551234567"]])
      assert.match(said.join("\n"), /WhatsApp:\n\n(.*[█▀▄].*\n){10,}/)
      const [first = "", next, ...rest] = yield* saidAtTerminal([])
      assert.match(first, code)
      assert.match(next ?? "", /^Good once, for 10 minutes\. /)
      assert.deepStrictEqual(rest, [])
    })
  )

  it.live("is refused where it could not be used, and then leaves no code behind", () =>
    Effect.gen(function* () {
      const { home, run, write } = yield* user
      for (const line of [
        [],
        ["--for", "telegram:42", "--new"],
        ["--for", "telegram:42", "--name", "x"],
        ["--for", "telegram:@john"],
        ["--for", "nobody"]
      ]) {
        assert.strictEqual((yield* run([...invite, ...line])).status, 2, line.join(" "))
      }
      assert.isFalse(existsSync(home))
      for (const config of ["{ chat: { enabled: false } }", "{ chat: { link: false } }"]) {
        write("clawdis.json", config)
        const { status, stderr } = yield* run([...invite, "--new"])
        assert.deepStrictEqual(
          [status, stderr.includes("no code was made: chat.enabled or chat.link is false")],
          [1, true]
        )
      }
      write("clawdis.json", '{ scope: "global" }')
      const together = yield* run([...invite, "--new"])
      assert.include(
        together.stderr,
        'no code was made: scope is "global" in the configuration, so that everybody shares'
      )
      assert.strictEqual(together.status, 1)
      write("clawdis.json", '{ neverLink: ["telegram:42"] }')
      assert.include((yield* run([...invite, "--for", "telegram:42"])).stderr, "telegram:42 may not be linked")
      assert.isFalse(existsSync(join(home, "proofs.json")))
    }).pipe(Effect.scoped)
  )
})

describe("warelay identity pending and revoke", () => {
  it.live("show what waits, and end it", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      const none = yield* run(pending)
      assert.deepStrictEqual(
        [none.status, none.stdout, none.stderr],
        [0, "", "Nobody is about to link accounts from the chat.\n"]
      )
      assert.strictEqual(answerOf(yield* run([...pending, "--json"])), "[]\n")
      assert.isFalse(existsSync(home))
      const invited = JSON.parse(answerOf(yield* run([...invite, "--for", "telegram:42", "--json"])))
      const [shown] = JSON.parse(answerOf(yield* run([...pending, "--json"])))
      assert.deepStrictEqual([shown.id, shown.by, shown.for, shown.step], [invited.id, "cli", "telegram:42", "open"])
      assert.match(
        answerOf(yield* run(pending)),
        new RegExp(`\n${invited.id}  cli  telegram:42  nobody has sent the code  in 9 minutes\n$`)
      )
      assert.strictEqual(
        answerOf(yield* run(["identity", "revoke", invited.id])),
        `${invited.id} is void, with all that it has begun\n`
      )
      const again = yield* run(["identity", "revoke", invited.id])
      assert.deepStrictEqual(
        [again.status, again.stderr],
        [1, `error: nothing waits under "${invited.id}". See what does: warelay identity pending\n`]
      )
    }).pipe(Effect.scoped)
  )

  it("say at which step each is, and nothing of codes and words", () => {
    const at = (step: Handshake["step"]): Handshake => ({
      id: "code-00000001",
      by: "chat",
      asker: john,
      begun: 0,
      until: 600_000,
      messages: ["m"],
      step
    })
    const joiner = phone
    const steps: ReadonlyArray<readonly [Handshake["step"], string]> = [
      [
        { _tag: "Accepted", joiner, share: true, told: false },
        "twilio:+1234567890 has confirmed, telegram:42 is asked"
      ],
      [
        { _tag: "Agreed", joiner, share: true, shareAsker: false },
        "twilio:+1234567890 and telegram:42 have confirmed, but could not be linked yet"
      ],
      [
        { _tag: "Settled", joiner, share: true, shareAsker: false, linked: true, told: false },
        "twilio:+1234567890 is told how it ended"
      ]
    ]
    for (const [step, said] of steps) {
      assert.include(Render.text([at(step)], 0), said)
      assert.deepInclude(JSON.parse(Render.json([at(step)]))[0], {
        joiner: "twilio:+1234567890",
        step: step._tag.toLowerCase()
      })
    }
  })
})
