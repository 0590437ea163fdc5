import * as http from "node:http"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"

/**
 * A Bot API server on the loopback interface, for tests: it speaks the documented wire format over real HTTP
 * (core.telegram.org/bots/api), keeps unconfirmed updates and waits in `getUpdates` as the original does.
 *
 *     const telegram = yield* TelegramServer.make()
 *     // point the relay at telegram.url with telegram.token, then:
 *     yield* telegram.say(john, "Hello")
 *     const { sent } = yield* telegram.until(({ sent }) => sent.length === 1)
 */
export interface TelegramServer {
  /** The value for `telegram.apiUrl`. */
  readonly url: string
  /** The token that the server accepts; any other gets 401. */
  readonly token: Redacted.Redacted
  readonly bot: { readonly id: number; readonly username: string }
  /** A text from a person in their chat with the bot; answers the update's number. */
  readonly say: (from: Person, text: string) => Effect.Effect<number>
  /** A text from a person in a group. The usernames in it are mentions. */
  readonly sayIn: (group: Group, from: Person, text: string) => Effect.Effect<number>
  /** Any update, without its `update_id`, which the server counts. */
  readonly push: (update: Fields) => Effect.Effect<number>
  /** Any message: what `message_id`, `date` and `chat` are if they are not given is up to the server. */
  readonly pushMessage: (message: Fields) => Effect.Effect<number>
  /** Lets the bot write to a chat in which nobody has written to it yet. */
  readonly meet: (chat: number) => Effect.Effect<void>
  /** From now on this person has blocked the bot: 403. */
  readonly block: (chat: number) => Effect.Effect<void>
  /** The next calls of a method go wrong in these ways, one each, before anything else is done. */
  readonly fail: (method: string, ...faults: ReadonlyArray<Fault>) => Effect.Effect<void>
  /** Another program sets a webhook, which is never called, or removes that which is set. Meanwhile `getUpdates` gets 409. */
  readonly setWebhook: (set: boolean) => Effect.Effect<void>
  /** The server counts updates from here on from another number, as Telegram does after a quiet week. */
  readonly countFrom: (update_id: number) => Effect.Effect<void>
  /** Cuts every connection, with an answer due on it or not. */
  readonly cutAll: Effect.Effect<void>
  /** Cuts every connection on which an answer is due. */
  readonly hangUp: Effect.Effect<void>
  /** The waiting `getUpdates` is answered as if its time were over. */
  readonly endPoll: Effect.Effect<void>
  readonly seen: Effect.Effect<Seen>
  /** Waits, without a clock, until what the server has seen is so. */
  readonly until: (holds: (seen: Seen) => boolean) => Effect.Effect<Seen>
}

export type Fields = { readonly [field: string]: unknown }

export interface Person {
  readonly id: number
  readonly username?: string
  readonly first_name: string
  readonly is_bot?: boolean
}

export interface Group {
  readonly id: number
  readonly title: string
}

/** One request, as it came. */
export interface Call {
  readonly method: string
  readonly payload: Fields
}

/** A message that the bot has sent and the server has taken. */
export interface Sent {
  readonly chat_id: number
  readonly text: string
  readonly message_thread_id?: number
  readonly payload: Fields
}

/** What the server has seen so far. */
export interface Seen {
  readonly calls: ReadonlyArray<Call>
  readonly sent: ReadonlyArray<Sent>
  /** The chats in which "typing" was shown, once for each time. */
  readonly typing: ReadonlyArray<number>
  /** The numbers of the updates that are not confirmed. */
  readonly unconfirmed: ReadonlyArray<number>
  /** How many `getUpdates` are waiting for an update now. */
  readonly waiting: number
  /** How many requests the other side gave up before they were answered. */
  readonly aborted: number
  /** How the webhook was set, if one is. */
  readonly webhook: Fields | undefined
  /** What its calls were answered with, in order: a status, or 0 for no answer. */
  readonly answers: ReadonlyArray<number>
}

export type Fault =
  | { readonly kind: "refuse"; readonly status: number; readonly description: string; readonly parameters?: Fields }
  | {
      readonly kind: "page"
      readonly status: number
      readonly body: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly kind: "half"; readonly cut: boolean }
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "drop" }
  | { readonly kind: "silence" }

