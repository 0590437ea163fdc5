import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { UserNumber } from "../../identity/Identity.js"
import { type Accept, type Channel, ChannelFailed, NotTaken, SendFailed, unwatched } from "../Channel.js"
import * as TelegramAddress from "./TelegramAddress.js"
import * as TelegramApi from "./TelegramApi.js"
import { read, Skipped, type TelegramBot, type TelegramUpdate } from "./TelegramMessage.js"
import type { TelegramSettings } from "./TelegramSettings.js"

const isUserNumber = Schema.is(UserNumber)

/** What went wrong and what the person who runs the relay has to do about it. */
const sentence = (error: TelegramApi.TelegramError): string => {
  if (error._tag === "TelegramUnreachable") return error.message
  // Telegram answers 404, not 401, if the token does not even have the form of one.
  if (error.status === 401 || error.status === 404) {
    return "Telegram does not know this bot token; copy it again from @BotFather into TELEGRAM_BOT_TOKEN and start the relay again"
  }
  if (error.status === 409 && /webhook/i.test(error.description)) {
    return (
      "this bot's messages go to a webhook, and Telegram does not hand them out twice; remove the webhook " +
      "(core.telegram.org/bots/api#deletewebhook) or give the relay a bot of its own from @BotFather"
    )
  }
  if (error.status === 409) {
    return "another program receives this bot's messages with the same token; stop it, or give the relay a bot of its own from @BotFather"
  }
  return error.message
}

const failed = (error: TelegramApi.TelegramError | NotTaken) =>
  new ChannelFailed({ channel: "telegram", reason: error instanceof NotTaken ? error.message : sentence(error) })

const notSent = (error: TelegramApi.TelegramError) =>
  new SendFailed({
    channel: "telegram",
    reason: sentence(error),
    again: error._tag === "TelegramUnreachable" || error.status === 429 || error.status >= 500,
    ...(error._tag === "TelegramRefused" && error.retryAfter !== undefined ? { retryAfter: error.retryAfter } : {})
  })

/** A server that answers at once that there is nothing is not asked more often than this. */
const pause = Duration.seconds(1)

/** How long the end of the channel may be delayed to confirm what was accepted. */
const farewell = Duration.seconds(2)

/** Telegram shows that somebody is writing for five seconds; later than that it would say nothing true. */
const shown = Duration.seconds(5)

/** Waits as long as Telegram says when it says that we ask too often. */
const patiently = <A>(
  request: Effect.Effect<A, TelegramApi.TelegramError>
): Effect.Effect<A, TelegramApi.TelegramError> =>
  Effect.catchTag(request, "TelegramRefused", (refused) => {
    if (refused.retryAfter === undefined) return Effect.fail(refused)
    return Effect.logWarning(`Telegram asks for a pause of ${Duration.format(refused.retryAfter)}`).pipe(
      Effect.zipRight(Effect.sleep(refused.retryAfter)),
      Effect.zipRight(patiently(request))
    )
  })

/**
 * Telegram by long polling. An update is confirmed by asking for the one after it, and we ask for that only after
 * `accept` has returned: what was not accepted is delivered again, to this process or to the next.
 */
export const make = Effect.fn("TelegramChannel.make")(function* (
  settings: TelegramSettings,
  token: Redacted.Redacted
): Effect.fn.Return<Channel> {
  const api = TelegramApi.make(settings, token)
  // Kept here and not in `run`, so that a connection that is made again goes on where the last one stopped.
  const next = yield* Ref.make(0)

  const take = Effect.fnUntraced(function* (bot: TelegramBot, accept: Accept, update: TelegramUpdate) {
    const incoming = read(bot, update)
    const handle =
      incoming instanceof Skipped
        ? Effect.logDebug(`Telegram update ${update.update_id} skipped: ${incoming.why}`)
        : accept(incoming)
    // No maximum: when Telegram begins to count anew, lower numbers are the later ones.
    yield* Effect.uninterruptibleMask((restore) =>
      Effect.zipRight(restore(handle), Ref.set(next, update.update_id + 1))
    )
  })

  /** Without it, what was accepted shortly before the end would come again after the next start. */
  const confirm = Effect.flatMap(Ref.get(next), (offset) => api.getUpdates(offset, 0)).pipe(
    Effect.interruptible,
    Effect.timeout(farewell),
    Effect.catchAll((error) => Effect.logDebug(`Telegram was not told what has been received: ${error.message}`))
  )

  const round = Effect.fnUntraced(function* (bot: TelegramBot, accept: Accept) {
    const before = yield* Ref.get(next)
    const [took, updates] = yield* Effect.timed(patiently(api.getUpdates(before, settings.pollSeconds)))
    yield* Effect.forEach(updates, (update) => take(bot, accept, update), { discard: true }).pipe(
      Effect.onInterrupt(() => Effect.flatMap(Ref.get(next), (now) => (now === before ? Effect.void : confirm)))
    )
    if ((yield* Ref.get(next)) === before && Duration.lessThan(took, pause)) yield* Effect.sleep(pause)
  })

  // Untraced: a span around it would never end, and every message would be a part of it.
  const run: Channel["run"] = Effect.fnUntraced(function* (accept, { opened } = unwatched) {
    const bot = yield* Effect.mapError(patiently(api.getMe), failed)
    yield* Effect.logInfo(`Telegram: receiving as @${bot.username}`)
    yield* opened
    return yield* Effect.forever(Effect.mapError(round(bot, accept), failed))
  })

  const send: Channel["send"] = Effect.fn("TelegramChannel.send")(function* (to, part) {
    const address = TelegramAddress.parse(to)
    if (Option.isNone(address)) {
      return yield* new SendFailed({ channel: "telegram", reason: "this is not a Telegram address", again: false })
    }
    yield* Effect.mapError(api.sendMessage(address.value, part), notSent)
  })

  const typing: Channel["typing"] = (to) =>
    Effect.catchAll(
      Option.match(TelegramAddress.parse(to), { onNone: () => Effect.void, onSome: api.sendTyping }).pipe(
        Effect.timeout(shown)
      ),
      (error) => Effect.logDebug(`Telegram did not show that an answer is being written: ${error.message}`)
    )

  return {
    name: "telegram",
    limit: 4096,
    run,
    send,
    typing,
    // The Bot API opens no chat by a username.
    addressOf: ({ provider, id }) =>
      provider === "telegram" && isUserNumber(id)
        ? Option.some(TelegramAddress.print({ chat: Number(id), thread: Option.none() }))
        : Option.none()
  }
})
