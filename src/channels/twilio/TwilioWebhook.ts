import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import type { Accept } from "../Channel.js"
import * as Advice from "../webhook/Advice.js"
import { answering, bodyOf, expected, refusal } from "../webhook/Answer.js"
import { recognisable } from "../webhook/WebUrl.js"
import { messageOf } from "./InboundText.js"
import { type TwilioCredentials, type TwilioSettings, webhookPath } from "./TwilioSettings.js"
import { isSigned } from "./TwilioSignature.js"

const maxBody = 64 * 1024

/** Tells Twilio that there is nothing to say right now; the answer follows over the REST API. */
const acknowledgement = HttpServerResponse.text("<Response/>", { contentType: "text/xml" })

const isForm = (contentType: string | undefined): boolean =>
  contentType?.split(";")[0]?.trim().toLowerCase() === "application/x-www-form-urlencoded"

const queryOf = (url: string): string => (url.includes("?") ? url.slice(url.indexOf("?")) : "")

/** The URL that Twilio must have signed for this request to be genuine. None: the request came by another one. */
const signedUrl = (settings: TwilioSettings, request: HttpServerRequest.HttpServerRequest): Option.Option<string> =>
  Option.match(settings.publicUrl, {
    onNone: () => Option.some(`http://${request.headers["host"] ?? ""}${request.originalUrl}`),
    // A proxy may change scheme, host and path, but what it hands on of the query must be what was signed.
    onSome: (url) => (queryOf(url) === queryOf(request.originalUrl) ? Option.some(url) : Option.none())
  })

/** What the person who runs the relay is told of a signature that does not fit. */
const advice = (url: Option.Option<string>): string => {
  const checked = Option.match(url, {
    onNone: () => "its query is not that of twilio.publicUrl",
    onSome: (url) => `it was checked for ${printable(recognisable(url))}`
  })
  return (
    `twilio: a request with a wrong signature was refused (${checked}). If it came from Twilio, set twilio.publicUrl ` +
    "to exactly the URL that Twilio calls, and check TWILIO_AUTH_TOKEN."
  )
}

/**
 * Answers Twilio's calls for incoming messages. Nothing in a body is looked at before its signature was found to be
 * right, nothing of it is read before there is a signature, and 200 is answered after `accept` has succeeded.
 */
export const webhook = (
  settings: TwilioSettings,
  credentials: TwilioCredentials,
  accept: Accept
): Effect.Effect<HttpApp.Default> =>
  Effect.map(Advice.make, (advise) =>
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      yield* expected(request, webhookPath(settings))
      const signature = request.headers["x-twilio-signature"]
      if (signature === undefined) return refusal(403, "The signature is missing.")
      if (!isForm(request.headers["content-type"])) return refusal(415, "Only forms are read here.")
      const form = new URLSearchParams(yield* bodyOf(request, maxBody))
      const url = signedUrl(settings, request)
      if (Option.isNone(url) || !isSigned({ url: url.value, form, signature }, credentials.authToken)) {
        yield* advise(advice(url))
        return refusal(403, "The signature is wrong.")
      }

      const message = messageOf(form)
      if (Option.isNone(message)) return refusal(400, "This is not an incoming message.")
      return yield* answering(accept, message.value, acknowledgement)
    }).pipe(Effect.merge)
  )
