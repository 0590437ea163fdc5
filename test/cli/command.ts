import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { directory } from "../support/home.js"

/** The product, as it was built. */
export const bin = fileURLToPath(new URL("../../dist/bin.cjs", import.meta.url))

export interface Ran {
  /** The exit status, or the signal that ended it. */
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly cwd?: string
  /** Another program in the place of the product's. */
  readonly bin?: string
}

/** A running command. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  /** Completes when it has said so on one of its streams. */
  readonly says: (text: string | RegExp) => Effect.Effect<void>
  readonly ended: Effect.Effect<Ran>
  readonly signal: (name: NodeJS.Signals) => Effect.Effect<void>
}

/** A user of the product, with an empty home, and nothing of the environment that the tests run in. */
export interface User {
  /** The user's own directory; `.clawdis` in it is the home of the product. */
  readonly directory: string
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  readonly start: (args: ReadonlyArray<string>, options?: Options) => Effect.Effect<Running, never, Scope.Scope>
  readonly run: (args: ReadonlyArray<string>, options?: Options) => Effect.Effect<Ran>
  /** A file in the home. */
  readonly write: (name: string, text: string) => void
  readonly read: (name: string) => string
}

const started = (program: string, args: ReadonlyArray<string>, env: Options["env"], options: Options) =>
  Effect.acquireRelease(
    Effect.sync((): Running => {
      const child = spawn(program, [...args], { env: { ...env, ...options.env }, cwd: options.cwd })
      const said = { stdout: "", stderr: "" }
      const watchers = new Set<() => void>()
      for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (text: string) => {
          said[name] += text
          for (const watch of [...watchers]) watch()
        })
      }
      const closed = once(child, "close").then(([code, signal]) => ({ status: code ?? signal, ...said }) as Ran)
      child.stdin.on("error", () => {})
      if (options.input !== undefined) child.stdin.end(options.input)
      return {
        child,
        ended: Effect.promise(() => closed),
        signal: (name) => Effect.sync(() => void child.kill(name)),
        says: (text) =>
          Effect.async<void>((resume) => {
            const watch = () => {
              const heard = said.stdout + said.stderr
              if (typeof text === "string" ? !heard.includes(text) : !text.test(heard)) return
              watchers.delete(watch)
              resume(Effect.void)
            }
            watchers.add(watch)
            void closed.then((ran) => resume(Effect.die(new Error(`ended without it: ${JSON.stringify(ran)}`))))
            watch()
          })
      }
    }),
    ({ child, ended }) =>
      Effect.zipRight(
        Effect.sync(() => void child.kill("SIGKILL")),
        ended
      )
  )

/** Any program, run to its end with nothing on its input. */
export const program = (name: string, args: ReadonlyArray<string>, options: Options = {}): Effect.Effect<Ran> =>
  Effect.scoped(
    Effect.flatMap(
      started(name, args, { PATH: process.env["PATH"] ?? "" }, { input: "", ...options }),
      ({ ended }) => ended
    )
  )

export const user: Effect.Effect<User, never, Scope.Scope> = Effect.map(directory, (own): User => {
  const home = join(own, ".clawdis")
  const env = { PATH: process.env["PATH"] ?? "", HOME: own }
  const start: User["start"] = (args, options = {}) =>
    started(process.execPath, [options.bin ?? bin, ...args], env, options)
  return {
    directory: own,
    home,
    env,
    start,
    run: (args, options = {}) =>
      Effect.scoped(Effect.flatMap(start(args, { input: "", ...options }), ({ ended }) => ended)),
    write: (name, text) => {
      mkdirSync(home, { recursive: true, mode: 0o700 })
      writeFileSync(join(home, name), text)
    },
    read: (name) => readFileSync(join(home, name), "utf8")
  }
})

/** The command did as it was told, and this is what it printed; it said nothing else. */
export const answerOf = (ran: Ran): string => {
  assert.deepStrictEqual({ status: ran.status, stderr: ran.stderr }, { status: 0, stderr: "" })
  return ran.stdout
}

/** The command was refused with this status in one line, which is this one if it is given; it printed nothing. */
export const refusalOf = (ran: Ran, status: number): string => {
  assert.deepStrictEqual({ status: ran.status, stdout: ran.stdout }, { status, stdout: "" }, ran.stderr)
  assert.match(ran.stderr, /^error: [^\n]+\n$/)
  return ran.stderr.slice("error: ".length, -1)
}

export const pair = ["identity", "link", "--whatsapp", "+1234567890", "--telegram", "@john"] as const

/** A mapping as `--json` prints it. */
export interface Printed {
  readonly id: string
  readonly name?: string
  readonly identities: Readonly<Record<string, string | ReadonlyArray<string>>>
  readonly keep?: string
  readonly createdAt: string
  readonly updatedAt: string
}

export const printed = (text: string): Printed => JSON.parse(text)

/** A mapping as it stands in the file. */
export const mapping = (id: string, more: Partial<Printed> = {}): Printed => ({
  id,
  identities: { whatsapp: "+1234567890", telegram: "@john" },
  createdAt: "2024-01-01T00:00:00Z",
  updatedAt: "2024-01-01T00:00:00Z",
  ...more
})

/** The text of an `identity-map.json` with these mappings. */
export const mapText = (...mappings: ReadonlyArray<Printed>): string =>
  `${JSON.stringify({ version: 1, mappings: Object.fromEntries(mappings.map((one) => [one.id, one])) }, null, 2)}\n`
