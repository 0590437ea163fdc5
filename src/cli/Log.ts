import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { masked } from "../config/Masked.js"
import { printable } from "../config/Printable.js"
import { Process } from "../config/Process.js"

/** One line: when, how bad, what. No number in it shows more than its last four digits, and nothing reaches a terminal raw. */
const line = ({ cause, date, logLevel, message }: Logger.Logger.Options<unknown>): string => {
  const parts = [message].flat().map((part) => Inspectable.toStringUnknown(part, 0))
  if (!Cause.isEmpty(cause)) parts.push(Cause.pretty(cause))
  return `${date.toISOString()} ${logLevel.label.toLowerCase()}: ${printable(masked(parts.join(" ")))}`
}

/** Log lines go where answers do not. */
export const layer = Layer.unwrapEffect(
  Effect.map(Process, ({ errors }) =>
    Logger.replace(
      Logger.defaultLogger,
      Logger.make((entry) => {
        errors.write(`${line(entry)}\n`)
      })
    )
  )
)
