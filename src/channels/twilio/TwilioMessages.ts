import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { masked } from "../../config/Masked.js"
import { printable } from "../../config/Printable.js"
import { SendFailed } from "../Channel.js"
import type { Ends } from "./TwilioAddress.js"
import type { TwilioCredentials, TwilioSettings } from "./TwilioSettings.js"

/** Twilio itself answers within a second or two. */
const patience = Duration.seconds(20)

const Created = Schema.parseJson(Schema.Struct({ sid: Schema.String }))
const Refused = Schema.parseJson(Schema.Struct({ code: Schema.Number, message: Schema.String }))

const failed = (reason: string, again: boolean) => new SendFailed({ channel: "twilio", reason, again })

/** `Retry-After` in seconds (RFC 9110, 10.2.3); Twilio does not use the form that is a date. */
const retryAfter = (response: HttpClientResponse.HttpClientResponse): Option.Option<Duration.Duration> =>
  Option.fromNullable(response.headers["retry-after"]).pipe(
    Option.filter((seconds) => /^[0-9]{1,5}$/.test(seconds)),
    Option.map((seconds) => Duration.seconds(Number(seconds)))
  )

/** Too many requests, and too many messages that wait for the number to send them: what only has to wait, whatever the status. */
const passing = new Set([20_429, 21_611])

const refusalOf = (response: HttpClientResponse.HttpClientResponse, body: string): SendFailed => {
  const refused = Schema.decodeOption(Refused)(body)
  const detail = Option.match(refused, {
    onNone: () => `it answered with HTTP status ${response.status}`,
    onSome: ({ code, message }) => `${printable(masked(message.slice(0, 300)))} (Twilio's error ${code})`
  })
  const reason =
    response.status === 401 ? `TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN do not fit together: ${detail}` : detail
  return new SendFailed({
    channel: "twilio",
    reason,
    again: response.status === 429 || response.status >= 500 || Option.exists(refused, ({ code }) => passing.has(code)),
    ...Option.match(retryAfter(response), { onNone: () => ({}), onSome: (wait) => ({ retryAfter: wait }) })
  })
}

/** Sends one message (twilio.com/docs/messaging/api/message-resource#create-a-message-resource). */
export const makeSend = (settings: TwilioSettings, credentials: TwilioCredentials) =>
  Effect.map(HttpClient.HttpClient, (http) => {
    // Neither the account nor anything about its people is for traces, here or at Twilio.
    const client = HttpClient.withTracerDisabledWhen(http, () => true)
    const messages = `${settings.apiUrl.replace(/\/+$/, "")}/2010-04-01/Accounts/${credentials.accountSid}/Messages.json`
    const host = new URL(settings.apiUrl).host

    return Effect.fn("TwilioMessages.send")(function* ({ to, from }: Ends, text: string) {
      const sender = from.startsWith("MG") ? { MessagingServiceSid: from } : { From: from }
      const request = HttpClientRequest.post(messages).pipe(
        HttpClientRequest.basicAuth(credentials.accountSid, credentials.authToken),
        HttpClientRequest.acceptJson,
        HttpClientRequest.bodyUrlParams({ To: to, ...sender, Body: text })
      )
      const [response, body] = yield* client.execute(request).pipe(
        Effect.flatMap((response) => Effect.map(response.text, (body) => [response, body] as const)),
        Effect.catchAll(() => Effect.fail(failed(`${host} cannot be reached`, true))),
        Effect.timeoutFail({
          duration: patience,
          onTimeout: () => failed(`${host} did not answer within ${Duration.format(patience)}`, true)
        })
      )
      if (response.status < 200 || response.status > 299) return yield* refusalOf(response, body)
      // Without the new message's id this was not Twilio, and nobody has got the answer.
      if (Option.isNone(Schema.decodeOption(Created)(body)))
        return yield* failed(`${host} does not answer as Twilio does: check twilio.apiUrl`, false)
    })
  })
