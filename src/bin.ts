import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { fstatSync } from "node:fs"
import { isatty } from "node:tty"
import { run } from "./cli/Cli.js"
import { ExitStatus } from "./cli/Failure.js"
import { makeOutput } from "./cli/Output.js"
import { Shutdown } from "./cli/Shutdown.js"
import { Process } from "./config/Process.js"

const stop = Deferred.unsafeMake<void>(FiberId.none)
let claimed = false
let signals = 0

/** What has gone wrong with the output; a reader that has seen enough, such as `head`, is no failure. */
let lost: NodeJS.ErrnoException | undefined
const output = makeOutput(1, () =>
  process.stdout.on("error", (error) => {
    lost ??= error
    if (claimed) Deferred.unsafeDone(stop, Effect.void)
  })
)
// Nobody is left to be told.
const errors = makeOutput(2, () => process.stderr.on("error", () => {}))
// Consoles there do not take bytes for UTF-8.
if (process.platform === "win32") for (const { stream } of [output, errors]) stream()

/** Nearly all that is no terminal is told by a look at it, and Node has to load nothing for that. */
const isTerminal = (descriptor: number) => fstatSync(descriptor).isCharacterDevice() && isatty(descriptor)

// Node's streams take milliseconds to set up, and few commands need them.
const services = Context.make(Process, {
  environment: process.env,
  get input() {
    return process.stdin
  },
  get output() {
    return output.stream()
  },
  get errors() {
    return errors.stream()
  },
  get interactive() {
    return isTerminal(0) && isTerminal(1)
  },
  terminals: {
    get output() {
      return isTerminal(1)
    },
    get errors() {
      return isTerminal(2)
    }
  }
}).pipe(
  Context.add(Shutdown, {
    claim: Effect.sync(() => {
      claimed = true
      // Asked now: a terminal that is gone is none any more.
      process.on("SIGHUP", isTerminal(1) || isTerminal(2) ? hungUp : () => {})
      return Deferred.await(stop)
    })
  })
)

/**
 * The terminal is gone, and a relay that writes to it ends as at the first Ctrl-C, however often it is told. One that
 * writes elsewhere, as a service or under `nohup`, goes on: Node undoes what `nohup` has done about this signal.
 */
function hungUp(): void {
  signals = Math.max(signals, 1)
  Deferred.unsafeDone(stop, Effect.void)
}

const written = Effect.consoleWith((own) =>
  Effect.withConsole(run(process.argv.slice(2)), {
    ...own,
    log: (text: string) => Effect.sync(() => output.write(`${text}\n`)),
    error: (text: string) => Effect.sync(() => errors.write(`${text}\n`))
  })
)
const fiber = Effect.runFork(Effect.provide(written, services))

/** Leaves when everything that was said has been taken: a pipe may be slower than we are. */
const leave = (status: number) => {
  // Unless somebody has told us twice: nobody may be reading.
  if (claimed && signals > 1) process.exit(status)
  const say = () => {
    const failed = lost !== undefined && lost.code !== "EPIPE"
    if (failed) errors.write(`error: the output could not be written: ${lost?.message}\n`)
    errors.whenTaken(() => process.exit(failed && status === ExitStatus.done ? ExitStatus.refused : status))
  }
  output.whenTaken(say)
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
