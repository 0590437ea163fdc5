import * as Effect from "effect/Effect"
import * as Readline from "node:readline"
import { Process } from "../../config/Process.js"

/** Asks the person at the terminal; anything but a yes is a no. */
export const confirmed = (question: string) =>
  Effect.flatMap(Process, ({ errors, input }) =>
    Effect.async<boolean>((resume) => {
      const lines = Readline.createInterface({ input, output: errors, terminal: false })
      // Whoever gives no answer has ended no line.
      lines.once("close", () => {
        errors.write("\n")
        resume(Effect.succeed(false))
      })
      lines.once("line", (line) => {
        resume(Effect.succeed(/^\s*y(es)?\s*$/i.test(line)))
        lines.removeAllListeners().close()
      })
      errors.write(`${question} [y/N] `)
      return Effect.sync(() => lines.close())
    })
  )
