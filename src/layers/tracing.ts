import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { ConfigInvalid } from "../config/ConfigFile.js"
import { Endpoint } from "../control/tracing/TracingSettings.js"
import { Settings } from "./Settings.js"

const decodeEndpoint = Schema.decodeOption(Endpoint)

const named = (name: string) => Effect.option(Config.nonEmptyString(name))

/** `key=value,key=value`, the values with escapes as in a URL (opentelemetry.io/docs/specs/otel/protocol/exporter). */
const headersIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(",").flatMap((pair) => {
      const [key = "", ...value] = pair.split("=")
      return key.trim() === "" ? [] : [[key.trim(), decoded(value.join("=").trim())]]
    })
  )

const decoded = (text: string): string =>
  text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))

/** Where traces go by the variable that all programs have for it. */
const usually = Effect.gen(function* () {
  const variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
  const set = yield* named(variable)
  if (Option.isSome(set) && Option.isNone(decodeEndpoint(set.value))) {
    const reason = "the address of a collector is expected, such as http://127.0.0.1:4318"
    return yield* new ConfigInvalid({ problems: [{ source: variable, reason }] })
  }
  return set
})

/** Traces to the collector that the configuration or, as everywhere, the environment names; if none does, nowhere. */
export const layer = (version: string) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const { tracing } = yield* Settings
      const usual = yield* usually
      const chosen = Option.orElse(tracing.endpoint, () => usual)
      if (Option.isNone(chosen)) return Layer.empty
      const headers = Option.getOrElse(yield* named("OTEL_EXPORTER_OTLP_HEADERS"), () => "")
      const service = Option.getOrElse(yield* named("OTEL_SERVICE_NAME"), () => "warelay")
      // Few want it, and the others do without.
      const OtlpTracer = yield* Effect.promise(() => import("../control/tracing/OtlpTracer.js"))
      return Layer.provide(
        OtlpTracer.layer({ endpoint: chosen.value, headers: Redacted.make(headersIn(headers)), service, version }),
        FetchHttpClient.layer
      )
    })
  )
