import { Readable, Writable } from "node:stream"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { run } from "../../src/cli/Cli.js"
import { Shutdown } from "../../src/cli/Shutdown.js"
import { Process } from "../../src/config/Process.js"
import type { Ran } from "../cli/command.js"

/** A command line, run in this process on this home: the same as the built command, less the time that it takes to start. */
export const command = (
  home: string,
  argv: ReadonlyArray<string>,
  variables: Readonly<Record<string, string>> = {}
): Effect.Effect<Ran> =>
  Effect.gen(function* () {
    const said = { stdout: "", stderr: "" }
    const taking = (name: keyof typeof said) =>
      new Writable({
        write: (chunk, _, done) => {
          said[name] += chunk
          done()
        }
      })
    const saying = (name: keyof typeof said) => (text: string) => Effect.sync(() => void (said[name] += `${text}\n`))
    const own = yield* Console.consoleWith(Effect.succeed)
    const environment = { WARELAY_HOME: home, ...variables }
    const status = yield* run(argv).pipe(
      Effect.withConsole({ ...own, log: saying("stdout"), error: saying("stderr") }),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))),
      Effect.provide(
        Layer.mergeAll(
          Layer.succeed(Process, {
            environment,
            input: Readable.from([]),
            output: taking("stdout"),
            errors: taking("stderr"),
            interactive: false,
            terminals: { output: false, errors: false }
          }),
          Layer.succeed(Shutdown, { claim: Effect.succeed(Effect.never) })
        )
      )
    )
    return { status, ...said }
  })
