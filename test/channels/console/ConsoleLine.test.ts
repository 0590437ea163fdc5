import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { ConsoleLine, example, readLine } from "../../../src/channels/console/ConsoleLine.js"
import { printable } from "../../../src/config/Printable.js"

const spoken: ReadonlyArray<readonly [line: string, from: string, text: string]> = [
  [example, "whatsapp:+1234567890", "Hello"],
  ["whatsapp:12345@lid Hi", "whatsapp:12345@lid", "Hi"],
  ["telegram:@john Hi", "telegram:@john", "Hi"],
  ["telegram:123456789 Hi", "telegram:123456789", "Hi"],
  ["twilio:+1234567890 /new Hi", "twilio:+1234567890", "/new Hi"],
  ["twilio:US.1a2b3c Hi", "twilio:US.1a2b3c", "Hi"],
  ["whatsapp:+1-234-567-890 Hi", "whatsapp:+1234567890", "Hi"],
  ["whatsapp:+1234567890   three  spaces ", "whatsapp:+1234567890", "  three  spaces "],
  ["whatsapp:+1234567890 whatsapp:+1987654321 Hi", "whatsapp:+1234567890", "whatsapp:+1987654321 Hi"]
]

const refused: ReadonlyArray<readonly [line: string, reason: RegExp]> = [
  ["whatsapp:1234567890 Hi", /names nobody.*phone number with \+/],
  ["whatsapp:+1 234 567 890 Hi", /"whatsapp:\+1" names nobody/],
  ["telegram:-100123 Hi", /names nobody.*@john/],
  ["telegram:+1234567890 Hi", /names nobody/],
  ["twilio: Hi", /names nobody/],
  ["whatsapp:+1234567890", /says nothing/],
  ["whatsapp:+1234567890  ", /says nothing/]
]

describe("readLine", () => {
  for (const [line, from, text] of spoken) {
    it(`${JSON.stringify(line)} is a message from ${from}`, () => {
      const read = readLine(line)
      assert.isTrue(ConsoleLine.$is("Spoken")(read))
      if (!ConsoleLine.$is("Spoken")(read)) return
      assert.strictEqual(read.identity.toString(), from)
      assert.strictEqual(read.text, text)
    })
  }

  for (const [line, reason] of refused) {
    it(`${JSON.stringify(line)} is refused`, () => {
      const read = readLine(line)
      assert.match(ConsoleLine.$is("Refused")(read) ? read.reason : read._tag, reason)
    })
  }

  for (const line of [
    "Hello",
    "signal:+1234567890 Hi",
    "WhatsApp:+1234567890 Hi",
    "@john Hi",
    "+1234567890 Hi",
    " whatsapp:+1234567890 Hi"
  ]) {
    it(`${JSON.stringify(line)} does not say whose it is`, () =>
      assert.deepEqual(readLine(line), ConsoleLine.Unaddressed({ text: line })))
  }

  for (const line of ["", " ", "\t "]) {
    it(`${JSON.stringify(line)} is blank`, () => assert.deepEqual(readLine(line), ConsoleLine.Blank()))
  }

  it.prop(
    "a refusal is short and harmless on a terminal",
    [FastCheck.string({ unit: "binary", maxLength: 500 })],
    ([id]) => {
      const read = readLine(`telegram:${id.replaceAll(" ", "")}!`)
      assert.isTrue(ConsoleLine.$is("Refused")(read))
      if (!ConsoleLine.$is("Refused")(read)) return
      assert.strictEqual(printable(read.reason), read.reason)
      assert.isBelow(read.reason.length, 1_500)
    }
  )
})
