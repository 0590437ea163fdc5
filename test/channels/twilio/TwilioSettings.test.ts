import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { TwilioCredentials, TwilioSettings, webhookPath } from "../../../src/channels/twilio/TwilioSettings.js"

const decode = Schema.decodeUnknownEither(TwilioSettings)
const settings = Schema.decodeUnknownSync(TwilioSettings)

describe("TwilioSettings", () => {
  it("everything has a default", () => {
    const { publicUrl, ...others } = settings({})
    assert.deepEqual(others, { apiUrl: "https://api.twilio.com", host: "127.0.0.1", port: 3210 })
    assert.isTrue(Option.isNone(publicUrl))
  })

  it("the webhook is served on the path that Twilio calls", () => {
    assert.strictEqual(webhookPath(settings({})), "/twilio")
    assert.strictEqual(webhookPath(settings({ publicUrl: "https://a.example/in/x?y=1" })), "/in/x")
    assert.strictEqual(webhookPath(settings({ publicUrl: "https://a.example" })), "/")
  })

  const refused: ReadonlyArray<unknown> = [
    { publicUrl: "a.example/in" },
    { publicUrl: "ftp://a.example/in" },
    { publicUrl: "https://a b/" },
    { publicUrl: "https://a.example/#x" },
    { publicUrl: "" },
    { apiUrl: "api.twilio.com" },
    { port: 0 },
    { port: 65_536 },
    { port: 80.5 },
    { host: "" }
  ]
  for (const section of refused)
    it(`${JSON.stringify(section)} is refused`, () => assert.isTrue(Either.isLeft(decode(section))))

  it("an account without a token is none, and a refusal does not show what was in the token's place", () => {
    const credentials = Schema.decodeUnknownEither(TwilioCredentials)
    const accountSid = `AC${"0".repeat(32)}`
    assert.isTrue(Either.isLeft(credentials({ accountSid, authToken: "", from: "+15005550006" })))
    assert.isTrue(Either.isLeft(credentials({ accountSid: "AC/../x", authToken: "t", from: "+15005550006" })))
    const decoded = Either.getOrThrow(credentials({ accountSid, authToken: "s3cret", from: "+15005550006" }))
    assert.strictEqual(Redacted.value(decoded.authToken), "s3cret")
    assert.notInclude(JSON.stringify(decoded) + String(decoded.authToken), "s3cret")
    const wrong = credentials({ accountSid: "x", authToken: "s3cret", from: "" })
    assert.notInclude(String(Either.getOrThrow(Either.flip(wrong))), "s3cret")
  })
})
