import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { ChannelFailed, NotTaken, SendFailed } from "../Channel.js"
import type { TelegramError } from "./TelegramApi.js"

/** There is a webhook: the server does not hand updates out twice. */
export const goesToWebhook = (error: TelegramError): boolean =>
  error._tag === "TelegramRefused" && error.status === 409 && /webhook/i.test(error.description)

/** It was set while we asked for updates. */
export const isWebhookSetNow = (error: TelegramError): boolean =>
  goesToWebhook(error) && error._tag === "TelegramRefused" && /terminated by/i.test(error.description)

/** What went wrong and what the person who runs the relay has to do about it. */
const sentence = (error: TelegramError): string => {
  if (error._tag === "TelegramUnreachable") return error.message
  // Telegram answers 404, not 401, if the token does not even have the form of one.
  if (error.status === 401 || error.status === 404) {
    return "Telegram does not know this bot token; copy it again from @BotFather into TELEGRAM_BOT_TOKEN and start the relay again"
  }
  if (goesToWebhook(error)) {
    return (
      "another program has set a webhook for this bot, and Telegram does not hand messages out twice; stop it and start the " +
      "relay again, which removes the webhook, or give the relay a bot of its own from @BotFather"
    )
  }
  if (error.status === 409) {
    return "another program receives this bot's messages with the same token; stop it, or give the relay a bot of its own from @BotFather"
  }
  return error.method === "setWebhook" && error.status === 400
    ? `${error.message}; check telegram.publicUrl, which Telegram has to be able to call`
    : error.message
}

export const failed = (error: TelegramError | NotTaken) =>
  new ChannelFailed({ channel: "telegram", reason: error instanceof NotTaken ? error.message : sentence(error) })

export const notSent = (error: TelegramError) =>
  new SendFailed({
    channel: "telegram",
    reason: sentence(error),
    again: error._tag === "TelegramUnreachable" || error.status === 429 || error.status >= 500,
    ...(error._tag === "TelegramRefused" && error.retryAfter !== undefined ? { retryAfter: error.retryAfter } : {})
  })

/** Waits as long as Telegram says when it says that we ask too often. */
export const patiently = <A>(request: Effect.Effect<A, TelegramError>): Effect.Effect<A, TelegramError> =>
  Effect.catchTag(request, "TelegramRefused", (refused) => {
    if (refused.retryAfter === undefined) return Effect.fail(refused)
    return Effect.logWarning(`Telegram asks for a pause of ${Duration.format(refused.retryAfter)}`).pipe(
      Effect.zipRight(Effect.sleep(refused.retryAfter)),
      Effect.zipRight(patiently(request))
    )
  })
