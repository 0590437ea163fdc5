import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { run } from "./cli/Cli.js"
import { ExitStatus } from "./cli/Failure.js"
import { Shutdown } from "./cli/Shutdown.js"
import { Process } from "./config/Process.js"

const stop = Deferred.unsafeMake<void>(Effect.runSync(Effect.fiberId))
let claimed = false
let signals = 0

// Standard input takes milliseconds to open, and few commands read it.
const services = Context.make(Process, {
  environment: process.env,
  get input() {
    return process.stdin
  },
  output: process.stdout,
  errors: process.stderr,
  get interactive() {
    return process.stdin.isTTY && process.stdout.isTTY
  }
}).pipe(
  Context.add(Shutdown, {
    claim: Effect.sync(() => {
      claimed = true
      process.on("SIGHUP", hungUp)
      return Deferred.await(stop)
    })
  })
)

/**
 * The terminal is gone, and a relay that writes to it ends as at the first Ctrl-C, however often it is told. One that
 * writes elsewhere, as a service or under `nohup`, goes on: Node undoes what `nohup` has done about this signal.
 */
function hungUp(): void {
  if (!process.stdout.isTTY && !process.stderr.isTTY) return
  signals = Math.max(signals, 1)
  Deferred.unsafeDone(stop, Effect.void)
}

const fiber = Effect.runFork(run(process.argv.slice(2)).pipe(Effect.provide(services)))

/** What has gone wrong with the output; a reader that has seen enough, such as `head`, is no failure. */
let lost: NodeJS.ErrnoException | undefined
process.stdout.on("error", (error) => {
  lost ??= error
  if (claimed) Deferred.unsafeDone(stop, Effect.void)
})
// Nobody is left to be told.
process.stderr.on("error", () => {})

/** Leaves when everything that was said has been taken: a pipe may be slower than we are. */
const leave = (status: number) => {
  // Unless somebody has told us twice: nobody may be reading.
  if (claimed && signals > 1) process.exit(status)
  const say = () => {
    const failed = lost !== undefined && lost.code !== "EPIPE"
    if (failed) process.stderr.write(`error: the output could not be written: ${lost?.message}\n`)
    process.stderr.write("", () => process.exit(failed && status === ExitStatus.done ? ExitStatus.refused : status))
  }
  // A stream tells of what went wrong after it has called back.
  process.stdout.write("", () => setImmediate(say))
}

let ended = false

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    signals += 1
    if (ended) process.exit(ExitStatus.interrupted)
    if (claimed && signals === 1) Deferred.unsafeDone(stop, Effect.void)
    else Effect.runFork(Fiber.interrupt(fiber))
  })
}

fiber.addObserver((exit) => {
  ended = true
  const status = Exit.isSuccess(exit) ? exit.value : ExitStatus.interrupted
  leave(signals > 0 ? ExitStatus.interrupted : status)
})
