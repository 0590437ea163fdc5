import * as Redacted from "effect/Redacted"
import { validateRequest } from "twilio/lib/webhooks/webhooks.js"

/** Twilio sends some thirty fields; checking very many costs more than a stranger may make us spend. */
const maxFields = 500

/**
 * Whether Twilio signed this URL with exactly these form fields: base64 of HMAC-SHA1, keyed with the auth token, over
 * the URL and the sorted fields (twilio.com/docs/usage/security). Every field that came is part of it, known or not.
 */
export const isSigned = (
  request: { readonly url: string; readonly form: URLSearchParams; readonly signature: string },
  authToken: Redacted.Redacted
): boolean => {
  const fields = new Map<string, Array<string>>()
  for (const [name, value] of request.form) {
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [value])
    else values.push(value)
  }
  const token = Redacted.value(authToken)
  return (
    token !== "" &&
    request.form.size <= maxFields &&
    URL.canParse(request.url) &&
    validateRequest(token, request.signature, request.url, Object.fromEntries(fields))
  )
}
