import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { AgentSettings, defaultSettings } from "../../src/agent/AgentSettings.js"

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
