import { spawn } from "node:child_process"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"

export interface Command {
  readonly program: string
  readonly arguments: ReadonlyArray<string>
  readonly directory: string
  /** The whole environment: nothing is added to it. */
  readonly environment: Readonly<Record<string, string>>
  /** Its standard input, as UTF-8. */
  readonly input: string
  /** Our descriptors that it gets as its own, from 3 on: so it holds the locks that we hold. */
  readonly inherited: ReadonlyArray<number>
  /** Is told the process group that it is the head of. */
  readonly began: (group: number) => Effect.Effect<void>
}

export interface Ended {
  /** The exit status, or the name of the signal that ended it. */
  readonly status: number | string
  readonly stdout: string
  /** The end of it. */
  readonly stderr: string
}

/** The system did not start the program. `code` is its errno, such as `ENOENT`. */
export class NotStarted extends Data.TaggedError("NotStarted")<{ readonly code: string; readonly reason: string }> {}
/** The program printed more than is ever read. */
export class TooMuchOutput extends Data.TaggedError("TooMuchOutput")<{ readonly bytes: number }> {}

/** The most that is read from standard output, in bytes. */
const mostOutput = 16 * 1024 * 1024
const mostErrorOutput = 16 * 1024

/** How many milliseconds a process may take to end after it was asked to. Then it is killed. */
const grace = 2_000
/** How many milliseconds the system may take to end what was killed. */
const graceOfSystem = 500

interface Running {
  readonly group: number
  readonly exited: Deferred.Deferred<number | string, TooMuchOutput>
  readonly closed: Deferred.Deferred<void>
  readonly stdout: Array<Buffer>
  readonly stderr: Array<Buffer>
  /** Lets go of the pipes, which a process that left the group may still hold. */
  readonly letGo: () => void
}

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : "")

/** Starts a program as the head of a process group of its own, so that all it starts can be ended with it. */
const start = (command: Command): Effect.Effect<Running, NotStarted> =>
  Effect.gen(function* () {
    const exited = yield* Deferred.make<number | string, TooMuchOutput>()
    const closed = yield* Deferred.make<void>()
    const notStarted = (error: Error) => new NotStarted({ code: codeOf(error), reason: error.message })
    const child = yield* Effect.try({
      try: () =>
        spawn(command.program, command.arguments, {
          cwd: command.directory,
          env: command.environment,
          detached: true,
          stdio: ["pipe", "pipe", "pipe", ...command.inherited]
        }),
      catch: (error) => notStarted(error instanceof Error ? error : new Error(String(error)))
    })
    // Without a descriptor left for the pipes there are none, and the reason follows.
    if (!child.stdin || !child.stdout || !child.stderr) {
      return yield* Effect.async<never, NotStarted>((resume) => {
        child.once("error", (error) => resume(notStarted(error)))
      })
    }
    const { stdin } = child
    const pipes = [child.stdin, child.stdout, child.stderr]
    const stdout: Array<Buffer> = []
    const stderr: Array<Buffer> = []
    let printed = 0
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.length
      if (printed <= mostOutput) stdout.push(chunk)
      else Deferred.unsafeDone(exited, new TooMuchOutput({ bytes: mostOutput }))
    })
    child.stderr.on("data", (chunk: Buffer) => {
      stderr.push(chunk)
      while (stderr.length > 1 && stderr.reduce((sum, one) => sum + one.length, 0) > 2 * mostErrorOutput) stderr.shift()
    })
    child.on("exit", (code, signal) =>
      Deferred.unsafeDone(exited, Effect.succeed(code ?? signal ?? "an unknown signal"))
    )
    child.on("close", () => Deferred.unsafeDone(closed, Effect.void))
    // A program may end without reading what it was sent; its exit status says more than the broken pipe.
    stdin.on("error", () => {})
    const letGo = () => {
      for (const pipe of pipes) pipe.destroy()
    }
    return yield* Effect.async<Running, NotStarted>((resume) => {
      child.once("error", (error) => {
        letGo()
        resume(notStarted(error))
      })
      child.once("spawn", () => {
        stdin.end(command.input)
        // No id would be no process. It is never made up: the group 0 is our own.
        if (child.pid === undefined) return resume(notStarted(new Error("it has no process id")))
        resume(Effect.succeed({ group: child.pid, exited, closed, stdout, stderr, letGo }))
      })
    })
  })

/** Sends a signal to a whole group; false if nobody was there (or nobody whom we may signal). */
const signal = (group: number, name: NodeJS.Signals | 0): Effect.Effect<boolean> =>
  Effect.try(() => process.kill(-group, name)).pipe(Effect.orElseSucceed(() => false))

/**
 * Waits until the group is empty, this many milliseconds at most. Counted, because the release of a resource cannot be
 * timed out; bounded, because the dead stay in the group until their parent looks, and not every first process does.
 */
const gone = (group: number, milliseconds: number) =>
  signal(group, 0).pipe(
    Effect.repeat({ while: (there) => there, times: milliseconds / 10, schedule: Schedule.spaced("10 millis") })
  )

/** Ends every process of the group and returns when there is none any more. */
export const endGroup = (group: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (!(yield* signal(group, "SIGTERM"))) return
    yield* gone(group, grace)
    if (!(yield* signal(group, "SIGKILL"))) return
    yield* gone(group, graceOfSystem)
  })

const running = (command: Command): Effect.Effect<Running, NotStarted, Scope.Scope> =>
  Effect.acquireRelease(start(command), (child) => Effect.andThen(endGroup(child.group), Effect.sync(child.letGo)))

/**
 * Runs a program to its end. When the effect ends, however it ends, no process of the program's group is left.
 */
export const run = (command: Command): Effect.Effect<Ended, NotStarted | TooMuchOutput> =>
  Effect.gen(function* () {
    const child = yield* running(command)
    yield* command.began(child.group)
    const status = yield* Deferred.await(child.exited)
    // The rest is on its way through the pipes. What it left running may hold them open: nobody waits for that.
    yield* Deferred.await(child.closed).pipe(Effect.timeoutOption("500 millis"))
    return {
      status,
      stdout: Buffer.concat(child.stdout).toString("utf8"),
      stderr: Buffer.concat(child.stderr).toString("utf8").slice(-mostErrorOutput)
    }
  }).pipe(Effect.scoped)
