import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/** Ctrl-C, for commands that have something to finish first. */
export class Shutdown extends Context.Tag("warelay/cli/Shutdown")<
  Shutdown,
  {
    /**
     * Claims the first signal: it ends the inner effect instead of interrupting the command. The second interrupts, as
     * the first does where nobody has claimed it.
     */
    readonly claim: Effect.Effect<Effect.Effect<void>>
  }
>() {}
