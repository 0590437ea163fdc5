import { spawn } from "node:child_process"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { endGroup } from "./ProcessGroup.js"

export interface Command {
  readonly program: string
  readonly arguments: ReadonlyArray<string>
  readonly directory: string
  /** The whole environment: nothing is added to it. */
  readonly environment: Readonly<Record<string, string>>
  /** Our descriptors that it gets as its own, from 3 on: so it holds the locks that we hold. */
  readonly inherited: ReadonlyArray<number>
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

/** The most that is read from standard output after anything was written to standard input, in bytes. */
const mostOutput = 16 * 1024 * 1024
const mostErrorOutput = 16 * 1024

/** A program that runs. */
export interface Child {
  /** The process group that it is the head of. */
  readonly group: number
  /** Writes to its standard input. That nobody reads it shows in how it ends. */
  readonly write: (text: string) => Effect.Effect<void>
  /** Says that nothing more is coming. */
  readonly closeInput: Effect.Effect<void>
  /** Its status once it has ended, and what it had printed is read. */
  readonly ended: Effect.Effect<number | string, TooMuchOutput>
  readonly hasEnded: Effect.Effect<boolean>
  /** The end of what it has printed to its error output, once: next time, of what came since. */
  readonly takeStderr: Effect.Effect<string>
}

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : "")

/** Starts a program as the head of a process group of its own, so that all it starts can be ended with it. */
const start = (command: Command, onOutput: (chunk: Buffer) => void) =>
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
    const stderr: Array<Buffer> = []
    let printed = 0
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.length
      if (printed <= mostOutput) onOutput(chunk)
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
    /** Lets go of the pipes, which a process that left the group may still hold. */
    const letGo = Effect.sync(() => {
      for (const pipe of pipes) pipe.destroy()
    })
    const running = (group: number) => ({
      letGo,
      group,
      write: (text: string) =>
        Effect.sync(() => {
          printed = 0
          stdin.write(text)
        }),
      closeInput: Effect.sync(() => void stdin.end()),
      // The rest is on its way through the pipes. What it left running may hold them open: nobody waits for that.
      ended: Effect.zipLeft(Deferred.await(exited), Effect.timeoutOption(Deferred.await(closed), "500 millis")),
      hasEnded: Deferred.isDone(exited),
      takeStderr: Effect.sync(() => Buffer.concat(stderr.splice(0)).toString("utf8").slice(-mostErrorOutput))
    })
    return yield* Effect.async<ReturnType<typeof running>, NotStarted>((resume) => {
      child.once("error", (error) => resume(Effect.zipRight(letGo, notStarted(error))))
      child.once("spawn", () => {
        // No id would be no process. It is never made up: the group 0 is our own.
        if (child.pid === undefined) return resume(notStarted(new Error("it has no process id")))
        resume(Effect.succeed(running(child.pid)))
      })
    })
  })

/**
 * Starts a program, which is told what it prints as it comes. When the scope closes, no process of the program's group
 * is left.
 */
export const open = (
  command: Command,
  onOutput: (chunk: Buffer) => void
): Effect.Effect<Child, NotStarted, Scope.Scope> =>
  Effect.acquireRelease(start(command, onOutput), ({ group, letGo }) => Effect.zipRight(endGroup(group), letGo))

/**
 * Runs a program to its end. When the effect ends, however it ends, no process of the program's group is left.
 */
export const run = (
  command: Command,
  input: string,
  began: (group: number) => Effect.Effect<void>
): Effect.Effect<Ended, NotStarted | TooMuchOutput> =>
  Effect.gen(function* () {
    const stdout: Array<Buffer> = []
    const child = yield* open(command, (chunk) => stdout.push(chunk))
    yield* child.write(input)
    yield* child.closeInput
    yield* began(child.group)
    const status = yield* child.ended
    return { status, stdout: Buffer.concat(stdout).toString("utf8"), stderr: yield* child.takeStderr }
  }).pipe(Effect.scoped)
