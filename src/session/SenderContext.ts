import * as Schema from "effect/Schema"
import { providers } from "../identity/Provider.js"

/**
 * What a transport knows of who wrote. `From` is the sender as the transport names it, `provider` is set where the
 * transport knows it, and `aliases` are other names of the same account that the transport vouches for (a Telegram
 * username beside its number, a phone number beside a WhatsApp id).
 */
export const SenderContext = Schema.Struct({
  From: Schema.optional(Schema.String),
  provider: Schema.optional(Schema.Literal(...providers)),
  chatType: Schema.optional(Schema.Literal("direct", "group")),
  aliases: Schema.optional(Schema.Array(Schema.String))
})
export type SenderContext = typeof SenderContext.Type

/** Whether many people write under this one name. A group is never looked up in the map. */
export const isGroup = ({ chatType, From = "" }: SenderContext): boolean =>
  chatType === "group" || From.endsWith("@g.us") || From.startsWith("group:")
