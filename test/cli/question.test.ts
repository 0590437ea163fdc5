import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { run } from "../../src/cli/Cli.js"
import { Shutdown } from "../../src/cli/Shutdown.js"
import { Process } from "../../src/config/Process.js"
import { directory } from "../support/home.js"
import { pair } from "./command.js"

/** A command line with a person at it, who answers as soon as there is a question. */
const atTerminal = (home: string, argv: ReadonlyArray<string>, answer?: string) =>
  Effect.gen(function* () {
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const asked = yield* Deferred.make<void>()
    const said = { text: "" }
    errors.on("data", (part: Buffer) => {
      said.text += part.toString()
      if (!said.text.includes("[y/N]")) return
      if (answer !== undefined) input.write(answer)
      Deferred.unsafeDone(asked, Effect.void)
    })
    const layer = Layer.mergeAll(
      Layer.succeed(Process, { environment: {}, input, output, errors, interactive: true }),
      Layer.succeed(Shutdown, { claim: Effect.succeed(Effect.never) }),
      Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["WARELAY_HOME", home]])))
    )
    const own = yield* Console.consoleWith(Effect.succeed)
    const heard = { ...own, error: (line: unknown) => Effect.sync(() => void errors.write(`${String(line)}\n`)) }
    const fiber = yield* Effect.forkScoped(Effect.withConsole(Effect.provide(run(argv), layer), heard))
    return { asked: Deferred.await(asked), fiber, input, said }
  })

const home = Effect.map(directory, (path) => join(path, "home"))
const mapIn = (directory: string) => join(directory, "identity-map.json")

describe("link at a terminal", () => {
  it.scopedLive.each(["y\n", "YES\n", " yes \n"])("links after %j, and says first what will be seen", (answer) =>
    Effect.gen(function* () {
      const directory = yield* home
      const { fiber, said } = yield* atTerminal(directory, pair, answer)
      assert.strictEqual(yield* Fiber.join(fiber), 0)
      assert.include(readFileSync(mapIn(directory), "utf8"), "@john")
      assert.match(said.text, /conversation.*\nLink them\? \[y\/N\] $/)
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
      assert.notInclude(said.text, "[y/N]")
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
      assert.strictEqual(said.text, "")
    })
  )
})
