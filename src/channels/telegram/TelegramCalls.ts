import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type * as Redacted from "effect/Redacted"
import { type Channel, unwatched } from "../Channel.js"
import { recognisable } from "../webhook/WebUrl.js"
import { serve } from "../webhook/WebhookServer.js"
import type { TelegramApi, TelegramWebhookInfo } from "./TelegramApi.js"
import { secretOf } from "./TelegramSecret.js"
import type { TelegramSettings } from "./TelegramSettings.js"
import { failed, patiently } from "./TelegramTrouble.js"
import { webhook } from "./TelegramWebhook.js"

/** How often Telegram is asked whether its calls get through. */
const interval = Duration.minutes(1)

/** A call that went wrong longer ago says nothing about now. */
const recent = Duration.toSeconds("1 hour")

const replaced =
  "another program has changed or removed this bot's webhook; stop it and start the relay again, or give the relay a bot " +
  "of its own from @BotFather"

/** Why no message gets through, if messages wait and not one came since the last look, though Telegram did try. */
const complaint = (
  { failed, waiting }: TelegramWebhookInfo,
  url: string,
  quiet: boolean,
  now: number
): Option.Option<string> =>
  Option.map(
    Option.filter(failed, ({ at }) => quiet && waiting > 0 && now / 1_000 - at < recent),
    ({ why }) =>
      `Telegram cannot deliver to ${recognisable(url)}, and ${waiting} wait: ${why}; check what leads from there to this machine`
  )

/**
 * Telegram by a webhook: it calls `url`, which has to lead here. That is set as soon as somebody listens, and left in
 * place at the end, so that Telegram keeps what is written meanwhile and brings it after the next start. It is set once:
 * two programs must not take the bot from each other for ever.
 */
export const make = Effect.fnUntraced(function* (
  api: TelegramApi,
  { groups, host, maxConnections, port }: TelegramSettings,
  url: string,
  token: Redacted.Redacted
): Effect.fn.Return<Channel["run"]> {
  // Telegram need not have the URL letter for letter as we do. Kept here, so that it outlives what runs.
  const set = yield* Ref.make(Option.none<string>())
  const secret = secretOf(token)

  /** Only trouble with the network is nothing to end for: answers wait for it anyway, and messages may still come. */
  const info = api.getWebhookInfo.pipe(
    Effect.map(Option.some),
    Effect.catchAll((error) =>
      error._tag === "TelegramUnreachable" || error.status === 429 || error.status >= 500
        ? Effect.as(Effect.logDebug(`Telegram did not say how its calls go: ${error.message}`), Option.none())
        : Effect.fail(failed(error))
    )
  )

  // Untraced: a span around it would never end, and every message would be a part of it.
  return Effect.fnUntraced(function* (accept, { lost, opened } = unwatched) {
    const bot = yield* Effect.mapError(patiently(api.getMe), failed)
    // At first nobody knows.
    const came = yield* Ref.make(true)
    const app = yield* webhook({ accept, bot, called: Ref.set(came, true), groups, secret, url })

    /** Looks after it for as long as it is set. */
    const watch = Effect.gen(function* () {
      let wrong = Option.none<string>()
      while (true) {
        const found = yield* info
        if (Option.isSome(found)) {
          const ours = yield* Ref.updateAndGet(
            set,
            Option.orElse(() => Option.some(found.value.url))
          )
          const before = wrong
          wrong = Option.contains(ours, found.value.url)
            ? complaint(found.value, url, !(yield* Ref.get(came)), yield* Clock.currentTimeMillis)
            : Option.some(replaced)
          if (Option.isSome(wrong)) {
            if (Option.isNone(before)) yield* Effect.logError(`telegram: ${wrong.value}`)
            yield* lost(wrong.value)
          } else if (Option.isSome(before)) {
            yield* Effect.logInfo("Telegram: its calls get through again")
            yield* opened
          }
        }
        yield* Ref.set(came, false)
        yield* Effect.sleep(interval)
      }
    })

    const begin = Effect.gen(function* () {
      if (Option.isNone(yield* Ref.get(set))) {
        yield* Effect.mapError(patiently(api.setWebhook({ url, secret, connections: maxConnections })), failed)
      }
      yield* Effect.logInfo(`Telegram: receiving as @${bot.username}, by calls of ${recognisable(url)}`)
      yield* opened
      yield* watch
    })
    return yield* serve(app, { channel: "telegram", host, port }, begin)
  })
})
