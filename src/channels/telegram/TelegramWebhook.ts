import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Accept } from "../Channel.js"
import * as Advice from "../webhook/Advice.js"
import { answering, bodyOf, expected, refusal } from "../webhook/Answer.js"
import { pathOf } from "../webhook/WebUrl.js"
import * as TelegramAlbums from "./TelegramAlbums.js"
import type { TelegramBot } from "./TelegramBot.js"
import { read, Skipped, TelegramUpdate } from "./TelegramMessage.js"
import { isSecret } from "./TelegramSecret.js"
import type { TelegramSettings } from "./TelegramSettings.js"

/**
 * More than any update has: a formatted message of 32,768 characters, in answer to another one, every character with a format
 * of its own. One that is refused for its length would be brought again for a day, and all that is written in its chat would
 * wait behind it. Nobody but Telegram gets as far as this.
 */
const maxBody = 32 * 1024 * 1024

const acknowledgement = HttpServerResponse.empty({ status: 200 })

const decode = Schema.decodeOption(Schema.parseJson(TelegramUpdate))

const advice =
  "telegram: a call without this bot's secret was refused. If it came from Telegram, then telegram.publicUrl leads to the " +
  "wrong relay, or another program has set a webhook for this bot with the same URL: start the relay again."

/** Who is called, how it is known that Telegram calls, and what is done with a message. */
export interface Called {
  readonly bot: TelegramBot
  readonly url: string
  readonly groups: TelegramSettings["groups"]
  readonly secret: Redacted.Redacted
  /** Runs at each of its calls, whatever is in it. */
  readonly called: Effect.Effect<void>
  readonly accept: Accept
}

/**
 * Answers Telegram's calls (core.telegram.org/bots/api#setwebhook). Nothing of a body is read before the secret was found
 * to be right, and 200 is answered after `accept` has succeeded: what is not answered so is brought again.
 */
export const webhook = ({ accept, bot, called, groups, secret, url }: Called): Effect.Effect<HttpApp.Default> =>
  Effect.map(Advice.make, (advise) => {
    const albums = TelegramAlbums.make()
    return Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      yield* expected(request, pathOf(url))
      if (!isSecret(request.headers["x-telegram-bot-api-secret-token"], secret)) {
        yield* advise(advice)
        return refusal(401, "The secret token is missing or wrong.")
      }
      yield* called
      const update = decode(yield* bodyOf(request, maxBody))
      if (Option.isNone(update)) return refusal(400, "This is not an update.")
      const incoming = read(bot, groups, albums, update.value)
      if (incoming instanceof Skipped) {
        yield* Effect.logDebug(`Telegram update ${update.value.update_id} skipped: ${incoming.why}`)
        return acknowledgement
      }
      return yield* answering(accept, incoming, acknowledgement)
    }).pipe(Effect.merge)
  })
