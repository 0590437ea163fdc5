import type { Writable } from "node:stream"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"

/** Where the console writes: answers on `output`, everything else on `errors`. */
export interface ConsoleScreen {
  /** Writes answers; fails if nobody reads them any more. */
  readonly say: (text: string) => Effect.Effect<void, Error>
  /** Writes what is not an answer; of no consequence if nobody reads it. */
  readonly note: (text: string) => Effect.Effect<void>
  /**
   * From now on a prompt invites to write, and what is written in between goes above it. What somebody has typed so far
   * disappears from the screen then, but not from the line that the terminal will hand over.
   */
  readonly invite: Effect.Effect<void>
  /** The line at the prompt has been sent off: the terminal has gone to the next line by itself. */
  readonly answered: Effect.Effect<void>
  /** No more prompts. */
  readonly dismiss: Effect.Effect<void>
}

/** Succeeds when the stream has taken the text, so that whoever writes more waits for those who read. */
const write = (stream: Writable, text: string): Effect.Effect<void, Error> =>
  Effect.async((resume) => {
    stream.write(text, (error) => resume(error ? Effect.fail(error) : Effect.void))
  })

const prompt = "> "
/** Back to the first column, and delete what is to the right (ECMA-48: EL). */
const eraseLine = "\r\u001b[K"

/** A stream that breaks tells everybody; those who write to it know already, but without a listener it ends the process. */
const heard = (stream: Writable): Effect.Effect<void, never, Scope.Scope> => {
  const ignore = () => {}
  return Effect.acquireRelease(
    Effect.sync(() => void stream.on("error", ignore)),
    () => Effect.sync(() => void stream.off("error", ignore))
  )
}

export const makeScreen = (output: Writable, errors: Writable): Effect.Effect<ConsoleScreen, never, Scope.Scope> =>
  Effect.gen(function* () {
    yield* heard(output)
    yield* heard(errors)
    const lock = yield* Effect.makeSemaphore(1)
    const state = yield* Ref.make<"silent" | "hidden" | "shown">("silent")

    const show = Effect.gen(function* () {
      if ((yield* Ref.get(state)) !== "hidden") return
      yield* Ref.set(state, "shown")
      yield* Effect.ignore(write(errors, prompt))
    })
    const hide = Effect.gen(function* () {
      if ((yield* Ref.get(state)) !== "shown") return
      yield* Ref.set(state, "hidden")
      yield* Effect.ignore(write(errors, eraseLine))
    })
    const above = <A, E>(effect: Effect.Effect<A, E>) =>
      lock.withPermits(1)(Effect.zipRight(hide, Effect.ensuring(effect, show)))

    return {
      say: (text) => above(write(output, text)),
      note: (text) => above(Effect.ignore(write(errors, text))),
      invite: lock.withPermits(1)(
        Effect.zipRight(
          Ref.update(state, (now) => (now === "silent" ? "hidden" : now)),
          show
        )
      ),
      answered: lock.withPermits(1)(Ref.update(state, (now) => (now === "shown" ? "silent" : now))),
      dismiss: lock.withPermits(1)(Effect.zipRight(hide, Ref.set(state, "silent")))
    }
  })