/** 429, with the number of seconds after which the server will listen again. */
export const tooManyRequests = (retry_after: number): Fault => ({
  kind: "refuse",
  status: 429,
  description: `Too Many Requests: retry after ${retry_after}`,
  parameters: { retry_after }
})
/** The page of a proxy, which is no JSON. */
export const badGateway: Fault = { kind: "page", status: 502, body: "<html><h1>502 Bad Gateway</h1></html>" }
/** A proxy that asks for a pause, in a header as HTTP has it. */
export const tooManyForAProxy = (seconds: number | string): Fault => ({
  kind: "page",
  status: 429,
  body: "<html><h1>429 Too Many Requests</h1></html>",
  headers: { "retry-after": String(seconds) }
})
/** The beginning of a good answer, and then nothing more. */
export const half: Fault = { kind: "half", cut: false }
/** The same, and then the connection is cut. */
export const halfAndCut: Fault = { kind: "half", cut: true }
export const refuse = (status: number, description: string): Fault => ({ kind: "refuse", status, description })
/** A good answer with this in it, at once. */
export const result = (value: unknown): Fault => ({ kind: "result", result: value })
/** The connection is cut instead of an answer. */
export const drop: Fault = { kind: "drop" }
/** There is never an answer. */
export const silence: Fault = { kind: "silence" }

export const john: Person = { id: 123456789, username: "john", first_name: "John" }

const secret = "AAH-loopback_only-0123456789abcdefgh"

