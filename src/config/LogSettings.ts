import * as Schema from "effect/Schema"

/** From which on lines are written. */
export const LogLevel = Schema.Literal("debug", "info", "warn", "error")
export type LogLevel = typeof LogLevel.Type

/** How a line is written; `auto` is text where a person reads along, else JSON. */
export const LogFormat = Schema.Literal("auto", "text", "json")
export type LogFormat = typeof LogFormat.Type

/** What the relay logs, under `log` in the configuration. */
export const LogSettings = Schema.Struct({
  level: Schema.optionalWith(LogLevel, { default: () => "info" }),
  format: Schema.optionalWith(LogFormat, { default: () => "auto" })
})
export type LogSettings = typeof LogSettings.Type
