import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PassThrough } from "node:stream"
import { run } from "../../src/cli/Cli.js"
import { Shutdown } from "../../src/cli/Shutdown.js"
import { Process } from "../../src/config/Process.js"

/** A command line with a person at it, who answers as soon as there is a question. */
export const atTerminal = (home: string, argv: ReadonlyArray<string>, answer?: string) =>
  Effect.gen(function* () {
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const asked = yield* Deferred.make<void>()
    const said = { stdout: "", stderr: "" }
    errors.on("data", (part: Buffer) => {
      said.stderr += part.toString()
      if (!said.stderr.includes("[y/N]")) return
      if (answer !== undefined) input.write(answer)
      Deferred.unsafeDone(asked, Effect.void)
    })
    const layer = Layer.mergeAll(
      Layer.succeed(Process, {
        environment: {},
        input,
        output,
        errors,
        interactive: true,
        terminals: { output: true, errors: true }
      }),
      Layer.succeed(Shutdown, { claim: Effect.succeed(Effect.never) }),
      Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["WARELAY_HOME", home]])))
    )
    const own = yield* Console.consoleWith(Effect.succeed)
    const heard = {
      ...own,
      error: (line: unknown) => Effect.sync(() => void errors.write(`${String(line)}\n`)),
      log: (line: unknown) => Effect.sync(() => void (said.stdout += `${String(line)}\n`))
    }
    const fiber = yield* Effect.forkScoped(Effect.withConsole(Effect.provide(run(argv), layer), heard))
    return { asked: Deferred.await(asked), fiber, input, said }
  })
