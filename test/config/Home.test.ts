import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Home from "../../src/config/Home.js"

const directoryWith = (variables: Readonly<Record<string, string>>) =>
  Effect.map(Home.Home, ({ directory }) => directory).pipe(
    Effect.provide(Home.layer),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
  )

describe("the home", () => {
  it.effect("is .clawdis in the user's own directory, if nothing else is said or it is said emptily", () =>
    Effect.gen(function* () {
      for (const variables of [{}, { WARELAY_HOME: "" }]) {
        assert.strictEqual(yield* directoryWith(variables), join(homedir(), ".clawdis"))
      }
    })
  )

  it.effect("is where WARELAY_HOME says, counted from the current directory", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* directoryWith({ WARELAY_HOME: "/srv/my relay" }), "/srv/my relay")
      assert.strictEqual(yield* directoryWith({ WARELAY_HOME: "relay/" }), resolve("relay"))
    })
  )

  it("everything is in it, each under a name of its own", () => {
    const { directory, ...paths } = Home.at("/srv/relay")
    assert.strictEqual(directory, "/srv/relay")
    for (const path of Object.values(paths))
      assert.match(path, /^\/srv\/relay\/[a-z-]+(\.(json|ndjson|key|lock|sock))?$/)
    assert.strictEqual(new Set(Object.values(paths)).size, Object.values(paths).length)
    assert.strictEqual(paths.identityMap, "/srv/relay/identity-map.json")
    assert.strictEqual(paths.sessions, "/srv/relay/sessions.json")
    assert.strictEqual(paths.config, "/srv/relay/clawdis.json")
  })
})
