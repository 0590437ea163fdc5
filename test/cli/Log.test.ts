import { Readable, Writable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Log from "../../src/cli/Log.js"
import { Process } from "../../src/config/Process.js"

/** What is written to the two streams of a process in which this is run. */
const written = (effect: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const texts = { output: "", errors: "" }
    const into = (name: keyof typeof texts) =>
      new Writable({
        write: (chunk, _, done) => {
          texts[name] += String(chunk)
          done()
        }
      })
    const process = Layer.succeed(Process, {
      environment: {},
      input: Readable.from([]),
      output: into("output"),
      errors: into("errors"),
      interactive: false
    })
    yield* Effect.provide(effect, Layer.provide(Log.layer, process))
    return texts
  })

describe("a log line", () => {
  it.effect("goes to the errors, with the time and how bad it is", () =>
    Effect.gen(function* () {
      const { errors, output } = yield* written(Effect.zipRight(Effect.logInfo("one"), Effect.logWarning("two", 3)))
      assert.strictEqual(output, "")
      assert.match(errors, /^1970-01-01T00:00:00.000Z info: one\n1970-01-01T00:00:00.000Z warn: two 3\n$/)
    })
  )

  it.effect("shows no more than the last four digits of a number, wherever it stands", () =>
    Effect.gen(function* () {
      const cause = Cause.fail(new Error("to +1 (234) 567-890"))
      const { errors } = yield* written(
        Effect.zipRight(
          Effect.logError("from whatsapp:+1234567890", { to: "+1999999999" }),
          Effect.logError("no", cause)
        )
      )
      assert.include(errors, "from whatsapp:…7890")
      assert.include(errors, "…9999")
      assert.notMatch(errors.replace(/^\S+Z /gm, ""), /\d[ .()-]*\d[ .()-]*\d[ .()-]*\d[ .()-]*\d/)
    })
  )

  it.effect("is one line, and nothing in it is obeyed by a terminal", () =>
    Effect.gen(function* () {
      const { errors } = yield* written(
        Effect.logError("a\nb\u001b[2J\u202e", Cause.die(new Error("c\nd")), { name: "e\u0007" })
      )
      assert.strictEqual(errors.split("\n").length, 2)
      assert.include(errors, "a\\nb\\u{1b}[2J\\u{202e}")
      assert.notMatch(errors.trimEnd(), /[\p{Cc}\u202e]/u)
    })
  )
})
