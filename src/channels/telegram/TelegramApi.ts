import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Api, GrammyError, HttpError } from "grammy/web"
import { masked } from "../../config/Masked.js"
import { printable } from "../../config/Printable.js"
import type { TelegramAddress } from "./TelegramAddress.js"
import { TelegramBot } from "./TelegramBot.js"
import { TelegramUpdate } from "./TelegramMessage.js"
import { type TelegramSettings, tokenForm } from "./TelegramSettings.js"

/**
 * The Bot API answered no. `retryAfter` is set where it named the time after which it will listen again, `movedTo` where
 * a group has become a supergroup and so another chat.
 */
export class TelegramRefused extends Schema.TaggedError<TelegramRefused>()("TelegramRefused", {
  method: Schema.String,
  status: Schema.Number,
  description: Schema.String,
  retryAfter: Schema.optional(Schema.DurationFromSelf),
  movedTo: Schema.optional(Schema.Int)
}) {
  override get message(): string {
    // The two numbers apart, or the mask of the log would take them for one.
    return `Telegram refused ${this.method} with ${this.status}: ${this.description}`
  }
}

/** There was no answer of the Bot API's: no network, no connection, no end of waiting, or somebody else's answer. */
export class TelegramUnreachable extends Schema.TaggedError<TelegramUnreachable>()("TelegramUnreachable", {
  method: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return this.reason
  }
}

/** What the server has to say about the webhook (core.telegram.org/bots/api#webhookinfo). The URL is empty without one. */
const WebhookInfo = Schema.Struct({
  url: Schema.String,
  pending_update_count: Schema.optionalWith(Schema.Int, { default: () => 0 }),
  last_error_date: Schema.optional(Schema.Int),
  last_error_message: Schema.optional(Schema.String)
})

/** How the calls of a webhook go. `failed` is the last call that went wrong: when, in seconds since 1970, and why. */
export interface TelegramWebhookInfo {
  readonly url: string
  readonly waiting: number
  readonly failed: Option.Option<{ readonly at: number; readonly why: string }>
}

/** Where the server is to call from now on, and what it shows so that it is known. */
export interface TelegramWebhookCalls {
  readonly url: string
  readonly secret: Redacted.Redacted
  readonly connections: number
}

export type TelegramError = TelegramRefused | TelegramUnreachable

/** The few methods of core.telegram.org/bots/api that we use. Interrupting one aborts its request. */
export interface TelegramApi {
  readonly getMe: Effect.Effect<TelegramBot, TelegramError>
  /** The updates from `offset` on, waiting for the first at most `seconds`; confirms all before `offset`. */
  readonly getUpdates: (offset: number, seconds: number) => Effect.Effect<ReadonlyArray<TelegramUpdate>, TelegramError>
  /** From now on updates are brought, those that wait already, too. */
  readonly setWebhook: (calls: TelegramWebhookCalls) => Effect.Effect<void, TelegramError>
  /** From now on they are fetched. */
  readonly deleteWebhook: Effect.Effect<void, TelegramError>
  readonly getWebhookInfo: Effect.Effect<TelegramWebhookInfo, TelegramError>
  readonly sendMessage: (to: TelegramAddress, text: string) => Effect.Effect<void, TelegramError>
  readonly sendTyping: (to: TelegramAddress) => Effect.Effect<void, TelegramError>
}

/** How long an answer may take beyond the time that we asked the server to wait. */
const patience = Duration.seconds(20)

/** Which updates we want; the server remembers it. */
const allowed_updates = ["message"] as const

type Signal = NonNullable<Parameters<Api["getMe"]>[0]>

/** grammY's types name the signal of a polyfill; what it does with one, the platform's own can do. */
const isSignal = (signal: unknown): signal is Signal => signal instanceof AbortSignal

type Fetch = NonNullable<NonNullable<ConstructorParameters<typeof Api>[1]>["fetch"]>

/** The same goes for `fetch`. */
const isFetch = (fetch: unknown): fetch is Fetch => typeof fetch === "function"

/** A proxy in front of the server asks for a pause in a header (RFC 9110, 10.2.3) and not as the Bot API does. */
const pauseIn = (response: Response): Response => {
  if (response.status !== 429 || response.headers.get("content-type")?.includes("json")) return response
  const seconds = response.headers.get("retry-after") ?? ""
  const parameters = /^[0-9]{1,5}$/.test(seconds) ? { retry_after: Number(seconds) } : {}
  return Response.json({ ok: false, error_code: 429, description: "Too Many Requests", parameters }, { status: 429 })
}

const heeding = (url: string, init?: RequestInit): Promise<Response> => fetch(url, init).then(pauseIn)

