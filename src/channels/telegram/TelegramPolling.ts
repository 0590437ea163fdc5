import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { type Accept, type Channel, unwatched } from "../Channel.js"
import * as TelegramAlbums from "./TelegramAlbums.js"
import type { TelegramApi, TelegramError } from "./TelegramApi.js"
import type { TelegramBot } from "./TelegramBot.js"
import { read, Skipped, type TelegramUpdate } from "./TelegramMessage.js"
import type { TelegramSettings } from "./TelegramSettings.js"
import { failed, goesToWebhook, isWebhookSetNow, patiently } from "./TelegramTrouble.js"

/** A server that answers at once that there is nothing is not asked more often than this. */
const pause = Duration.seconds(1)

/** How long the end of the channel may be delayed to confirm what was accepted. */
const farewell = Duration.seconds(2)

/**
 * Telegram by long polling. An update is confirmed by asking for the one after it, and we ask for that only after
 * `accept` has returned: what was not accepted is delivered again, to this process or to the next.
 */
export const make = Effect.fnUntraced(function* (
  api: TelegramApi,
  { groups, pollSeconds }: TelegramSettings
): Effect.fn.Return<Channel["run"]> {
  // Kept here and not in what runs, so that a connection that is made again goes on where the last one stopped.
  const next = yield* Ref.make(0)
  const begun = yield* Ref.make(false)
  const albums = TelegramAlbums.make()

  const take = Effect.fnUntraced(function* (bot: TelegramBot, accept: Accept, update: TelegramUpdate) {
    const incoming = read(bot, groups, albums, update)
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

  /**
   * A webhook from before, when the relay was configured for one, is removed. One that is set while we fetch is
   * somebody's will: two programs must not take the bot from each other for ever.
   */
  const withoutWebhook = (error: TelegramError, offset: number) =>
    Effect.gen(function* () {
      if (isWebhookSetNow(error)) yield* Ref.set(begun, true)
      if (yield* Ref.get(begun)) return yield* Effect.fail(error)
      yield* Effect.logWarning("Telegram: this bot had a webhook, which is removed: messages are fetched")
      yield* patiently(api.deleteWebhook)
      return yield* patiently(api.getUpdates(offset, pollSeconds))
    })

  const fetch = (offset: number) =>
    patiently(api.getUpdates(offset, pollSeconds)).pipe(
      Effect.catchIf(goesToWebhook, (error) => withoutWebhook(error, offset)),
      Effect.zipLeft(Ref.set(begun, true))
    )

  const round = Effect.fnUntraced(function* (bot: TelegramBot, accept: Accept) {
    const before = yield* Ref.get(next)
    const [took, updates] = yield* Effect.timed(fetch(before))
    yield* Effect.forEach(updates, (update) => take(bot, accept, update), { discard: true }).pipe(
      Effect.onInterrupt(() => Effect.flatMap(Ref.get(next), (now) => (now === before ? Effect.void : confirm)))
    )
    if ((yield* Ref.get(next)) === before && Duration.lessThan(took, pause)) yield* Effect.sleep(pause)
  })

  // Untraced: a span around it would never end, and every message would be a part of it.
  return Effect.fnUntraced(function* (accept, { opened } = unwatched) {
    const bot = yield* Effect.mapError(patiently(api.getMe), failed)
    yield* Effect.logInfo(`Telegram: receiving as @${bot.username}`)
    yield* opened
    return yield* Effect.forever(Effect.mapError(round(bot, accept), failed))
  })
})
