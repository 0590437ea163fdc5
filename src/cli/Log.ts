import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as GlobalValue from "effect/GlobalValue"
import * as HashSet from "effect/HashSet"
import * as Inspectable from "effect/Inspectable"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type { LogSettings } from "../config/LogSettings.js"
import { masked } from "../config/Masked.js"
import { printable, printableJson } from "../config/Printable.js"
import { Process } from "../config/Process.js"

type Entry = Logger.Logger.Options<unknown>

/** No number in it shows more than its last four digits. */
const said = ({ cause, message }: Entry): string => {
  const parts = [message].flat().map((part) => Inspectable.toStringUnknown(part, 0))
  if (!Cause.isEmpty(cause)) parts.push(Cause.pretty(cause))
  return masked(parts.join(" "))
}

const levelOf = ({ logLevel }: Entry): string => logLevel.label.toLowerCase()

/** One line: when, how bad, what. Nothing reaches a terminal raw. */
const text = (entry: Entry): string => `${entry.date.toISOString()} ${levelOf(entry)}: ${printable(said(entry))}`

/** The same for programs, one object a line. */
const json = (entry: Entry): string =>
  printableJson(JSON.stringify({ time: entry.date.toISOString(), level: levelOf(entry), message: said(entry) }))

const format = GlobalValue.globalValue("warelay/cli/Log/format", () => FiberRef.unsafeMake<"text" | "json">("text"))

/** Has what an effect logs written where answers do not go. */
export const toErrors = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Process> =>
  Effect.flatMap(Process, (process) => {
    const logger = Logger.make((entry) => {
      const line = FiberRefs.getOrDefault(entry.context, format) === "json" ? json(entry) : text(entry)
      process.errors.write(`${line}\n`)
    })
    return Effect.locallyWith(effect, FiberRef.currentLoggers, (loggers) =>
      HashSet.add(HashSet.remove(loggers, Logger.defaultLogger), logger)
    )
  })

const levels: Record<LogSettings["level"], LogLevel.LogLevel> = {
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warn: LogLevel.Warning,
  error: LogLevel.Error
}

/** Has what an effect logs written as the settings say. */
export const as =
  (settings: LogSettings) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Process> =>
    Effect.flatMap(Process, ({ terminals }) => {
      const chosen = settings.format === "auto" ? (terminals.errors ? "text" : "json") : settings.format
      return effect.pipe(Effect.locally(format, chosen), Logger.withMinimumLogLevel(levels[settings.level]))
    })
