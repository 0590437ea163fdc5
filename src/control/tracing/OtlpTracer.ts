import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Tracer from "effect/Tracer"
import { type Encoded, OtlpSpan } from "./OtlpSpan.js"

export interface Collector {
  /** Without the path that the protocol adds. */
  readonly endpoint: string
  /** What it wants to be shown, such as a key. */
  readonly headers: Redacted.Redacted<Readonly<Record<string, string>>>
  /** Under which name it shows what comes from here. */
  readonly service: string
  readonly version: string
}

/** So many spans wait for the collector at most; while it cannot be reached, the oldest are let go. */
const most = 10_000

/** So many go in one request: a collector that finds one too large would refuse it for ever. */
const atOnce = 500

const interval = Duration.seconds(5)
const patience = Duration.seconds(10)

/** How long the end of a relay may be delayed to hand over the last spans. */
const farewell = Duration.seconds(3)

/** The collector did not look at it, so that it may take it later (opentelemetry.io/docs/specs/otlp/#failures); 0 is no answer. */
const isForLater = (status: number): boolean => status === 0 || status === 408 || status === 429 || status >= 500

/** Sends what a program does to a collector, by OTLP as JSON over HTTP, every few seconds and at the end. */
export const layer = ({ endpoint, headers, service, version }: Collector) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`
      const { host } = new URL(url)
      const http = yield* HttpClient.HttpClient
      const waiting: Array<Encoded> = []
      let wrong = ""

      const resource = {
        attributes: [
          { key: "service.name", value: { stringValue: service } },
          { key: "service.version", value: { stringValue: version } }
        ]
      }
      const request = (spans: ReadonlyArray<Encoded>) =>
        HttpClientRequest.post(url).pipe(
          HttpClientRequest.setHeaders(Redacted.value(headers)),
          HttpClientRequest.bodyUnsafeJson({
            resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "warelay", version }, spans }] }]
          })
        )

      /** What is wrong is said once, until something else is, or nothing. */
      const say = (now: string) =>
        Effect.suspend(() => {
          const before = wrong
          wrong = now
          return now === "" || now === before ? Effect.void : Effect.logWarning(now)
        })

      /** Only these: others have come meanwhile, and the oldest may be gone. */
      const letGo = (spans: ReadonlyArray<Encoded>) =>
        Effect.sync(() => {
          const gone = new Set(spans)
          waiting.splice(0, waiting.length, ...waiting.filter((span) => !gone.has(span)))
        })

      const handOver: Effect.Effect<void> = Effect.suspend(() => {
        const spans = waiting.slice(0, atOnce)
        if (spans.length === 0) return Effect.void
        return http.execute(request(spans)).pipe(
          Effect.flatMap((response) => Effect.as(response.text, response.status)),
          Effect.timeout(patience),
          Effect.orElseSucceed(() => 0),
          Effect.withTracerEnabled(false),
          Effect.flatMap((status) => {
            if (isForLater(status)) return say(`traces cannot be handed over to ${host}; it is tried again`)
            const refused = `traces were refused by ${host} (HTTP status ${status}), and those are lost`
            return say(status < 300 ? "" : refused).pipe(Effect.zipRight(letGo(spans)), Effect.zipRight(handOver))
          })
        )
      })

      yield* Effect.addFinalizer(() => Effect.timeoutOption(Effect.interruptible(handOver), farewell))
      yield* Effect.forkScoped(Effect.forever(Effect.zipRight(Effect.sleep(interval), handOver)))

      const keep = (span: Encoded) => {
        waiting.push(span)
        if (waiting.length > most) waiting.shift()
      }
      return Layer.setTracer(
        Tracer.make({
          span: (name, parent, context, links, startTime, kind) =>
            new OtlpSpan(name, parent, context, links, startTime, kind, keep),
          context: (run) => run()
        })
      )
    })
  )
