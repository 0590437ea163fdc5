import * as Data from "effect/Data"
import type { ChannelName } from "../channels/ChannelName.js"
import type { Message } from "../channels/Message.js"

/** What happens in a relay, for those who watch it. Times and durations in milliseconds; reasons are lines for the log. */
export type Happening = Data.TaggedEnum<{
  /** The outside world has let a channel in: messages come. */
  Opened: { readonly channel: ChannelName }
  /** None come through this channel; the next attempt is at that time, if the relay makes one. */
  Failed: { readonly channel: ChannelName; readonly reason: string; readonly again?: number }
  /** The channel's input has ended. */
  Ended: { readonly channel: ChannelName }
  /** Nothing more is received, and what waits is left. */
  Stopping: {}
  /** Somebody wrote who may not. */
  TurnedAway: { readonly message: Message }
  /** A new message is in the inbox. */
  Received: { readonly message: Message }
  /** It was not taken after all, because too many of its sender's wait. */
  Refused: { readonly message: Message }
  /** There is something to answer, and whether it is what was asked for. */
  Answered: { readonly message: Message; readonly given: boolean; readonly took: number }
  /** The provider has all of the answer. */
  Delivered: { readonly message: Message }
  /** The answer is kept. */
  Undelivered: { readonly message: Message }
}>

export const Happening = Data.taggedEnum<Happening>()
