import { writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { TurnSettings } from "../../src/agent/Turns.js"
import * as Settings from "../../src/layers/Settings.js"
import { RelaySettings } from "../../src/relay/RelaySettings.js"
import { SessionSettings } from "../../src/session/SessionSettings.js"
import { at, directory } from "../support/home.js"

const environment = (variables: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

describe("the settings of the product", () => {
  const settings = (text: string, variables: Readonly<Record<string, string>> = {}) =>
    Effect.gen(function* () {
      const path = yield* directory
      writeFileSync(`${path}/clawdis.json`, text)
      return yield* Effect.all({
        all: Settings.Settings,
        session: SessionSettings,
        turns: TurnSettings,
        relay: RelaySettings
      }).pipe(Effect.provide(Settings.layer.pipe(Layer.provide(at(path)))), environment(variables))
    }).pipe(Effect.scoped)

  it.effect("everything has a default that works, and nobody may write", () =>
    Effect.gen(function* () {
      const { all, relay, session, turns } = yield* settings("{}")
      assert.deepStrictEqual([session.scope, session.idleMinutes, turns.resetTriggers], ["per-sender", 60, ["/new"]])
      assert.deepStrictEqual([relay.allowFrom, relay.allowGroups], [[], []])
      assert.isTrue(Option.isNone(all.providers))
      assert.strictEqual(all.agent.command[0], "claude")
      assert.strictEqual(all.telegram.apiUrl, "https://api.telegram.org")
      assert.strictEqual(all.twilio.host, "127.0.0.1")
    })
  )

  it.effect("each can be set in the file, and in the environment", () =>
    Effect.gen(function* () {
      const { all, relay, session } = yield* settings(
        '{ scope: "global", allowFrom: ["telegram:42"], maxTurns: 2, agent: { timeoutSeconds: 5 }, providers: ["console"] }',
        { WARELAY_AGENT_ECHO: "true", WARELAY_TELEGRAM_POLL_SECONDS: "3", WARELAY_MAX_TURNS: "3" }
      )
      assert.strictEqual(session.scope, "global")
      assert.deepStrictEqual([relay.allowFrom.length, relay.maxTurns], [1, 3])
      assert.deepStrictEqual([all.agent.timeoutSeconds, all.agent.echo, all.telegram.pollSeconds], [5, true, 3])
      assert.deepStrictEqual(Option.getOrNull(all.providers), ["console"])
    })
  )

  it.effect("what begins a new conversation is no chat command, in whatever letters, unless that is switched off", () =>
    Effect.gen(function* () {
      const refusal = (text: string) =>
        Effect.map(Effect.either(settings(text)), (either) =>
          Either.isLeft(either) ? either.left.message : "accepted"
        )
      const refused = yield* refusal('{ resetTriggers: ["/new",\n "/Help", "/link me"] }')
      assert.match(refused, /line 2, column 2, resetTriggers\.1: "\/Help" is a chat command: choose another/)
      assert.match(refused, /line 2, column 11, resetTriggers\.2: "\/link me" is a chat command/)
      const renamed = yield* refusal('{ resetTriggers: ["/who"], chat: { whoami: "/WHO" } }')
      assert.include(renamed, '"/who" is a chat command')
      for (const chat of ["{ help: false }", "{ enabled: false }", '{ help: "/?" }']) {
        const { turns } = yield* settings(`{ resetTriggers: ["/help"], chat: ${chat} }`)
        assert.deepStrictEqual(turns.resetTriggers, ["/help"])
      }
    })
  )

  it.effect("whether the agent can continue a conversation for several people is known from how it is run", () =>
    Effect.gen(function* () {
      const forks = (text: string) => Effect.map(settings(text), ({ all }) => Settings.canFork(all))
      assert.isTrue(yield* forks("{}"))
      const withoutFork = "sessionArguments: { begin: [], resume: [] }"
      assert.isFalse(yield* forks(`{ agent: { ${withoutFork} } }`))
      assert.isTrue(yield* forks(`{ agent: { echo: true, ${withoutFork} } }`))
    })
  )
})
