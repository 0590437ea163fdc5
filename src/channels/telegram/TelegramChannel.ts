import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import { isUserNumber } from "../../identity/Identity.js"
import { type Channel, SendFailed } from "../Channel.js"
import * as TelegramAddress from "./TelegramAddress.js"
import * as TelegramApi from "./TelegramApi.js"
import * as TelegramCalls from "./TelegramCalls.js"
import * as TelegramPolling from "./TelegramPolling.js"
import type { TelegramSettings } from "./TelegramSettings.js"
import { notSent } from "./TelegramTrouble.js"

/** Telegram shows that somebody is writing for five seconds; later than that it would say nothing true. */
const shown = Duration.seconds(5)

/** Telegram: messages are fetched, or brought by calls of a webhook where it has a public URL. */
export const make = Effect.fn("TelegramChannel.make")(function* (
  settings: TelegramSettings,
  token: Redacted.Redacted
): Effect.fn.Return<Channel> {
  const api = TelegramApi.make(settings, token)
  const run = yield* Option.match(settings.publicUrl, {
    onNone: () => TelegramPolling.make(api, settings),
    onSome: (url) => TelegramCalls.make(api, settings, url, token)
  })

  /** What people know us as, once that was heard: to be asked for it, the server is needed. */
  const known = yield* Ref.make(Option.none<string>())
  const ask = api.getMe.pipe(
    Effect.timeout(shown),
    Effect.option,
    Effect.map(Option.map(({ username }) => `Telegram @${username}`)),
    Effect.tap((found) => Ref.set(known, found))
  )

  const send: Channel["send"] = Effect.fn("TelegramChannel.send")(function* (to, part) {
    const address = TelegramAddress.parse(to)
    if (Option.isNone(address)) {
      return yield* new SendFailed({ channel: "telegram", reason: "this is not a Telegram address", again: false })
    }
    yield* api.sendMessage(address.value, part).pipe(
      Effect.catchTag("TelegramRefused", (refused) => {
        if (refused.movedTo === undefined) return Effect.fail(refused)
        // It is the same group under its new number, by which nobody has let it in yet: only this answer follows it.
        const moved = "a Telegram group has become a supergroup, which has another number: list that in allowGroups"
        return Effect.zipRight(
          Effect.logWarning(`${moved} (warelay status shows it when somebody writes there)`),
          api.sendMessage({ chat: refused.movedTo, thread: Option.none() }, part)
        )
      }),
      Effect.mapError(notSent)
    )
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
        : Option.none(),
    contact: Effect.flatMap(Ref.get(known), Option.match({ onNone: () => ask, onSome: Effect.succeedSome }))
  }
})
