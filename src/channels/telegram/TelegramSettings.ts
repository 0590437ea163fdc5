import * as Schema from "effect/Schema"

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
  )
})
export type TelegramSettings = typeof TelegramSettings.Type
