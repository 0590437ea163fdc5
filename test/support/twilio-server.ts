import { createHmac } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"

/** Form fields in the order in which they are sent; a name may be there several times. */
export type Fields = ReadonlyArray<readonly [name: string, value: string]>

export interface Account {
  readonly accountSid: string
  readonly authToken: string
}

/** A message that the server was asked to send, as it stood in the request. */
export interface SentMessage {
  readonly to: string
  /** The sender, or null if a messaging service was named instead. */
  readonly from: string | null
  readonly messagingServiceSid: string | null
  readonly body: string
}

/** What the server does with one request instead of sending the message. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: string; readonly body?: string }
  /** Refuses as Twilio does, with its error in JSON. */
  | { readonly kind: "error"; readonly status: number; readonly code: number; readonly message: string }
  /** Takes the request and never answers. */
  | { readonly kind: "silence" }
  /** Answers with the beginning of a good answer, and then with nothing more, or cuts the line. */
  | { readonly kind: "half"; readonly cut: boolean }
  /** Takes the request and cuts the line. */
  | { readonly kind: "hangup" }

export interface TwilioServer {
  /** What goes into `apiUrl`. */
  readonly apiUrl: string
  /** The next message that was sent and not yet taken from here, waiting for it if there is none. */
  readonly nextSent: Effect.Effect<SentMessage>
  /** All messages that were sent and not yet taken, without waiting. */
  readonly allSent: Effect.Effect<ReadonlyArray<SentMessage>>
  /** The next requests fail in these ways, one each; those after them are answered as usual. */
  readonly fail: (...faults: ReadonlyArray<Fault>) => Effect.Effect<void>
  /** Every request that has come, whatever became of it: method, path and headers. */
  readonly requests: Effect.Effect<ReadonlyArray<Pick<IncomingMessage, "method" | "url" | "headers">>>
}

const json = (response: ServerResponse, status: number, value: unknown) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))

const error = (response: ServerResponse, status: number, code: number, message: string) =>
  json(response, status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })

/** A server on the loopback interface that stands for api.twilio.com, for one account. */
export const twilioServer = (account: Account): Effect.Effect<TwilioServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sent = yield* Queue.unbounded<SentMessage>()
    const faults: Array<Fault> = []
    const requests: Array<Pick<IncomingMessage, "method" | "url" | "headers">> = []
    const authorization = `Basic ${Buffer.from(`${account.accountSid}:${account.authToken}`).toString("base64")}`

    const answer = (request: IncomingMessage, body: string, response: ServerResponse) => {
      const fault = faults.shift()
      if (fault?.kind === "silence") return
      if (fault?.kind === "half") {
        response.writeHead(201, { "content-type": "application/json", "content-length": 100 })
        return response.write('{"sid":"SM', () => {
          if (fault.cut) request.socket.destroy()
        })
      }
      if (fault?.kind === "hangup") return request.socket.destroy()
      if (fault?.kind === "error") return error(response, fault.status, fault.code, fault.message)
      if (fault?.kind === "status")
        return response
          .writeHead(fault.status, fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter })
          .end(fault.body ?? "")
      if (request.url !== `/2010-04-01/Accounts/${account.accountSid}/Messages.json`)
        return error(response, 404, 20404, `The requested resource ${request.url} was not found`)
      if (request.method !== "POST") return error(response, 405, 20004, "Method not allowed")
      if (request.headers.authorization !== authorization) return error(response, 401, 20003, "Authenticate")
      if (request.headers["content-type"] !== "application/x-www-form-urlencoded")
        return error(response, 415, 20415, "Unsupported media type")
      const form = new URLSearchParams(body)
      const to = form.get("To")
      const from = form.get("From")
      const messagingServiceSid = form.get("MessagingServiceSid")
      const text = form.get("Body")
      if (to === null) return error(response, 400, 21604, "A 'To' phone number is required.")
      if (from === null && messagingServiceSid === null)
        return error(response, 400, 21603, "A 'From' phone number is required.")
      if (text === null || text === "") return error(response, 400, 21602, "Message body is required.")
      if (text.length > 1600)
        return error(response, 400, 21617, "The concatenated message body exceeds the 1600 character limit.")
      Queue.unsafeOffer(sent, { to, from, messagingServiceSid, body: text })
      return json(response, 201, { sid: `SM${String(requests.length).padStart(32, "0")}`, status: "queued", to, from })
    }

    const server = yield* Effect.acquireRelease(
      Effect.async<ReturnType<typeof createServer>>((resume) => {
        const server = createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk: Buffer) => chunks.push(chunk))
          request.on("end", () => {
            requests.push({ method: request.method, url: request.url, headers: request.headers })
            answer(request, Buffer.concat(chunks).toString("utf8"), response)
          })
        }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    return {
      apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      nextSent: Queue.take(sent),
      allSent: Effect.map(Queue.takeAll(sent), Chunk.toReadonlyArray),
      fail: (...more) => Effect.sync(() => void faults.push(...more)),
      requests: Effect.sync(() => [...requests])
    }
  })

/** A port of the loopback interface on which nothing listens. */
export const freePort: Effect.Effect<number> = Effect.async((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** The signature that Twilio puts on a request (twilio.com/docs/usage/security), computed without its library. */
export const signatureOf = (authToken: string, url: string, fields: Fields): string => {
  const sorted = [...new Set(fields.map(([name, value]) => JSON.stringify([name, value])))]
    .map((field) => JSON.parse(field) as [string, string])
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
  return createHmac("sha1", authToken)
    .update(url + sorted.map(([name, value]) => name + value).join(""), "utf8")
    .digest("base64")
}

/** The fields of an incoming message as Twilio sends them, those given here in the place of the usual ones. */
export const incoming = (
  message: { readonly From: string; readonly To: string; readonly Body: string } & Readonly<Record<string, string>>
): Fields =>
  Object.entries({
    ToCountry: "US",
    ToState: "CA",
    SmsMessageSid: message["MessageSid"] ?? "SM00000000000000000000000000000001",
    NumMedia: "0",
    SmsStatus: "received",
    NumSegments: "1",
    MessageSid: "SM00000000000000000000000000000001",
    AccountSid: "AC00000000000000000000000000000000",
    ApiVersion: "2010-04-01",
    ...message
  })

export const formEncoded = (fields: Fields): string =>
  new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString()

/** Sends a webhook request as Twilio does: signed for `signedUrl`, which is the URL itself unless a proxy is in between. */
export const callWebhook = (request: {
  readonly url: string
  readonly authToken: string
  readonly fields: Fields
  readonly signedUrl?: string
}): Effect.Effect<{ readonly status: number; readonly contentType: string | null; readonly body: string }> =>
  Effect.promise(async (signal) => {
    const response = await fetch(request.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "user-agent": "TwilioProxy/1.1",
        "x-twilio-signature": signatureOf(request.authToken, request.signedUrl ?? request.url, request.fields)
      },
      body: formEncoded(request.fields),
      signal
    })
    return { status: response.status, contentType: response.headers.get("content-type"), body: await response.text() }
  })
