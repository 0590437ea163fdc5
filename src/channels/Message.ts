import * as Schema from "effect/Schema"
import { Hash } from "../identity/proof/Hash.js"
import { SenderContext } from "../session/SenderContext.js"
import { ChannelName } from "./ChannelNameSchema.js"

/** Where a channel delivers to. Only the channel that made it knows what is in it; a session key is never one. */
export const Address = Schema.String.pipe(Schema.brand("Address"))
export type Address = typeof Address.Type

/** A secret that was in a text, as much as is kept of it; nothing, where even that could not be made of it. */
export const Sealed = Schema.Struct({
  purpose: Schema.Literal("code", "word"),
  hash: Schema.optional(Hash),
  /** A word more that stood behind it. */
  more: Schema.optional(Schema.String)
})
export type Sealed = typeof Sealed.Type

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
  text: Schema.String,
  /** What came with the text and is not passed on, as one names it: `a photo`. */
  attached: Schema.optional(Schema.String),
  /** Whether its provider says that it was written by somebody else and passed on. */
  forwarded: Schema.optional(Schema.Boolean),
  /** In the place of a text that must not be kept. No channel sets it. */
  sealed: Schema.optional(Sealed)
}) {}
