import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { build } from "esbuild"

/** A program that has opened all that it may open, and then starts a command. */
const program = `
import { openSync, writeSync } from "node:fs"
import * as Effect from "effect/Effect"
import { run } from "../../src/agent/ChildProcess.ts"
try { while (true) openSync("/dev/null", "r") } catch {}
const command = { program: "/bin/echo", arguments: [], directory: "/", environment: {}, input: "", inherited: [], began: () => Effect.void }
Effect.runPromise(Effect.flip(run(command))).then(({ _tag, code }) => writeSync(1, _tag + " " + code))
`

const bundle = Effect.promise(() =>
  build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
    logLevel: "silent"
  })
)

describe("a command", () => {
  it.live("for whose pipes there is no descriptor left is not started, and that ends nothing else", () =>
    Effect.gen(function* () {
      const { outputFiles } = yield* bundle
      const output = yield* Effect.async<string, Error>((resume) => {
        const limited = ["-c", 'ulimit -n 60; exec "$0" -', process.execPath]
        const child = execFile("/bin/sh", limited, { timeout: 20_000 }, (error, stdout) =>
          resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
        )
        child.stdin?.end(outputFiles[0]?.text)
      })
      assert.strictEqual(output, "NotStarted EMFILE")
    })
  )
})
