import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

interface Block {
  readonly type: string
  readonly text?: string
}

/** What was asked of the model, as far as the tests look at it. */
export interface ModelRequest {
  readonly stream?: boolean
  readonly model: string
  readonly tools?: ReadonlyArray<{ readonly name: string }>
  readonly system?: string | ReadonlyArray<Block>
  readonly messages: ReadonlyArray<{ readonly role: string; readonly content: string | ReadonlyArray<Block> }>
}

export interface ClaudeApi {
  readonly url: string
  /** All requests for an answer so far. */
  readonly requests: () => ReadonlyArray<ModelRequest>
  /** The bodies of all requests of any kind, as they came. */
  readonly bodies: () => string
}

/** What people said in a request, the oldest first. */
export const saidIn = (request: ModelRequest | undefined): ReadonlyArray<string> =>
  (request?.messages ?? [])
    .filter(({ role }) => role === "user")
    .flatMap(({ content }) => (typeof content === "string" ? [content] : content.map(({ text }) => text ?? "")))
    .filter((text) => !text.startsWith("<system-reminder>"))

/** A reply in the form of the Messages API (docs.anthropic.com/en/api/messages), whole or as a stream of events. */
const reply = (request: ModelRequest): { readonly type: string; readonly body: string } => {
  const text = JSON.stringify(saidIn(request))
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: request.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 }
  }
  if (request.stream !== true) {
    const whole = { ...message, content: [{ type: "text", text }], stop_reason: "end_turn" }
    return { type: "application/json", body: JSON.stringify(whole) }
  }
  const events = [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: "message_stop" }
  ]
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("")
  return { type: "text/event-stream", body }
}

/** A server on loopback that stands for api.anthropic.com: it answers with all that people said, or with `status`. */
export const claudeApi = (status = 200): Effect.Effect<ClaudeApi, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<{ readonly api: ClaudeApi; readonly close: () => void }>((resume) => {
      const requests: Array<ModelRequest> = []
      const bodies: Array<string> = []
      const server = createServer((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          const body = Buffer.concat(chunks).toString("utf8")
          bodies.push(body)
          if (request.method !== "POST" || !/^\/v1\/messages(\?|$)/.test(request.url ?? "")) {
            response.writeHead(200, { "content-type": "application/json" }).end("{}")
            return
          }
          const asked = JSON.parse(body) as ModelRequest
          requests.push(asked)
          const error = { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } }
          const made = status === 200 ? reply(asked) : { type: "application/json", body: JSON.stringify(error) }
          response.writeHead(status, { "content-type": made.type }).end(made.body)
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const api = { url: `http://127.0.0.1:${port}`, requests: () => requests, bodies: () => bodies.join("\n") }
        const close = () => {
          server.closeAllConnections()
          server.close()
        }
        resume(Effect.succeed({ api, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ api }) => api))
