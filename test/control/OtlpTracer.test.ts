import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as OtlpTracer from "../../src/control/tracing/OtlpTracer.js"
import { withLogs } from "../support/logs.js"

/** A collector on the loopback interface that answers with these, one after another, and from then on with 200. */
const collector = (...answers: ReadonlyArray<number>) =>
  Effect.acquireRelease(
    Effect.async<{
      readonly url: string
      /** The names of the spans in each request. */
      readonly requests: Array<ReadonlyArray<string>>
      readonly close: () => void
    }>((resume) => {
      const requests: Array<ReadonlyArray<string>> = []
      const server = createServer((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          const [{ scopeSpans }] = JSON.parse(Buffer.concat(chunks).toString("utf8")).resourceSpans
          const spans: ReadonlyArray<{ readonly name: string }> = scopeSpans[0].spans
          requests.push(spans.map(({ name }) => name))
          response.writeHead(answers[requests.length - 1] ?? 200).end("{}")
        })
      }).listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const close = () => {
          server.closeAllConnections()
          server.close()
        }
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, requests, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const tracerTo = (endpoint: string) =>
  Layer.provide(
    OtlpTracer.layer({ endpoint, headers: Redacted.make({}), service: "mine", version: "1" }),
    FetchHttpClient.layer
  )

const names = (count: number) => Array.from({ length: count }, (_, index) => `span ${index}`)
const spans = (count: number) => Effect.forEach(names(count), (name) => Effect.withSpan(Effect.void, name))

describe("a collector", () => {
  it.scoped("gets every span once, and never too many in one request", () =>
    Effect.gen(function* () {
      const { requests, url } = yield* collector()
      yield* Effect.provide(spans(1_200), tracerTo(url))
      assert.deepStrictEqual(
        requests.map(({ length }) => length),
        [500, 500, 200]
      )
      assert.deepStrictEqual(requests.flat(), names(1_200))
    })
  )

  it.scoped("is not shown again what it has refused, and gets what comes after", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { requests, url } = yield* collector(400, 200, 413)
        yield* Effect.provide(spans(1_200), tracerTo(url))
        assert.deepStrictEqual(
          requests.map(([first]) => first),
          ["span 0", "span 500", "span 1000"]
        )
        const said = lines.filter((line) => line.includes("refused"))
        assert.match(said[0] ?? "", /traces were refused by 127\.0\.0\.1:\d+ \(HTTP status 400\), and those are lost/)
        assert.include(said[1], "HTTP status 413")
      })
    )
  )

  it.scoped("that is busy gets them later, and it is said once", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { requests, url } = yield* collector(429, 503, 408)
        const trying = Effect.iterate(0, {
          while: () => requests.length < 4,
          body: (turn) =>
            Effect.zipRight(
              TestClock.adjust("1 second"),
              Effect.promise(() => new Promise<number>((resolve) => setTimeout(() => resolve(turn + 1), 5)))
            )
        })
        yield* Effect.provide(Effect.zipRight(spans(1), trying), tracerTo(url))
        assert.deepStrictEqual(requests, [["span 0"], ["span 0"], ["span 0"], ["span 0"]])
        assert.lengthOf(
          lines.filter((line) => line.includes("cannot be handed over")),
          1
        )
      })
    )
  )
})
