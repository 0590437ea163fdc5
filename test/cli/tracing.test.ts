import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TelegramServer from "../support/telegram-server.js"
import { refusalOf, user } from "./command.js"
import { mary, telegramRelay } from "./running.js"

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: Readonly<Record<string, unknown>> }>
  readonly status: { readonly code: number; readonly message?: string }
}

/** A collector on the loopback interface; it refuses the first so many requests. */
const collector = (refusals = 0) =>
  Effect.acquireRelease(
    Effect.async<{
      readonly url: string
      readonly requests: Array<{ readonly path: string; readonly key: string | undefined; readonly body: string }>
      readonly spans: () => ReadonlyArray<Span>
      readonly close: () => void
    }>((resume) => {
      const requests: Array<{ path: string; key: string | undefined; body: string }> = []
      let refused = 0
      const server = createServer((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          refused += 1
          if (refused <= refusals) return response.writeHead(503).end()
          const key = request.headers["x-key"]
          requests.push({ path: request.url ?? "", key: key?.toString(), body: Buffer.concat(chunks).toString("utf8") })
          return response.writeHead(200, { "content-type": "application/json" }).end("{}")
        })
      }).listen(0, "127.0.0.1", () => {
        resume(
          Effect.succeed({
            url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            requests,
            spans: () => requests.flatMap(({ body }) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans),
            close: () => {
              server.closeAllConnections()
              server.close()
            }
          })
        )
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const attribute = ({ attributes }: Span, name: string) => attributes.find(({ key }) => key === name)?.value

describe("traces", () => {
  it.live("there is one for each message, from its receipt to its delivery, and it names nobody", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { requests, spans, url } = yield* collector()
      const { relay, telegram } = yield* telegramRelay(someone, {
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20secret",
        OTEL_SERVICE_NAME: "mine"
      })
      yield* telegram.say(TelegramServer.john, "My number is +1999888777")
      yield* telegram.say(mary, "Let me in")
      yield* telegram.until(({ sent }) => sent.length === 1)
      yield* telegram.say(TelegramServer.john, "And another")
      yield* telegram.until(({ sent }) => sent.length === 2)
      yield* relay.signal("SIGINT")
      const { stderr } = yield* relay.ended
      const all = spans()
      // What is made when the relay starts has traces, too.
      const roots = all.filter(({ name, parentSpanId }) => parentSpanId === undefined && !name.endsWith(".make"))
      assert.deepStrictEqual(
        roots.map(({ name }) => name),
        ["message", "message"]
      )
      for (const root of roots) {
        const inside = all.filter(({ traceId }) => traceId === root.traceId)
        const names = inside.map(({ name }) => name)
        for (const name of ["wait", "Turns.run", "Delivery.deliver", "TelegramChannel.send"])
          assert.include(names, name)
        const ids = new Set(inside.map(({ spanId }) => spanId))
        for (const span of inside) {
          if (span !== root) assert.isTrue(ids.has(span.parentSpanId ?? ""), span.name)
          assert.isTrue(BigInt(span.startTimeUnixNano) >= BigInt(root.startTimeUnixNano), span.name)
          assert.isTrue(BigInt(span.endTimeUnixNano) <= BigInt(root.endTimeUnixNano), span.name)
        }
        assert.deepStrictEqual(attribute(root, "warelay.sender"), { stringValue: "telegram:…6789" })
        assert.deepStrictEqual(attribute(root, "warelay.channel"), { stringValue: "telegram" })
        assert.deepStrictEqual(attribute(root, "warelay.restored"), { boolValue: false })
        assert.strictEqual(root.status.code, 1)
      }
      assert.strictEqual(new Set(roots.map(({ traceId }) => traceId)).size, 2)
      for (const { body, key, path } of requests) {
        assert.deepStrictEqual([path, key], ["/v1/traces", "a secret"])
        assert.notMatch(body, /123456789|555444333|999888777|And another|Let me in/)
        assert.include(body, '{"key":"service.name","value":{"stringValue":"mine"}}')
      }
      assert.notInclude(stderr, "secret")
    }).pipe(Effect.scoped)
  )

  it.live("what went wrong stands in them masked, and what a killed relay left has one by its end", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { spans, url } = yield* collector()
      const env = { WARELAY_TRACING_ENDPOINT: `${url}/` }
      const { again, relay, telegram } = yield* telegramRelay(someone, env)
      yield* telegram.block(TelegramServer.john.id)
      yield* telegram.say(TelegramServer.john, "Hello")
      yield* relay.says("not delivered")
      yield* relay.signal("SIGKILL")
      yield* relay.ended
      const other = yield* again
      yield* other.says("not delivered")
      yield* other.signal("SIGINT")
      yield* other.ended
      const restored = spans().find(
        (span) => span.name === "message" && attribute(span, "warelay.restored")?.["boolValue"]
      )
      assert.isDefined(restored)
      const failed = spans().find(({ name, traceId }) => name === "Delivery.deliver" && traceId === restored?.traceId)
      assert.strictEqual(failed?.status.code, 2)
      assert.match(failed?.status.message ?? "", /not delivered: .*blocked/)
    }).pipe(Effect.scoped)
  )

  it.live("a collector that cannot be reached is said once, and gets them later", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { spans, url } = yield* collector(1)
      const { relay, telegram } = yield* telegramRelay(someone, { OTEL_EXPORTER_OTLP_ENDPOINT: url })
      yield* telegram.say(TelegramServer.john, "Hello")
      yield* telegram.until(({ sent }) => sent.length === 1)
      yield* relay.says("traces cannot be handed over to 127.0.0.1")
      yield* relay.signal("SIGINT")
      yield* relay.ended
      assert.strictEqual(spans().filter(({ name }) => name === "message").length, 1)
    }).pipe(Effect.scoped)
  )

  it.live("an address that is none is refused when the relay is started", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      for (const name of ["OTEL_EXPORTER_OTLP_ENDPOINT", "WARELAY_TRACING_ENDPOINT"]) {
        const ran = yield* run(["relay", "--providers", "console"], {
          env: { WARELAY_AGENT_ECHO: "true", [name]: "nowhere" }
        })
        assert.include(refusalOf(ran, 1), `${name}: the address of a collector is expected`)
      }
    }).pipe(Effect.scoped)
  )
})
