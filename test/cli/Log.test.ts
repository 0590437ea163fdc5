import { Readable, Writable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Log from "../../src/cli/Log.js"
import { Process } from "../../src/config/Process.js"

/** What is written to the two streams of a process in which this is run. */
const written = (effect: Effect.Effect<void, never, Process>) =>
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
      interactive: false,
      terminals: { output: false, errors: false }
    })
    yield* Effect.provide(Log.toErrors(effect), process)
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

describe("a log for programs", () => {
  const settings = { level: "info", format: "json" } as const

  it.effect("has one object a line, masked, with nothing that a terminal obeys", () =>
    Effect.gen(function* () {
      const { errors } = yield* written(
        Effect.zipRight(
          Effect.logError("from whatsapp:+1234567890\n\u001b[2J\u202e", { to: "+1999999999" }, Cause.fail("e")),
          Effect.logInfo("two")
        ).pipe(Log.as(settings))
      )
      const [first, second, ...others] = errors.trimEnd().split("\n")
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(JSON.parse(second ?? ""), {
        time: "1970-01-01T00:00:00.000Z",
        level: "info",
        message: "two"
      })
      const { message } = JSON.parse(first ?? "")
      assert.match(message, /^from whatsapp:…7890\n\u001b\[2J\u202e \{"to":"…9999"\} /)
      assert.notMatch(errors.trimEnd(), /[^\P{Cc}\n]|\u202e/u)
    })
  )

  it.effect("has lines from its level on", () =>
    Effect.gen(function* () {
      const all = Effect.all([Effect.logDebug("a"), Effect.logInfo("b"), Effect.logWarning("c"), Effect.logError("d")])
      for (const [level, messages] of [
        ["debug", "abcd"],
        ["info", "bcd"],
        ["warn", "cd"],
        ["error", "d"]
      ] as const) {
        const { errors } = yield* written(Effect.asVoid(all).pipe(Log.as({ ...settings, level })))
        const lines = errors.trimEnd().split("\n")
        assert.strictEqual(lines.map((line) => JSON.parse(line).message).join(""), messages)
      }
    })
  )

  it.effect("is one where nobody reads along, unless text is asked for", () =>
    Effect.gen(function* () {
      const one = Effect.logInfo("one")
      assert.match((yield* written(one.pipe(Log.as({ ...settings, format: "auto" })))).errors, /^\{/)
      assert.match((yield* written(one.pipe(Log.as({ ...settings, format: "text" })))).errors, /^1970\S+ info: one/)
    })
  )
})
