import * as Schema from "effect/Schema"
import { SenderContext } from "../session/SenderContext.js"

export const ChannelName = Schema.Literal("telegram", "twilio", "whatsapp", "console")
export type ChannelName = typeof ChannelName.Type

/** Where a channel delivers to. Only the channel that made it knows what is in it; a session key is never one. */
export const Address = Schema.String.pipe(Schema.brand("Address"))
export type Address = typeof Address.Type

/** One text that came in, with everything that is needed to answer it later, on another day, in another process. */
export class Message extends Schema.Class<Message>("Message")({
  channel: ChannelName,
  /** The provider's id of the message: unique in its channel for as long as the provider may deliver it again. */
  id: Schema.String,
  sender: SenderContext,
  /** Who wrote, as the transport names them: the sender of a direct message, the person who speaks in a group. */
  author: Schema.String,
  /** Where the answer goes. */
  address: Address,
  text: Schema.String
}) {}
