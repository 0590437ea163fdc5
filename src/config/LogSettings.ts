/** From which on lines are written. */
export const logLevels = ["debug", "info", "warn", "error"] as const
export type LogLevel = (typeof logLevels)[number]

/** How a line is written; `auto` is text where a person reads along, else JSON. */
export const logFormats = ["auto", "text", "json"] as const
export type LogFormat = (typeof logFormats)[number]

/** What the relay logs. */
export interface LogSettings {
  readonly level: LogLevel
  readonly format: LogFormat
}
