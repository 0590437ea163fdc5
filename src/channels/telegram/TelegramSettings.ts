import * as Schema from "effect/Schema"
import { webUrl } from "../webhook/WebUrl.js"

/** A server's address without account, query or fragment: the token goes behind it as part of the path. */
const ApiUrl = Schema.String.pipe(
  Schema.pattern(/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/, {
    message: () => "the address of a Bot API server is expected, such as https://api.telegram.org"
  })
)

/** The form of TELEGRAM_BOT_TOKEN. It becomes part of a URL, and anything else could make another path of that. */
export const tokenForm = /^[0-9]+:[A-Za-z0-9_-]+$/

/** The `telegram` section of the configuration. The token is not in it: secrets come from the environment. */
export const TelegramSettings = Schema.Struct({
  /** Where the Bot API is: Telegram's own server, or one that you run yourself (core.telegram.org/bots/api). */
  apiUrl: Schema.optionalWith(ApiUrl, { default: () => "https://api.telegram.org" }),
  /** How long one request for messages stays open when there are none. Telegram cuts it off at 50 seconds. */
  pollSeconds: Schema.optionalWith(
    Schema.Int.pipe(Schema.between(1, 50, { message: () => "a whole number of seconds from 1 to 50 is expected" })),
    { default: () => 30 }
  ),
  /** Which messages in a group are for us: those that mention or reply to the bot, or all that Telegram shows it. */
  groups: Schema.optionalWith(
    Schema.Literal("mentioned", "all").annotations({ message: () => 'expected "mentioned" or "all"' }),
    { default: () => "mentioned" as const }
  ),
  /**
   * The URL at which Telegram calls the webhook. Without it there is no webhook: messages are fetched. For all but a Bot
   * API server of one's own it begins with `https:`, and its port is 443, 80, 88 or 8443.
   */
  publicUrl: Schema.optionalWith(webUrl("https://relay.example.org/telegram"), { as: "Option" }),
  /** The address of this machine on which the webhook listens. */
  host: Schema.optionalWith(Schema.NonEmptyString, { default: () => "127.0.0.1" }),
  port: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 65_535)), { default: () => 3211 }),
  /** How many calls Telegram may make at the same time. Those about one chat come one after the other all the same. */
  maxConnections: Schema.optionalWith(
    Schema.Int.pipe(Schema.between(1, 100, { message: () => "a whole number from 1 to 100 is expected" })),
    { default: () => 40 }
  )
})
export type TelegramSettings = typeof TelegramSettings.Type
