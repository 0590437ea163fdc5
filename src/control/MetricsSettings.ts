import * as Schema from "effect/Schema"

const Port = Schema.Number.pipe(
  Schema.filter((port) => Number.isInteger(port) && port >= 1 && port <= 65_535, {
    message: () => "a port from 1 to 65535 is expected"
  })
)

/** Where programs that watch are answered, under `metrics` in the configuration. */
export const MetricsSettings = Schema.Struct({
  /** On this machine's own address alone; nobody is answered, if absent. */
  port: Schema.optionalWith(Port, { as: "Option", exact: true })
})
export type MetricsSettings = typeof MetricsSettings.Type
