import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type * as Redacted from "effect/Redacted"
import { type Accept, type Channel, ChannelFailed, unwatched } from "../Channel.js"
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

const taken = new ChannelFailed({
  channel: "telegram",
  reason:
    "another program has changed or removed this bot's webhook; stop it, or give the relay a bot of its own from @BotFather"
})

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
 * place at the end, so that Telegram keeps what is written meanwhile and brings it after the next start.
 */
export const make = (
  api: TelegramApi,
  { groups, host, maxConnections, port }: TelegramSettings,
  url: string,
  token: Redacted.Redacted
): Channel["run"] =>
  // Untraced: a span around it would never end, and every message would be a part of it.
  Effect.fnUntraced(function* (accept, { lost, opened } = unwatched) {
    const secret = secretOf(token)
    const bot = yield* Effect.mapError(patiently(api.getMe), failed)
    const came = yield* Ref.make(false)
    const counting: Accept = (message) => Effect.zipLeft(accept(message), Ref.set(came, true))
    const app = yield* webhook({ accept: counting, bot, groups, secret, url })

    /** Only trouble with the network is nothing to end for: answers wait for it anyway, and messages may still come. */
    const info = api.getWebhookInfo.pipe(
      Effect.map(Option.some),
      Effect.catchAll((error) =>
        error._tag === "TelegramUnreachable" || error.status === 429 || error.status >= 500
          ? Effect.as(Effect.logDebug(`Telegram did not say how its calls go: ${error.message}`), Option.none())
          : Effect.fail(failed(error))
      )
    )

    /** Looks after it for as long as it is set. Telegram need not have the URL letter for letter as we do. */
    const watch = Effect.gen(function* () {
      let set = Option.map(yield* info, ({ url }) => url)
      let wrong = Option.none<string>()
      while (true) {
        yield* Ref.set(came, false)
        yield* Effect.sleep(interval)
        const found = yield* info
        if (Option.isNone(found)) continue
        if (Option.exists(set, (set) => set !== found.value.url)) return yield* taken
        set = Option.some(found.value.url)
        const before = wrong
        wrong = complaint(found.value, url, !(yield* Ref.get(came)), yield* Clock.currentTimeMillis)
        if (Option.isSome(wrong)) {
          if (Option.isNone(before)) yield* Effect.logError(`telegram: ${wrong.value}`)
          yield* lost(wrong.value)
        } else if (Option.isSome(before)) {
          yield* Effect.logInfo("Telegram: its calls get through again")
          yield* opened
        }
      }
    })

    const begin = Effect.gen(function* () {
      yield* Effect.mapError(patiently(api.setWebhook({ url, secret, connections: maxConnections })), failed)
      yield* Effect.logInfo(`Telegram: receiving as @${bot.username}, by calls of ${recognisable(url)}`)
      yield* opened
      yield* watch
    })
    return yield* serve(app, { channel: "telegram", host, port }, begin)
  })
