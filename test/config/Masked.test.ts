import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { masked } from "../../src/config/Masked.js"

const digit = FastCheck.constantFrom(..."0123456789")
const separators = FastCheck.string({ unit: FastCheck.constantFrom(..." .()-"), maxLength: 6 })

/** A number as people write it, and the digits in it. */
const number = FastCheck.array(FastCheck.tuple(digit, separators), { minLength: 5, maxLength: 20 }).map((parts) => ({
  typed: parts.map(([one, behind], index) => one + (index === parts.length - 1 ? "" : behind)).join(""),
  digits: parts.map(([one]) => one).join("")
}))

const around = FastCheck.string().filter((text) => !/[0-9]|[ .()+-]$|^[ .()+-]/.test(text))

describe("a masked text", () => {
  it.prop("never five digits of a number survive, however it is written", [around, number, around], (parts) => {
    const [before, { digits, typed }, after] = parts
    for (const plus of ["", "+"]) {
      assert.strictEqual(masked(`${before}${plus}${typed}${after}`), `${before}…${digits.slice(-4)}${after}`)
    }
  })

  it.prop("nothing is left that masking would change", [FastCheck.string(), number], ([text, { typed }]) => {
    const once = masked(`${text}${typed}${text}`)
    assert.strictEqual(masked(once), once)
    assert.notMatch(once, /[0-9]([ .()-]*[0-9]){4}/)
  })

  it("shows who is meant to those who know, and whose account it is", () => {
    assert.strictEqual(masked("whatsapp:+1234567890"), "whatsapp:…7890")
    assert.strictEqual(masked("+1 (234) 567-890 wrote to 42"), "…7890 wrote to 42")
    assert.strictEqual(masked("12345@lid and telegram:@john"), "…2345@lid and telegram:@john")
    assert.strictEqual(masked("+123   4567    890"), "…7890")
  })

  it("times and this machine's own address are no numbers, and nothing hides behind their form", () => {
    for (const text of ["2026-11-22T11:51:04.564Z", "2024-01-01T00:00:00Z", "no connection to 127.0.0.1:18999"]) {
      assert.strictEqual(masked(text), text)
    }
    for (const text of [
      "2026-11-22T12345678901",
      "2024-01-01",
      "2024-01-01-5551234",
      "2024-01-01 (555) 1234",
      "2024-01-01 5551234",
      "5551-23-01",
      "2024-13-01",
      "+2024-01-01",
      "1 2024-01-01",
      "127.0.0.1.2345678",
      "127.555.0100"
    ]) {
      assert.notMatch(masked(text), /[0-9]([ .()-]*[0-9]){4}/)
    }
    assert.notInclude(masked("2026-11-22T11:51:04.1234567"), "12345")
  })

  it("what Twilio calls an error by is no number, and nothing hides behind its form", () => {
    const text = "The 'To' number …7890 is not valid (Twilio's error 21211)"
    assert.strictEqual(masked(text), text)
    for (const text of [
      "Twilio's error 21211 2345",
      "(Twilio's error 212112)",
      "error 21211)",
      "Twilio's error +21211)"
    ]) {
      assert.notMatch(masked(text), /[0-9]([ .()-]*[0-9]){4}/)
    }
  })

  it("texts without long numbers stay as they are", () => {
    for (const text of ["", "1234", "@john_1", "2 of 3", "a1b2c3d4e5"]) assert.strictEqual(masked(text), text)
  })

  it("the time it takes grows with the text, and no faster", () => {
    const long = `+${"1 ".repeat(4)}${" ".repeat(200_000)}`.repeat(5)
    assert.isBelow(masked(long).length, long.length + 1)
  })
})