/** Node keeps the reason of a failed fetch, such as ECONNREFUSED, as the code of its cause. */
const codeOf = (error: unknown): Option.Option<string> => {
  if (Predicate.hasProperty(error, "code") && Predicate.isString(error.code)) return Option.some(error.code)
  return Predicate.hasProperty(error, "cause") ? codeOf(error.cause) : Option.none()
}

const topic = ({ thread }: TelegramAddress) =>
  Option.match(thread, { onNone: () => ({}), onSome: (message_thread_id) => ({ message_thread_id }) })

/** The messages of errors are never passed on: they hold the URL, and that holds the token. */
export const make = (settings: TelegramSettings, token: Redacted.Redacted): TelegramApi => {
  const apiRoot = settings.apiUrl.replace(/\/+$/, "")
  const host = apiRoot.replace(/^https?:\/\/|\/.*$/g, "")
  const api = new Api(Redacted.value(token), { apiRoot, ...(isFetch(heeding) ? { fetch: heeding } : {}) })
  const secret = Redacted.value(token).replace(/^[0-9]*:/, "")

  const harmless = (text: string): string =>
    printable(masked((secret === "" ? text : text.replaceAll(secret, "…")).slice(0, 300)))

  const failure = (method: string, error: unknown): TelegramError => {
    if (error instanceof GrammyError && Predicate.isNumber(error.error_code)) {
      const { migrate_to_chat_id: movedTo, retry_after: seconds } = error.parameters
      return new TelegramRefused({
        method,
        status: error.error_code,
        description: harmless(`${error.description}`),
        ...(error.error_code === 429 && Predicate.isNumber(seconds)
          ? { retryAfter: Duration.seconds(Math.max(1, seconds)) }
          : {}),
        ...(Predicate.isNumber(movedTo) && Number.isSafeInteger(movedTo) && movedTo < 0 ? { movedTo } : {})
      })
    }
    const cause = error instanceof HttpError ? error.error : error
    const reason = Option.match(codeOf(cause), {
      onNone: () => `the answer of ${host} is not one of the Bot API; is there a proxy, or is telegram.apiUrl wrong?`,
      onSome: (code) => `no connection to ${host} (${code}); check the network and telegram.apiUrl`
    })
    return new TelegramUnreachable({ method, reason })
  }

  const call = <A, I>(
    method: string,
    answer: Schema.Schema<A, I>,
    request: (signal: Signal | undefined) => Promise<unknown>,
    wait: Duration.Duration = Duration.zero
  ): Effect.Effect<A, TelegramError> => {
    if (!tokenForm.test(Redacted.value(token))) {
      return new TelegramRefused({ method, status: 401, description: "the token does not have the form of one" })
    }
    const limit = Duration.sum(wait, patience)
    return Effect.tryPromise({
      try: (signal) => request(isSignal(signal) ? signal : undefined),
      catch: (error) => failure(method, error)
    }).pipe(
      Effect.timeoutFail({
        duration: limit,
        onTimeout: () =>
          new TelegramUnreachable({ method, reason: `${host} did not answer within ${Duration.format(limit)}` })
      }),
      Effect.flatMap((result) =>
        Effect.mapError(Schema.decodeUnknown(answer)(result), () => failure(method, undefined))
      )
    )
  }

  return {
    getMe: call("getMe", TelegramBot, (signal) => api.getMe(signal)),
    getUpdates: (offset, seconds) =>
      call(
        "getUpdates",
        Schema.Array(TelegramUpdate),
        (signal) => api.getUpdates({ offset, timeout: seconds, allowed_updates }, signal),
        Duration.seconds(seconds)
      ),
    setWebhook: ({ connections, secret, url }) =>
      call("setWebhook", Schema.Unknown, (signal) =>
        api.setWebhook(
          url,
          { secret_token: Redacted.value(secret), max_connections: connections, allowed_updates },
          signal
        )
      ),
    deleteWebhook: call("deleteWebhook", Schema.Unknown, (signal) => api.deleteWebhook({}, signal)),
    getWebhookInfo: Effect.map(
      call("getWebhookInfo", WebhookInfo, (signal) => api.getWebhookInfo(signal)),
      ({ last_error_date, last_error_message = "", pending_update_count, url }) => ({
        url,
        waiting: pending_update_count,
        failed: Option.map(Option.fromNullable(last_error_date), (at) => ({ at, why: harmless(last_error_message) }))
      })
    ),
    sendMessage: (to, text) =>
      call("sendMessage", Schema.Unknown, (signal) =>
        api.sendMessage(to.chat, text, { ...topic(to), link_preview_options: { is_disabled: true } }, signal)
      ),
    sendTyping: (to) =>
      call("sendChatAction", Schema.Unknown, (signal) => api.sendChatAction(to.chat, "typing", topic(to), signal))
  }
}
