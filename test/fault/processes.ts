import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { build } from "esbuild"
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

/** Node reads these at every start, which takes it as long as all the rest. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env

const nativeLocks = createRequire(import.meta.url).resolve("fs-native-extensions")

/** A program of these tests, made into one file in this directory, for processes of its own. */
export const bundle = (source: URL, directory: string): Effect.Effect<string> => {
  const outfile = Path.join(directory, Path.basename(source.pathname).replace(/\.ts$/, ".cjs"))
  return Effect.as(
    Effect.promise(() =>
      build({
        entryPoints: [fileURLToPath(source)],
        outfile,
        bundle: true,
        platform: "node",
        format: "cjs",
        logLevel: "error",
        plugins: [
          {
            name: "native",
            setup: ({ onResolve }) =>
              onResolve({ filter: /^fs-native-extensions$/ }, () => ({ path: nativeLocks, external: true }))
          }
        ]
      })
    ),
    outfile
  )
}

export interface Ended {
  /** The exit status, or the signal that ended it. */
  readonly how: number | string | null
  readonly errors: string
}

/** A process that speaks in lines. */
export interface Child {
  readonly process: ChildProcessWithoutNullStreams
  /** All that it has said so far. */
  readonly lines: ReadonlyArray<string>
  readonly send: (line: string) => void
  /** Completes when this many of its lines fit; dies if it ends before. */
  readonly says: (pattern: RegExp, count?: number) => Effect.Effect<void>
  readonly ended: Effect.Effect<Ended>
}

/** Starts a program of Node's, which does not outlive the scope. `heard` is called with every line at once. */
export const start = (
  program: string,
  words: ReadonlyArray<string>,
  heard: (line: string) => void = () => {},
  [command, ...before]: readonly [string, ...ReadonlyArray<string>] = [process.execPath]
): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync((): Child => {
      const child = spawn(command, [...before, program, ...words], { env: environment })
      const lines: Array<string> = []
      const watchers = new Set<() => void>()
      let rest = ""
      let errors = ""
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        const parts = (rest + text).split("\n")
        rest = parts.pop() ?? ""
        for (const line of parts) {
          lines.push(line)
          heard(line)
        }
        for (const watch of [...watchers]) watch()
      })
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        errors += text
      })
      // Whom we have killed reads no more.
      child.stdin.on("error", () => {})
      const closed = new Promise<Ended>((resolve) =>
        child.on("close", (status, signal) => resolve({ how: status ?? signal, errors }))
      )
      return {
        process: child,
        lines,
        send: (line) => void child.stdin.write(`${line}\n`),
        says: (pattern, count = 1) =>
          Effect.async<void>((resume) => {
            const watch = () => {
              if (lines.filter((line) => pattern.test(line)).length < count) return
              watchers.delete(watch)
              resume(Effect.void)
            }
            watchers.add(watch)
            void closed.then((end) => resume(Effect.die(new Error(`ended without ${pattern}: ${JSON.stringify(end)}`))))
            watch()
          }),
        ended: Effect.promise(() => closed)
      }
    }),
    (child) =>
      Effect.zipRight(
        Effect.sync(() => void child.process.kill("SIGKILL")),
        child.ended
      )
  )
