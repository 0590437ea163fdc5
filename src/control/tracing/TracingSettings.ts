import * as Schema from "effect/Schema"

/** The address of a collector. */
export const Endpoint = Schema.String.pipe(
  Schema.filter((text) => /^https?:\/\/[^\s?#]+$/i.test(text) && URL.canParse(text), {
    message: () => "the address of a collector is expected, such as http://127.0.0.1:4318"
  })
)

/** Where traces go, under `tracing` in the configuration. */
export const TracingSettings = Schema.Struct({
  /** A collector that takes OTLP as JSON over HTTP; nothing is traced, if absent. */
  endpoint: Schema.optionalWith(Endpoint, { as: "Option", exact: true })
})
export type TracingSettings = typeof TracingSettings.Type
