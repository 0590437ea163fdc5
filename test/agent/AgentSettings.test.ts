import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AgentSettings, defaultSettings, streaming } from "../../src/agent/AgentSettings.js"
import { claudeStream } from "../../src/agent/ClaudeCommand.js"

const decode = Schema.decodeUnknownEither(AgentSettings)
const refusal = (written: unknown): string =>
  Either.match(decode(written), { onLeft: (error) => error.message, onRight: () => "accepted" })

describe("the agent's settings", () => {
  it("have a default for everything, which is claude, and can fork", () => {
    assert.deepStrictEqual(decode({}), Either.right(defaultSettings))
    assert.strictEqual(defaultSettings.command[0], "claude")
    assert.strictEqual(defaultSettings.timeoutSeconds, 600)
    assert.isDefined(defaultSettings.sessionArguments.fork)
  })

  it("of another command keep the rest of the defaults", () => {
    const settings = Either.getOrThrow(decode({ command: ["/opt/agent", "--json"], timeoutSeconds: 5 }))
    assert.deepStrictEqual(settings, { ...defaultSettings, command: ["/opt/agent", "--json"], timeoutSeconds: 5 })
  })

  it("have claude stay, and another command if it is said how", () => {
    const staying = (written: unknown) => streaming(Either.getOrThrow(decode(written)))
    deepStrictEqual(staying({}), Option.some(claudeStream))
    deepStrictEqual(staying({ arguments: ["--model", "sonnet"] }), Option.some(claudeStream))
    deepStrictEqual(staying({ arguments: ["--tools", "Bash"] }), Option.none())
    deepStrictEqual(staying({ arguments: ["--tools", "Bash"], streamArguments: ["--stay"] }), Option.some(["--stay"]))
    deepStrictEqual(staying({ command: ["agent"] }), Option.none())
    deepStrictEqual(staying({ command: ["agent"], streamArguments: ["--stay"] }), Option.some(["--stay"]))
    deepStrictEqual(staying({ idleSeconds: 0 }), Option.none())
    deepStrictEqual(staying({ streamArguments: ["--stay"], output: "text" }), Option.none())
  })

  it.each(["agent", "/usr/bin/agent"])("take a program by name or by full path: %s", (program) => {
    assert.isTrue(Either.isRight(decode({ command: [program] })))
  })

  it.each(["", "./agent", "bin/agent", "~/bin/agent"])(
    "refuse a path that depends on where one stands: %j",
    (program) => {
      assert.include(refusal({ command: [program] }), "neither the name of a program nor a full path")
    }
  )

  it.each(["TELEGRAM_BOT_TOKEN", "TWILIO_AUTH_TOKEN", "WARELAY_HOME", "telegram_bot_token"])(
    "never pass on what is the relay's own: %s",
    (name) => assert.include(refusal({ environment: [name] }), "never passed to the agent")
  )

  it.each(["", "1A", "A=B", "A B"])("refuse what is no name of a variable: %j", (name) => {
    assert.include(refusal({ environment: [name] }), "not the name of an environment variable")
  })

  it.each([
    { command: [] },
    { timeoutSeconds: 0 },
    { timeoutSeconds: 1e9 },
    { output: "xml" },
    { sessionArguments: {} }
  ])("refuse what cannot be meant: %j", (written) => assert.notStrictEqual(refusal(written), "accepted"))
})
