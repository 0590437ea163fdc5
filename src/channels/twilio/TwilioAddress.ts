import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Identity } from "../../identity/Identity.js"
import { Address } from "../Message.js"

/** The two ends of a conversation, each as Twilio writes it: `+…`, `whatsapp:+…`, `US.…`; `from` is the one of ours. */
export const Ends = Schema.Struct({ to: Schema.NonEmptyString, from: Schema.NonEmptyString })
export type Ends = typeof Ends.Type

const EndsAsText = Schema.parseJson(Ends)

export const addressBetween = (ends: Ends): Address => Address.make(Schema.encodeSync(EndsAsText)(ends))

export const endsOf: (address: Address) => Option.Option<Ends> = Schema.decodeOption(EndsAsText)

/** How to reach an account from a sender of ours that it has not written to. */
export const endsTowards = (identity: Identity, from: string): Option.Option<Ends> => {
  if (identity.provider !== "twilio") return Option.none()
  // WhatsApp delivers only to itself, and a business-scoped id is known to nobody but WhatsApp.
  if (from.startsWith("whatsapp:")) return Option.some({ to: `whatsapp:${identity.id}`, from })
  return identity.id.startsWith("+") ? Option.some({ to: identity.id, from }) : Option.none()
}
