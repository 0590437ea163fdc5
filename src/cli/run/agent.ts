import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { prompt } from "../../agent/Prompt.js"
import { Turns } from "../../agent/Turns.js"
import { Channels } from "../../channels/Channel.js"
import { Address, Message } from "../../channels/Message.js"
import { printableLines } from "../../config/Printable.js"
import type { Identity } from "../../identity/Identity.js"
import type { Provider } from "../../identity/Provider.js"
import * as channels from "../../layers/channels.js"
import * as turns from "../../layers/turns.js"
import { admission } from "../../relay/Allowlist.js"
import { deliver } from "../../relay/Delivery.js"
import { RelaySettings } from "../../relay/RelaySettings.js"
import { ProviderDetector } from "../../session/ProviderDetector.js"
import type { SenderContext } from "../../session/SenderContext.js"
import type { SessionId } from "../../session/SessionId.js"
import { refused } from "../options.js"
import * as Json from "../render/json.js"

export interface Line {
  readonly to: string
  readonly message: string
  readonly provider: Option.Option<Provider>
  readonly session: Option.Option<SessionId>
  readonly deliver: boolean
  readonly json: boolean
}

/** The provider gives us no way to begin a conversation with this account. */
export class NotReachable extends Schema.TaggedError<NotReachable>()("NotReachable", { identity: Schema.String }) {
  override get message(): string {
    return (
      `an answer cannot be delivered to ${this.identity}: its provider does not let us write to it by that name. ` +
      "A Telegram account is reached by its number, and only after it has written to the bot. Claude was not asked."
    )
  }
}

const delivery = (identity: Identity) =>
  Effect.gen(function* () {
    const open = yield* Channels
    for (const channel of open) {
      const address = channel.addressOf(identity)
      if (Option.isSome(address)) return (text: string) => deliver(channel, address.value, text)
    }
    return yield* new NotReachable({ identity: identity.toString() })
  }).pipe(Effect.provide(channels.layer([identity.provider])))

/** One turn as the relay would have it, were the message from the account that `to` names. */
export const run = ({ deliver, json, message, provider, session, to }: Line) =>
  Effect.gen(function* () {
    const detector = yield* ProviderDetector
    const sender: SenderContext & { readonly From: string } = {
      From: to,
      provider: Option.getOrUndefined(provider),
      chatType: "direct"
    }
    const { named } = detector.read(sender)
    if (Option.isNone(named)) {
      return yield* refused("to", to, "an account, such as whatsapp:+1234567890, telegram:@john or twilio:+1234567890")
    }
    const send = yield* Option.match(
      Option.filter(named, () => deliver),
      {
        onNone: () => Effect.succeed(() => Effect.void),
        onSome: delivery
      }
    )
    // On the console one speaks as anybody, and so does whoever types this.
    const asTyped = new Message({
      channel: "console",
      id: "",
      sender,
      author: named.value.toString(),
      address: Address.make(to),
      text: message
    })
    const speaker = Option.getOrElse(admission(yield* RelaySettings, detector)(asTyped), () => ({
      provider: named.value.provider,
      name: Option.none(),
      account: named.value.toString()
    }))
    const { run } = yield* Turns
    const answered = yield* run({ sender, text: message, prompt: (text) => prompt({ ...speaker, text }), session })
    const { key, text } = answered
    yield* Console.log(
      json ? Json.json({ key, sessionId: Option.getOrNull(answered.session), text }) : printableLines(text)
    )
    yield* send(text)
  }).pipe(Effect.scoped, Effect.provide(turns.layer({ isRelay: false, echoWithoutClaude: false })))