export const make = (options: { readonly token?: string } = {}): Effect.Effect<TelegramServer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<{ readonly server: http.Server; readonly stop: () => void; readonly telegram: TelegramServer }>(
      (resume) => {
        const { listener, stop, telegramAt } = behaviour(options.token ?? `700000001:${secret}`)
        const server = http.createServer(listener)
        // Longer than any test: a client that depends on our hanging up has to show it.
        server.keepAliveTimeout = 600_000
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const port = typeof address === "object" && address !== null ? address.port : 0
          resume(Effect.succeed({ server, stop, telegram: telegramAt(`http://127.0.0.1:${port}`) }))
        })
      }
    ),
    ({ server, stop }) =>
      Effect.async<void>((resume) => {
        stop()
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ).pipe(Effect.map(({ telegram }) => telegram))

interface Poll {
  readonly answer: () => void
  readonly conflict: (by: string) => void
}

const behaviour = (token: string) => {
  const bot = { id: 700000001, username: "warelay_test_bot" }
  let updates: Array<Fields & { readonly update_id: number }> = []
  let nextUpdate = 900001
  let nextMessage = 1
  let webhook: Fields | undefined
  let lastError: Fields = {}
  let stopped = false
  const sockets = new Set<import("node:net").Socket>()
  const due = new Set<http.ServerResponse>()
  const beingCalled = new Set<unknown>()
  const answers: Array<number> = []
  let allowed: ReadonlyArray<string> | undefined
  let poll: Poll | undefined
  let aborted = 0
  const calls: Array<Call> = []
  const sent: Array<Sent> = []
  const typing: Array<number> = []
  const met = new Set<number>()
  const blocked = new Set<number>()
  const faults = new Map<string, Array<Fault>>()
  const watchers = new Set<() => void>()

  const seen = (): Seen => ({
    calls: [...calls],
    sent: [...sent],
    typing: [...typing],
    unconfirmed: updates.map(({ update_id }) => update_id),
    waiting: poll === undefined ? 0 : 1,
    aborted,
    webhook,
    answers: [...answers]
  })
  const changed = () => {
    for (const watcher of [...watchers]) watcher()
  }

  const write = (response: http.ServerResponse, status: number, type: string, body: string) => {
    if (response.writableEnded || response.destroyed) return
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body)
  }
  const ok = (response: http.ServerResponse, value: unknown) =>
    write(response, 200, "application/json", JSON.stringify({ ok: true, result: value }))
  const no = (response: http.ServerResponse, status: number, description: string, parameters?: Fields) =>
    write(
      response,
      status,
      "application/json",
      JSON.stringify({ ok: false, error_code: status, description, ...(parameters && { parameters }) })
    )

  /** What is there for this offset. All before it is confirmed and forgotten. */
  const ready = (offset: number, limit: number) => {
    if (offset < 0) {
      updates = updates.slice(offset)
    } else if (offset > 0 && offset <= nextUpdate + 10) {
      updates = updates.filter(({ update_id }) => update_id >= offset)
    }
    // An offset far beyond the end of the queue is from another count: the original answers from the beginning then.
    return updates.slice(0, limit)
  }

  const getUpdates = (payload: Fields, response: http.ServerResponse) => {
    if (webhook !== undefined) {
      return no(
        response,
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
      )
    }
    // The newer request wins, the older one is told so.
    poll?.conflict("other getUpdates request; make sure that only one bot instance is running")
    const offset = Number(payload["offset"] ?? 0)
    const limit = Math.min(Math.max(Number(payload["limit"] ?? 100), 1), 100)
    const seconds = Math.min(Math.max(Number(payload["timeout"] ?? 0), 0), 50)
    if (Array.isArray(payload["allowed_updates"])) allowed = payload["allowed_updates"].map(String)
    const found = ready(offset, limit)
    if (found.length > 0 || seconds === 0) return ok(response, found)
    const end = (then: () => void) => {
      clearTimeout(timer)
      if (poll === mine) poll = undefined
      then()
    }
    const mine: Poll = {
      answer: () => end(() => ok(response, ready(offset, limit))),
      conflict: (by) => end(() => no(response, 409, `Conflict: terminated by ${by}`))
    }
    const timer = setTimeout(mine.answer, seconds * 1000)
    response.on("close", () => end(changed))
    poll = mine
  }

  const sendMessage = (payload: Fields, response: http.ServerResponse) => {
    const chat_id = Number(payload["chat_id"])
    const text = payload["text"]
    const message_thread_id = payload["message_thread_id"]
    if (blocked.has(chat_id)) return no(response, 403, "Forbidden: bot was blocked by the user")
    if (!met.has(chat_id)) return no(response, 400, "Bad Request: chat not found")
    if (typeof text !== "string" || text.trim() === "") return no(response, 400, "Bad Request: message text is empty")
    if (text.length > 4096) return no(response, 400, "Bad Request: message is too long")
    sent.push({ chat_id, text, ...(typeof message_thread_id === "number" && { message_thread_id }), payload })
    return ok(response, { message_id: nextMessage++, date: 1700000000, chat: { id: chat_id }, text })
  }

  /** Chats wait for themselves and for nobody else, as with the original (tdlib/telegram-bot-api, WebhookActor). */
  const chatOf = (update: Fields): unknown => {
    const message = update["message"]
    if (typeof message !== "object" || message === null || !("chat" in message)) return update["update_id"]
    const { chat } = message
    return typeof chat === "object" && chat !== null && "id" in chat ? chat.id : update["update_id"]
  }

  /** Calls the webhook for the first update of each chat that is not being called for, and again until it answers well. */
  const callWebhook = () => {
    const at = webhook
    if (at === undefined || stopped || typeof at["secret_token"] !== "string") return
    for (const update of updates) {
      const chat = chatOf(update)
      if (beingCalled.has(chat)) continue
      if (beingCalled.size >= Number(at["max_connections"] ?? 40)) return
      beingCalled.add(chat)
      const ended = (status: number, why: string) => {
        answers.push(status)
        const good = status >= 200 && status < 300
        if (good) updates = updates.filter(({ update_id }) => update_id !== update.update_id)
        else lastError = { last_error_date: Math.floor(Date.now() / 1000), last_error_message: why }
        const next = () => {
          beingCalled.delete(chat)
          callWebhook()
        }
        if (good) next()
        else setTimeout(next, 20).unref()
        changed()
      }
      const request = http.request(
        String(at["url"]),
        {
          method: "POST",
          agent: false,
          headers: {
            "content-type": "application/json",
            "x-telegram-bot-api-secret-token": at["secret_token"]
          }
        },
        (response) => {
          response.resume()
          const { statusCode = 0, statusMessage = "" } = response
          ended(statusCode, `Wrong response from the webhook: ${statusCode} ${statusMessage}`)
        }
      )
      request.on("error", (error: NodeJS.ErrnoException) => ended(0, `Connection failed: ${error.code ?? error.name}`))
      request.end(JSON.stringify(update))
    }
  }

  const setWebhook = (payload: Fields, response: http.ServerResponse) => {
    const url = String(payload["url"] ?? "")
    if (!/^https?:/.test(url))
      return no(response, 400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(String(payload["secret_token"]))) {
      return no(response, 400, "Bad Request: secret token contains unallowed characters")
    }
    if (Array.isArray(payload["allowed_updates"])) allowed = payload["allowed_updates"].map(String)
    webhook = payload
    lastError = {}
    poll?.conflict("setWebhook request")
    ok(response, true)
    callWebhook()
  }

  const methods: { readonly [method: string]: (payload: Fields, response: http.ServerResponse) => unknown } = {
    getMe: (_, response) => ok(response, { ...bot, is_bot: true, first_name: "Relay", can_join_groups: true }),
    getUpdates,
    setWebhook,
    deleteWebhook: (_, response) => {
      webhook = undefined
      return ok(response, true)
    },
    getWebhookInfo: (_, response) =>
      ok(response, {
        url: webhook?.["url"] ?? "",
        has_custom_certificate: false,
        pending_update_count: updates.length,
        ...lastError
      }),
    sendMessage,
    sendChatAction: (payload, response) => {
      const chat_id = Number(payload["chat_id"])
      if (!met.has(chat_id)) return no(response, 400, "Bad Request: chat not found")
      typing.push(chat_id)
      return ok(response, true)
    }
  }

  const serve = (request: http.IncomingMessage, response: http.ServerResponse, body: string) => {
    const path = /^\/bot([^/]*)\/([A-Za-z]+)$/.exec(request.url ?? "")
    const method = path?.[2] ?? ""
    const payload: Fields = body === "" ? {} : JSON.parse(body)
    calls.push({ method, payload })
    due.add(response)
    response.on("close", () => {
      due.delete(response)
      if (!response.writableEnded) aborted += 1
      changed()
    })
    const fault = faults.get(method)?.shift()
    if (fault !== undefined) return fail(fault, request, response)
    if (path === null || !/^[0-9]+:/.test(path[1] ?? "")) return no(response, 404, "Not Found")
    if (path[1] !== token) return no(response, 401, "Unauthorized")
    const answer = Object.hasOwn(methods, method) ? methods[method] : undefined
    return answer === undefined ? no(response, 404, "Not Found: method not found") : answer(payload, response)
  }

  const fail = (fault: Fault, request: http.IncomingMessage, response: http.ServerResponse) => {
    switch (fault.kind) {
      case "refuse":
        return no(response, fault.status, fault.description, fault.parameters)
      case "page":
        for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value)
        return write(response, fault.status, "text/html", fault.body)
      case "half":
        response.writeHead(200, { "content-type": "application/json", "content-length": 100 })
        return response.write('{"ok":true,"result":', () => {
          if (fault.cut) request.socket.destroy()
        })
      case "result":
        return ok(response, fault.result)
      case "drop":
        return request.socket.destroy()
      case "silence":
        return undefined
    }
  }

  const listener: http.RequestListener = (request, response) => {
    const chunks: Array<Buffer> = []
    if (!sockets.has(request.socket)) request.socket.once("close", () => sockets.delete(request.socket))
    sockets.add(request.socket)
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      serve(request, response, Buffer.concat(chunks).toString("utf8"))
      changed()
    })
  }

  const push = (update: Fields): Effect.Effect<number> =>
    Effect.sync(() => {
      const update_id = nextUpdate++
      const kinds = Object.keys(update)
      if (allowed === undefined || kinds.some((kind) => allowed?.includes(kind))) {
        updates.push({ update_id, ...update })
        poll?.answer()
        callWebhook()
      }
      changed()
      return update_id
    })

  const pushMessage = (message: Fields): Effect.Effect<number> =>
    Effect.suspend(() => {
      const chat = message["chat"]
      if (typeof chat === "object" && chat !== null && "id" in chat) met.add(Number(chat.id))
      return push({ message: { message_id: nextMessage++, date: 1700000000, ...message } })
    })

  const until = (holds: (seen: Seen) => boolean): Effect.Effect<Seen> =>
    Effect.gen(function* () {
      const held = yield* Deferred.make<Seen>()
      const watcher = () => {
        const now = seen()
        if (holds(now)) Deferred.unsafeDone(held, Effect.succeed(now))
      }
      watchers.add(watcher)
      watcher()
      return yield* Effect.ensuring(
        Deferred.await(held),
        Effect.sync(() => watchers.delete(watcher))
      )
    })

  const change = (body: () => void) =>
    Effect.sync(() => {
      body()
      changed()
    })

  const telegramAt = (url: string): TelegramServer => ({
    url,
    token: Redacted.make(token),
    bot,
    say: (from, text) =>
      pushMessage({ from: { is_bot: false, ...from }, chat: { id: from.id, type: "private" }, text }),
    sayIn: (group, from, text) =>
      pushMessage({
        from: { is_bot: false, ...from },
        chat: { ...group, type: "supergroup" },
        text,
        entities: Array.from(text.matchAll(/@\w{4,}/g), ({ 0: name, index }) => ({
          type: "mention",
          offset: index,
          length: name.length
        }))
      }),
    push,
    pushMessage,
    meet: (chat) => change(() => met.add(chat)),
    block: (chat) => change(() => blocked.add(chat)),
    fail: (method, ...more) => change(() => faults.set(method, [...(faults.get(method) ?? []), ...more])),
    setWebhook: (set) =>
      change(() => {
        webhook = set ? { url: "https://other.example.org/hook" } : undefined
        if (set) poll?.conflict("setWebhook request")
      }),
    countFrom: (update_id) =>
      change(() => {
        updates = []
        nextUpdate = update_id
      }),
    cutAll: change(() => {
      for (const socket of sockets) socket.destroy()
    }),
    hangUp: change(() => {
      for (const response of due) response.destroy()
    }),
    endPoll: change(() => poll?.answer()),
    seen: Effect.sync(seen),
    until
  })

  const stop = () => {
    stopped = true
  }

  return { listener, stop, telegramAt }
}
