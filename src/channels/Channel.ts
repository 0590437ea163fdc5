import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Identity } from "../identity/Identity.js"
import { ChannelName } from "./ChannelNameSchema.js"
import type { Address, Message } from "./Message.js"

/** The channel stopped receiving. `reason` is a sentence without secrets and with masked numbers. */
export class ChannelFailed extends Schema.TaggedError<ChannelFailed>()("ChannelFailed", {
  channel: ChannelName,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.channel}: ${this.reason}`
  }
}

/** A part was not delivered. It is worth another attempt if `again` is true, not before `retryAfter` if that is set. */
export class SendFailed extends Schema.TaggedError<SendFailed>()("SendFailed", {
  channel: ChannelName,
  reason: Schema.String,
  again: Schema.Boolean,
  retryAfter: Schema.optional(Schema.DurationFromSelf)
}) {
  override get message(): string {
    return `${this.channel} did not take the answer: ${this.reason}`
  }
}

/** A message could not be kept, so it has to be delivered again. `reason` is a sentence without secrets. */
export class NotTaken extends Schema.TaggedError<NotTaken>()("NotTaken", { reason: Schema.String }) {
  override get message(): string {
    return `a message was not taken, because it could not be kept: ${this.reason}`
  }
}

/** What a channel does with a message. When it has succeeded, the message is in safe hands; it is not answered yet. */
export type Accept = (message: Message) => Effect.Effect<void, NotTaken>

/** What a channel tells of itself while it runs, for those who watch. */
export interface Signals {
  /** The outside world has let it in: from now on messages come. */
  readonly opened: Effect.Effect<void>
  /** None come any more until it says otherwise, though it goes on running. `reason` is as that of `ChannelFailed`. */
  readonly lost: (reason: string) => Effect.Effect<void>
}

/** Nobody watches. */
export const unwatched: Signals = { opened: Effect.void, lost: () => Effect.void }

/** One way in which messages come and answers go. */
export interface Channel {
  readonly name: ChannelName
  /** The longest part that `send` takes, in UTF-16 code units. */
  readonly limit: number
  /**
   * Receives until it is interrupted, fails, or its input has ended. A message is acknowledged to the outside only
   * after `accept` has succeeded for it; `accept` does not wait for the answer.
   */
  readonly run: (accept: Accept, signals?: Signals) => Effect.Effect<void, ChannelFailed>
  /** Delivers one part of an answer, once. */
  readonly send: (to: Address, part: string) => Effect.Effect<void, SendFailed>
  /** Shows for a few seconds that an answer is being written, where the provider can; never fails. */
  readonly typing: (to: Address) => Effect.Effect<void>
  /** Where a message for this account would go, if this channel can begin a conversation with it. */
  readonly addressOf: (identity: Identity) => Option.Option<Address>
  /** How people find us there, as the end of a sentence: `Telegram @our_bot`; none while that is not known. */
  readonly contact?: Effect.Effect<Option.Option<string>>
}

/** The channels that are switched on. */
export class Channels extends Context.Tag("warelay/channels/Channels")<Channels, ReadonlyArray<Channel>>() {}
