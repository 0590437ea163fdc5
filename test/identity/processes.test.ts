import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { build } from "esbuild"
import { type ChildProcess, spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as home from "../support/home.js"

const nativeLocks = createRequire(import.meta.url).resolve("fs-native-extensions")

/** The writer as a program of its own, in this directory. */
const bundle = (directory: string) =>
  Effect.as(
    Effect.promise(() =>
      build({
        entryPoints: [fileURLToPath(new URL("./writer.ts", import.meta.url))],
        outfile: Path.join(directory, "writer.cjs"),
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
    Path.join(directory, "writer.cjs")
  )

interface Writer {
  readonly process: ChildProcess
  /** Status or signal, and the lines of what was acknowledged. */
  readonly ended: Promise<readonly [how: number | string | null, acknowledged: ReadonlyArray<string>, errors: string]>
}

const start = (program: string, directory: string, name: number, count: number): Writer => {
  const child = spawn(process.execPath, [program, directory, String(name), String(count)])
  let out = ""
  let errors = ""
  child.stdout.on("data", (part) => {
    out += String(part)
  })
  child.stderr.on("data", (part) => {
    errors += String(part)
  })
  return {
    process: child,
    ended: new Promise((resolve) =>
      child.on("close", (status, signal) => resolve([status ?? signal, out.split("\n").slice(0, -1), errors]))
    )
  }
}

const linkedIn = (directory: string): ReadonlyArray<string> => {
  const { mappings } = JSON.parse(readFileSync(Path.join(directory, "identity-map.json"), "utf8"))
  return Object.values<{ readonly identities: { readonly telegram: ReadonlyArray<string> } }>(mappings).map(
    ({ identities }) => identities.telegram.join(" ")
  )
}

describe("four processes that link at the same time", () => {
  it.scopedLive("lose none of what they were told is done", () =>
    Effect.gen(function* () {
      const place = yield* home.directory
      const program = yield* bundle(place)
      const directory = Path.join(place, "home")
      const writers = [1, 2, 3, 4].map((name) => start(program, directory, name, 25))
      const ends = yield* Effect.promise(() => Promise.all(writers.map(({ ended }) => ended)))
      for (const [how, acknowledged, errors] of ends) {
        deepStrictEqual([how, acknowledged.length], [0, 25], errors)
      }
      assert.sameMembers(
        [...linkedIn(directory)],
        ends.flatMap(([, acknowledged]) => acknowledged)
      )
    })
  )

  it.scopedLive("and are killed in the middle of it lose none either, and leave a lock that is free", () =>
    Effect.gen(function* () {
      const place = yield* home.directory
      const program = yield* bundle(place)
      const directory = Path.join(place, "home")
      const writers = [1, 2, 3, 4].map((name) => start(program, directory, name, 10_000))
      const first = writers.map(
        ({ ended, process }) =>
          new Promise<unknown>((resolve) => {
            process.stdout?.once("data", resolve)
            void ended.then(resolve)
          })
      )
      yield* Effect.promise(() => Promise.all(first))
      for (const { process } of writers) process.kill("SIGKILL")
      const ends = yield* Effect.promise(() => Promise.all(writers.map(({ ended }) => ended)))
      const acknowledged = ends.flatMap(([, lines]) => lines)
      assert.isAtLeast(acknowledged.length, 4)
      assert.includeMembers([...linkedIn(directory)], acknowledged)
      const [how, , errors] = yield* Effect.promise(() => start(program, directory, 5, 1).ended)
      assert.strictEqual(how, 0, errors)
      assert.includeMembers([...linkedIn(directory)], [...acknowledged, "501 511"])
      assert.notInclude(readdirSync(directory).join(), ".tmp")
    })
  )
})
