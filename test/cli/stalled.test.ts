import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { user } from "./command.js"

describe("a relay whose answers nobody reads", () => {
  it.live("is asked how it is all the same, and ends when it is told so twice", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const relay = yield* someone.start(["relay", "--providers", "console"], { env: { WARELAY_AGENT_ECHO: "true" } })
      yield* relay.says("serving console")
      relay.child.stdout.pause()
      // More than fits into a pipe, and into the memory of both of its ends.
      const text = "x".repeat(90_000)
      for (let n = 0; n < 10; n++) relay.child.stdin.write(`telegram:${1_000 + n} ${text}\n`)
      const waiting = Effect.map(
        someone.run(["status", "--json"]),
        ({ stdout }) => JSON.parse(stdout).messages.delivering
      )
      yield* Effect.repeat(waiting, { until: (delivering) => delivering > 0 })
      yield* relay.signal("SIGINT")
      yield* relay.says("what is being answered will be finished")
      yield* Effect.sleep("200 millis")
      assert.isNull(relay.child.exitCode)
      yield* relay.signal("SIGINT")
      const code = yield* Effect.async<number | null>((resume) => {
        if (relay.child.exitCode !== null) resume(Effect.succeed(relay.child.exitCode))
        relay.child.once("exit", (status) => resume(Effect.succeed(status)))
      })
      assert.strictEqual(code, 130)
    }).pipe(Effect.scoped)
  )
})
