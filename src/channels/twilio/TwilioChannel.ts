import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Channel, SendFailed, unwatched } from "../Channel.js"
import { serve } from "../webhook/WebhookServer.js"
import { addressBetween, endsOf, endsTowards } from "./TwilioAddress.js"
import { makeSend } from "./TwilioMessages.js"
import type { TwilioCredentials, TwilioSettings } from "./TwilioSettings.js"
import { webhook } from "./TwilioWebhook.js"

/** The number that people know; none where a messaging service chooses one out of several. */
const contactOf = (from: string): Option.Option<string> => {
  if (from.startsWith("whatsapp:")) return Option.some(`WhatsApp ${from.slice("whatsapp:".length)}`)
  return from.startsWith("+") ? Option.some(`text message ${from}`) : Option.none()
}

/**
 * Text messages, and WhatsApp through Twilio: they come in by a webhook that Twilio calls, and answers go out over
 * Twilio's REST API, from the number that was written to.
 */
export const make = (
  settings: TwilioSettings,
  credentials: TwilioCredentials
): Effect.Effect<Channel, never, HttpClient.HttpClient> =>
  Effect.map(makeSend(settings, credentials), (send) => ({
    name: "twilio",
    // A longer body is refused (twilio.com/docs/api/errors/21617).
    limit: 1_600,
    run: (accept, { opened } = unwatched) =>
      Effect.flatMap(webhook(settings, credentials, accept), (app) =>
        serve(app, { channel: "twilio", host: settings.host, port: settings.port }, opened)
      ),
    send: (to, part) =>
      Option.match(endsOf(to), {
        onNone: () => new SendFailed({ channel: "twilio", reason: "the address is not one of Twilio's", again: false }),
        onSome: (ends) => send(ends, part)
      }),
    // Text messages have no sign for it.
    typing: () => Effect.void,
    addressOf: (identity) => Option.map(endsTowards(identity, credentials.from), addressBetween),
    contact: Effect.succeed(contactOf(credentials.from))
  }))
