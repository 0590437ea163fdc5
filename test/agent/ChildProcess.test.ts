import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { bundled, printedBy } from "../support/program.js"

/** A program that has opened all that it may open, and then starts a command. */
const program = `
import { openSync, writeSync } from "node:fs"
import * as Effect from "effect/Effect"
import { run } from "../../src/agent/ChildProcess.ts"
try { while (true) openSync("/dev/null", "r") } catch {}
const command = { program: "/bin/echo", arguments: [], directory: "/", environment: {}, inherited: [] }
Effect.runPromise(Effect.flip(run(command, "", () => Effect.void))).then(({ _tag, code }) => writeSync(1, _tag + " " + code))
`

describe("a command", () => {
  it.live("for whose pipes there is no descriptor left is not started, and that ends nothing else", () =>
    Effect.gen(function* () {
      const { text } = yield* bundled(program, import.meta.url)
      const limited = ["-c", 'ulimit -n 60; exec "$0" -', process.execPath]
      const output = yield* printedBy("/bin/sh", limited, text)
      assert.strictEqual(output, "NotStarted EMFILE")
    })
  )
})
