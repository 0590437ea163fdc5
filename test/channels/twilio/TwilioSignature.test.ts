import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import { isSigned } from "../../../src/channels/twilio/TwilioSignature.js"
import { type Fields, formEncoded, signatureOf } from "../../support/twilio-server.js"

const url = "https://mycompany.com/myapp.php?foo=1&bar=2"
const fieldsFor = (caller: string) =>
  [
    ["CallSid", "CA1234567890ABCDE"],
    ["Caller", caller],
    ["Digits", "1234"],
    ["From", caller],
    ["To", "+18005551212"]
  ] as const
const published = [
  ["+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="],
  ["+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="]
] as const

const form = (fields: Fields) => new URLSearchParams(formEncoded(fields))
const token = Redacted.make("12345")

describe("TwilioSignature", () => {
  for (const [caller, signature] of published) {
    it(`the signature that Twilio publishes for ${caller} is right`, () => {
      assert.isTrue(isSigned({ url, form: form(fieldsFor(caller)), signature }, token))
    })
    it(`the tests' own signer agrees with what Twilio publishes for ${caller}`, () => {
      assert.strictEqual(signatureOf("12345", url, fieldsFor(caller)), signature)
    })
  }

  const [caller, signature] = published[0]
  const fields = fieldsFor(caller)
  const wrong: ReadonlyArray<readonly [string, boolean]> = [
    ["another token", isSigned({ url, form: form(fields), signature }, Redacted.make("12346"))],
    [
      "an empty token",
      isSigned({ url, form: form(fields), signature: signatureOf("", url, fields) }, Redacted.make(""))
    ],
    ["another value", isSigned({ url, form: form([...fields.slice(0, 4), ["To", "+18005551213"]]), signature }, token)],
    ["a field more", isSigned({ url, form: form([...fields, ["Extra", ""]]), signature }, token)],
    ["a field less", isSigned({ url, form: form(fields.slice(1)), signature }, token)],
    ["a second value", isSigned({ url, form: form([...fields, ["To", "+1"]]), signature }, token)],
    ["another path", isSigned({ url: url.replace("myapp", "yourapp"), form: form(fields), signature }, token)],
    ["another query", isSigned({ url: `${url}&baz=3`, form: form(fields), signature }, token)],
    ["no query", isSigned({ url: "https://mycompany.com/myapp.php", form: form(fields), signature }, token)],
    ["another scheme", isSigned({ url: url.replace("https", "http"), form: form(fields), signature }, token)],
    ["a shorter signature", isSigned({ url, form: form(fields), signature: signature.slice(0, -1) }, token)],
    ["no signature", isSigned({ url, form: form(fields), signature: "" }, token)],
    ["what is no URL", isSigned({ url: "http://a b/", form: form(fields), signature }, token)]
  ]
  for (const [what, answer] of wrong) it(`${what} makes a signature wrong`, () => assert.isFalse(answer))

  it("fields that Twilio adds without notice are part of what is signed", () => {
    const more = [...fields, ["__proto__", "x"], ["constructor", "y"], ["NewField", "é漢🙂+ &="]] as const
    assert.isTrue(isSigned({ url, form: form(more), signature: signatureOf("12345", url, more) }, token))
    assert.isFalse(isSigned({ url, form: form(fields), signature: signatureOf("12345", url, more) }, token))
    assert.isFalse(isSigned({ url, form: form(more), signature }, token))
  })

  it("a field that is there several times is signed with each of its values", () => {
    const more = [...fields, ["MediaUrl", "b"], ["MediaUrl", "a"], ["MediaUrl", "b"]] as const
    assert.isTrue(isSigned({ url, form: form(more), signature: signatureOf("12345", url, more) }, token))
  })

  it("a form of thousands of fields is refused without the work of checking it", () => {
    const many = Array.from({ length: 501 }, (_, i) => [`f${i}`, "x"] as const)
    assert.isFalse(isSigned({ url, form: form(many), signature: signatureOf("12345", url, many) }, token))
    const few = many.slice(1)
    assert.isTrue(isSigned({ url, form: form(few), signature: signatureOf("12345", url, few) }, token))
  })
})
