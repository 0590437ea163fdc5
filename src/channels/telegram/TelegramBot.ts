import * as Schema from "effect/Schema"

/** The account that the token belongs to (core.telegram.org/bots/api#getme). */
export const TelegramBot = Schema.Struct({
  id: Schema.Int,
  username: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_]+$/))
})
export type TelegramBot = typeof TelegramBot.Type
