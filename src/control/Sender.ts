import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type Channel, Channels } from "../channels/Channel.js"
import { ChannelName } from "../channels/ChannelNameSchema.js"
import { masked } from "../config/Masked.js"
import { Identity } from "../identity/Identity.js"
import { type AnswerNotDelivered, deliver } from "../relay/Delivery.js"

/** The relay that runs has no channel to the provider of the account. */
export class ChannelNotServed extends Schema.TaggedError<ChannelNotServed>()("ChannelNotServed", {
  identity: Schema.String,
  provider: Schema.String,
  served: Schema.Array(ChannelName)
}) {
  override get message(): string {
    return (
      `nothing was sent to ${this.identity}: the relay that runs does not serve ${this.provider}, only ` +
      `${this.served.join(", ")}. Start it with ${this.provider} among its providers`
    )
  }
}

/** The provider gives us no way to begin a conversation with this account. */
export class CannotBegin extends Schema.TaggedError<CannotBegin>()("CannotBegin", { identity: Schema.String }) {
  override get message(): string {
    return (
      `nothing was sent to ${this.identity}: its provider does not let us write to it by that name. A Telegram account is ` +
      "reached by its number, such as telegram:123456789, and only after it has written to the bot"
    )
  }
}

/** No provider delivers a text in which nothing can be seen. */
export class NothingToSend extends Schema.TaggedError<NothingToSend>()("NothingToSend", { identity: Schema.String }) {
  override get message(): string {
    return `nothing was sent to ${this.identity}: there is nothing in the text`
  }
}

/** So many are being sent, some of them perhaps for minutes, that no more are begun. */
export class TooManySends extends Schema.TaggedError<TooManySends>()("TooManySends", {
  identity: Schema.String,
  most: Schema.Int
}) {
  override get message(): string {
    return `nothing was sent to ${this.identity}: the relay is busy with ${this.most} messages like this one. Try again when some are done`
  }
}

/** So many are sent at the same time. */
const most = 16

/** What came of it. */
export const Sent = Schema.Struct({ channel: ChannelName, to: Schema.String })
export type Sent = typeof Sent.Type

export class Sender extends Context.Tag("warelay/control/Sender")<
  Sender,
  {
    /**
     * Sends a text that is no answer to anybody, through the channel of the account's provider, or else the console, on
     * which one is everybody. Only so many at a time. When it has succeeded, the provider has taken all of it.
     */
    readonly send: (
      to: Identity,
      text: string
    ) => Effect.Effect<Sent, NothingToSend | ChannelNotServed | CannotBegin | TooManySends | AnswerNotDelivered>
  }
>() {}

const channelFor = (channels: ReadonlyArray<Channel>, { provider }: Identity): Option.Option<Channel> =>
  Option.fromNullable(channels.find(({ name }) => name === provider) ?? channels.find(({ name }) => name === "console"))

export const layer: Layer.Layer<Sender, never, Channels> = Layer.effect(
  Sender,
  Effect.zipWith(Channels, Effect.makeSemaphore(most), (channels, permits) => ({
    send: Effect.fn("Sender.send")((to: Identity, text: string) =>
      Effect.gen(function* () {
        const identity = to.toString()
        if (text.trim() === "") return yield* new NothingToSend({ identity })
        const channel = channelFor(channels, to)
        if (Option.isNone(channel)) {
          const served = channels.map(({ name }) => name)
          return yield* new ChannelNotServed({ identity, provider: to.provider, served })
        }
        const address = channel.value.addressOf(to)
        if (Option.isNone(address)) return yield* new CannotBegin({ identity })
        const sent = yield* permits.withPermitsIfAvailable(1)(deliver(channel.value, address.value, text))
        if (Option.isNone(sent)) return yield* new TooManySends({ identity, most })
        yield* Effect.logInfo(`a message was sent to ${masked(identity)}, as it was asked for`)
        return { channel: channel.value.name, to: identity }
      })
    )
  }))
)
