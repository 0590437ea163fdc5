import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { directory } from "../support/home.js"
import { pair } from "./command.js"
import { atTerminal } from "./terminal.js"

const home = Effect.map(directory, (path) => join(path, "home"))
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

  it.scopedLive("changes nothing if the terminal goes away", () =>
    Effect.gen(function* () {
      const directory = yield* home
      const { asked, fiber, input } = yield* atTerminal(directory, pair)
      yield* asked
      input.end()
      assert.strictEqual(yield* Fiber.join(fiber), 1)
      assert.isFalse(existsSync(mapIn(directory)))
    })
  )

  it.scopedLive("changes nothing after Ctrl-C", () =>
    Effect.gen(function* () {
      const directory = yield* home
      const { asked, fiber } = yield* atTerminal(directory, pair)
      yield* asked
      yield* Fiber.interrupt(fiber)
      assert.isFalse(existsSync(mapIn(directory)))
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
