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

const interval = Duration.seconds(5)
const patience = Duration.seconds(10)

/** How long the end of a relay may be delayed to hand over the last spans. */
const farewell = Duration.seconds(3)

/** Sends what a program does to a collector, by OTLP as JSON over HTTP, every few seconds and at the end. */
export const layer = ({ endpoint, headers, service, version }: Collector) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`
      const http = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
      const waiting: Array<Encoded> = []
      let reachable = true

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

      const handOver = Effect.suspend(() => {
        const spans = waiting.slice()
        if (spans.length === 0) return Effect.void
        return http.execute(request(spans)).pipe(
          Effect.flatMap((response) => response.text),
          Effect.timeout(patience),
          Effect.zipRight(
            Effect.sync(() => {
              // Only these: others have come meanwhile, and the oldest may be gone.
              const taken = new Set(spans)
              waiting.splice(0, waiting.length, ...waiting.filter((span) => !taken.has(span)))
              reachable = true
            })
          ),
          Effect.catchAll(() =>
            Effect.suspend(() => {
              const first = reachable
              reachable = false
              return first
                ? Effect.logWarning(`traces cannot be handed over to ${new URL(url).host}; it is tried again`)
                : Effect.void
            })
          ),
          Effect.scoped,
          Effect.withTracerEnabled(false)
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
