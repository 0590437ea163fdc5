import { once } from "node:events"
import { createServer } from "node:net"
import * as Path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as ControlClient from "../../src/control/ControlClient.js"
import * as storage from "../../src/layers/storage.js"
import { the } from "../identity/arbitrary.js"
import { directory } from "../support/home.js"

/** A relay that takes calls and says nothing, as one that was stopped does. */
const silent = (home: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer()
      const called = once(server, "connection")
      server.listen(Path.join(home, "relay.sock"))
      await once(server, "listening")
      return { server, called: Effect.promise(() => called) }
    }),
    ({ server }) => Effect.sync(() => server.close())
  )

describe("a relay that says nothing", () => {
  it.scoped.each([
    ["status", Effect.asVoid(ControlClient.status)],
    ["send", Effect.asVoid(ControlClient.send(the("telegram", "42"), "Dinner at eight"))]
  ] as const)("is not waited for by %s", ([, asking]) =>
    Effect.gen(function* () {
      const home = yield* directory
      const { called } = yield* silent(home)
      const asked = yield* Effect.fork(Effect.either(Effect.provide(asking, storage.layerAt(home))))
      const [connection] = yield* called
      yield* TestClock.adjust("10 seconds")
      const said = yield* Fiber.join(asked)
      connection.destroy()
      assert.include(JSON.stringify(said), "did not answer within 10s")
    })
  )
})
