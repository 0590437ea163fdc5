import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { pathOf, webUrl } from "../webhook/WebUrl.js"

const WebUrl = webUrl("https://relay.example.org/twilio")

/** The section `twilio` of the configuration file. */
export const TwilioSettings = Schema.Struct({
  /** Where messages are sent to. */
  apiUrl: Schema.optionalWith(WebUrl, { default: () => "https://api.twilio.com" }),
  /** The address of this machine on which the webhook listens. */
  host: Schema.optionalWith(Schema.NonEmptyString, { default: () => "127.0.0.1" }),
  port: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 65_535)), { default: () => 3210 }),
  /**
   * The URL that Twilio calls, character for character as it stands in Twilio's console. Twilio signs it, so behind a
   * proxy or a tunnel, where a request does not show it, it has to be set.
   */
  publicUrl: Schema.optionalWith(WebUrl, { as: "Option" })
})
export type TwilioSettings = typeof TwilioSettings.Type

/** What stands in the environment instead of the file. */
export const TwilioCredentials = Schema.Struct({
  /** TWILIO_ACCOUNT_SID */
  accountSid: Schema.String.pipe(
    Schema.pattern(/^AC[0-9a-fA-F]{32}$/, { message: () => "expected AC and 32 hexadecimal digits" })
  ),
  /** TWILIO_AUTH_TOKEN */
  authToken: Schema.Redacted(Schema.NonEmptyString),
  /** TWILIO_FROM: the sender of a conversation that begins here: `+…`, `whatsapp:+…`, or a messaging service, `MG…`. */
  from: Schema.NonEmptyString
})
export type TwilioCredentials = typeof TwilioCredentials.Type

/** The path on which the webhook is served: the one that Twilio calls, as far as that is known. */
export const webhookPath = (settings: TwilioSettings): string =>
  Option.match(settings.publicUrl, { onNone: () => "/twilio", onSome: pathOf })
