import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { directory } from "../support/home.js"
import { mapping, mapText, pair } from "./command.js"
import { atTerminal } from "./terminal.js"

const home = Effect.map(directory, (path) => join(path, "home"))
const adding = ["identity", "link", "--telegram", "@jane"]
const mapIn = (directory: string) => join(directory, "identity-map.json")

describe("link at a terminal", () => {
  it.scopedLive.each(["y\n", "YES\n", " yes \n"])("links after %j, and says first what will be seen", (answer) =>
    Effect.gen(function* () {
      const directory = yield* home
      const { fiber, said } = yield* atTerminal(directory, pair, answer)
      assert.strictEqual(yield* Fiber.join(fiber), 0)
      assert.include(readFileSync(mapIn(directory), "utf8"), "@john")
      assert.match(said.stderr, /conversation.*\nLink them\? \[y\/N\] $/)
    })
  )

  it.scopedLive.each(["\n", "n\n", "yikes\n"])("changes nothing after %j, and ends with 1", (answer) =>
    Effect.gen(function* () {
      const directory = yield* home
      const { fiber } = yield* atTerminal(directory, pair, answer)
      assert.strictEqual(yield* Fiber.join(fiber), 1)
      assert.isFalse(existsSync(mapIn(directory)))
    })
  )

  it.scopedLive("changes nothing after a yes to something else than it is by then", () =>
    Effect.gen(function* () {
      const sessions = (written: object) => (directory: string) => {
        mkdirSync(directory, { recursive: true })
        writeFileSync(join(directory, "sessions.json"), JSON.stringify(written))
      }
      const session = (n: number) => ({
        sessionId: `00000000-0000-4000-8000-00000000000${n}`,
        updatedAt: Date.now() - n * 1_000
      })
      for (const [before, after, status] of [
        // Somebody has begun a conversation, and another is the one that was used last.
        [{}, { "telegram:@john": session(1) }, 1],
        [{ "+1234567890": session(2) }, { "+1234567890": session(2), "telegram:@john": session(1) }, 1],
        // It is still the same one, and somebody else's is no matter.
        [{ "+1234567890": session(2) }, { "+1234567890": session(1), "telegram:@jane": session(1) }, 0]
      ] as const) {
        const directory = yield* home
        sessions(before)(directory)
        const { asked, fiber, input, said } = yield* atTerminal(directory, pair)
        yield* asked
        sessions(after)(directory)
        input.write("y\n")
        assert.strictEqual(yield* Fiber.join(fiber), status)
        assert.strictEqual(existsSync(mapIn(directory)), status === 0)
        if (status === 1) assert.match(said.stderr, /error: nothing was linked: while you were asked, .*\.\n$/)
      }
      const directory = yield* home
      mkdirSync(directory)
      writeFileSync(mapIn(directory), mapText(mapping("one")))
      const { asked, fiber, input } = yield* atTerminal(directory, [...adding, "--into", "one"])
      yield* asked
      writeFileSync(mapIn(directory), mapText(mapping("one", { identities: { telegram: ["@john", "@mary"] } })))
      input.write("y\n")
      assert.strictEqual(yield* Fiber.join(fiber), 1)
      assert.notInclude(readFileSync(mapIn(directory), "utf8"), "@jane")
    })
  )

  it.scopedLive("changes nothing if the terminal goes away", () =>
    Effect.gen(function* () {
      const directory = yield* home
      const { asked, fiber, input, said } = yield* atTerminal(directory, pair)
      yield* asked
      input.end()
      assert.strictEqual(yield* Fiber.join(fiber), 1)
      assert.isFalse(existsSync(mapIn(directory)))
      assert.match(said.stderr, /\[y\/N\] \nerror: [^\n]*\n$/)
    })
  )

  it.scopedLive("changes nothing after Ctrl-C", () =>
    Effect.gen(function* () {
      const directory = yield* home
      const { asked, fiber, said } = yield* atTerminal(directory, pair)
      yield* asked
      yield* Fiber.interrupt(fiber)
      assert.isFalse(existsSync(mapIn(directory)))
      assert.match(said.stderr, /\[y\/N\] \n$/)
    })
  )

  it.scopedLive.each(["--yes", "--json", "--dry-run"])("asks nobody with %s", (option) =>
    Effect.gen(function* () {
      const directory = yield* home
      const { fiber, said } = yield* atTerminal(directory, [...pair, option])
      assert.strictEqual(yield* Fiber.join(fiber), 0)
      assert.notInclude(said.stderr, "[y/N]")
      assert.strictEqual(existsSync(mapIn(directory)), option !== "--dry-run")
    })
  )

  it.scopedLive("asks nobody about what is so already", () =>
    Effect.gen(function* () {
      const directory = yield* home
      const first = yield* atTerminal(directory, [...pair, "--yes"])
      assert.strictEqual(yield* Fiber.join(first.fiber), 0)
      const { fiber, said } = yield* atTerminal(directory, pair)
      assert.strictEqual(yield* Fiber.join(fiber), 0)
      assert.strictEqual(said.stderr, "")
    })
  )
})
