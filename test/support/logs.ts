import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"

/** Runs an effect and keeps all that it logs, at every level, with annotations and causes, as text. */
export const withLogs = <A, E, R>(run: (lines: ReadonlyArray<string>) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const keep = Logger.make((options) => {
      lines.push(Inspectable.toStringUnknown(Logger.structuredLogger.log(options)))
    })
    return run(lines).pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, keep)),
      Logger.withMinimumLogLevel(LogLevel.All)
    )
  })
