import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Message } from "../Message.js"
import { addressBetween } from "./TwilioAddress.js"

/** The fields of a message webhook that matter here (twilio.com/docs/messaging/guides/webhook-request). */
const InboundText = Schema.Struct({
  MessageSid: Schema.NonEmptyString,
  From: Schema.NonEmptyString,
  To: Schema.NonEmptyString,
  Body: Schema.optionalWith(Schema.String, { default: () => "" }),
  // Of WhatsApp messages; nothing is said of a text message.
  Forwarded: Schema.optional(Schema.String),
  FrequentlyForwarded: Schema.optional(Schema.String),
  NumMedia: Schema.optionalWith(Schema.NumberFromString, { default: () => 0 }),
  // Of reports on what was sent from here (twilio.com/docs/messaging/guides/track-outbound-message-status), if they are sent
  // to the same URL. Their sender is our own number.
  MessageStatus: Schema.optionalWith(Schema.Literal("receiving", "received"), { default: () => "received" })
})
type InboundText = typeof InboundText.Type

const decode = Schema.decodeUnknownOption(InboundText)

const attachedTo = ({ NumMedia }: InboundText): string | undefined => {
  if (NumMedia > 1) return `${NumMedia} attachments`
  return NumMedia === 1 ? "an attachment" : undefined
}

/** Pictures, places and contact cards come without a text; the conversation should know that something did come. */
const said = (inbound: InboundText): Pick<Message, "text" | "attached"> => {
  const attached = attachedTo(inbound)
  if (inbound.Body.trim() !== "") return { text: inbound.Body, ...(attached === undefined ? {} : { attached }) }
  return {
    text: attached === undefined ? "(a message without text)" : `(Sent ${attached}. Only text is passed on here.)`
  }
}

const isForwarded = ({ Forwarded, FrequentlyForwarded }: InboundText): boolean =>
  [Forwarded, FrequentlyForwarded].some((said) => said?.toLowerCase() === "true")

/** The message that a signed form contains, or nothing if the form is of another kind. */
export const messageOf = (form: URLSearchParams): Option.Option<Message> =>
  Option.map(
    decode(Object.fromEntries(form)),
    (inbound) =>
      new Message({
        channel: "twilio",
        id: inbound.MessageSid,
        sender: { From: inbound.From, provider: "twilio", chatType: "direct" },
        author: inbound.From,
        // The answer must come from the number that was written to, which need not be TWILIO_FROM.
        address: addressBetween({ to: inbound.From, from: inbound.To }),
        ...said(inbound),
        ...(isForwarded(inbound) ? { forwarded: true } : {})
      })
  )
