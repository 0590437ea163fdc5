import { homedir, userInfo } from "node:os"
import { join, resolve } from "node:path"
import { assert, describe, it, vi } from "@effect/vitest"
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

  it.scoped("is that of the user of this process where HOME says nothing, or counts from wherever one is", () =>
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Effect.sync(() => vi.unstubAllEnvs()))
      for (const named of ["", "somewhere", "./here"]) {
        vi.stubEnv("HOME", named)
        assert.strictEqual(yield* directoryWith({}), join(userInfo().homedir, ".clawdis"), named)
      }
      vi.stubEnv("HOME", "/srv/john")
      assert.strictEqual(yield* directoryWith({}), "/srv/john/.clawdis")
    })
  )

  it.scoped("is told of in a sentence where it would count from a directory that is gone", () =>
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Effect.sync(() => vi.restoreAllMocks()))
      vi.spyOn(process, "cwd").mockImplementation(() => {
        throw new Error("ENOENT: no such file or directory, uv_cwd")
      })
      const error = yield* Effect.flip(directoryWith({ WARELAY_HOME: "relay" }))
      assert.match(error.message, /^WARELAY_HOME is "relay", counted from the current directory, and that is gone\./)
      assert.strictEqual(yield* directoryWith({ WARELAY_HOME: "/srv/relay" }), "/srv/relay")
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
