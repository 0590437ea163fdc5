import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { isPhone, lineOf, otherSpelling, respelt } from "../../src/identity/Spelling.js"
import { identity, phone, the } from "./arbitrary.js"

const digits = (count: number) =>
  FastCheck.string({ unit: FastCheck.constantFrom(..."0123456789"), minLength: count, maxLength: count })

const of = (...parts: ReadonlyArray<FastCheck.Arbitrary<string>>) =>
  FastCheck.tuple(...parts).map((strings) => strings.join(""))

const one = (...strings: ReadonlyArray<string>) => FastCheck.constantFrom(...strings)

/** Numbers of the three countries, well formed or nearly so. */
const near = FastCheck.oneof(
  of(one("+55", "+52", "+54"), one("", "1", "9"), digits(10)),
  of(one("+55"), digits(2), one("", "9"), one(..."23456789"), digits(7)),
  of(one("+52"), one("", "1"), one("55", "33", "81", "998", "800", "888", "900", "500", "300"), digits(8)),
  of(one("+54"), one("", "9"), one("11", "223", "351", "2966", "800", "600"), digits(8)),
  phone
)

describe("the other spelling of a number", () => {
  it.each([
    ["Brazil", "+5511987654321", "+551187654321"],
    ["Brazil", "+5585999999999", "+558599999999"],
    ["Brazil", "+5553961234567", "+555361234567"],
    ["Mexico", "+5215512345678", "+525512345678"],
    ["Mexico", "+5219981234567", "+529981234567"],
    ["Argentina", "+5491158749895", "+541158749895"],
    ["Argentina", "+5492966123456", "+542966123456"]
  ])("in %s is %s for %s, and the other way round", (country, long, short) => {
    assertSome(otherSpelling(long), { country, phone: short })
    assertSome(otherSpelling(short), { country, phone: long })
    assert.strictEqual(lineOf(long), lineOf(short))
  })

  it.each([
    ["a landline in Brazil", "+551134567890"],
    ["a new mobile of Brazil that never had eight digits", "+5511945678901"],
    ["what was a radio in Brazil, and the mobile that looks like it", "+551177654321"],
    ["that mobile", "+5511977654321"],
    ["an area code that Brazil does not have", "+5520987654321"],
    ["a free number of Mexico", "+528001234567"],
    ["the same with the digit of mobiles", "+5218001234567"],
    ["a number of Mexico whose area code begins with 1", "+521123456789"],
    ["a free number of Argentina", "+548001234567"],
    ["a number in Buenos Aires that begins with 1", "+541112345678"],
    ["another country's", "+12345678901"],
    ["one digit too many", "+55119876543210"],
    ["one digit too few", "+5255123456"]
  ])("does not exist for %s", (_, number) => {
    assertNone(otherSpelling(number))
    assert.strictEqual(lineOf(number), number)
  })

  it.prop("is another number, and its other spelling is the first", [near], ([number]) => {
    const other = otherSpelling(number)
    if (Option.isNone(other)) return
    assert.notStrictEqual(other.value.phone, number)
    assertSome(otherSpelling(other.value.phone), { country: other.value.country, phone: number })
  })

  it.prop("makes one line of two numbers, and nothing else does", [near, near], ([one, other]) => {
    const same = one === other || Option.exists(otherSpelling(one), ({ phone }) => phone === other)
    assert.strictEqual(lineOf(one) === lineOf(other), same)
    const spelt = Option.match(otherSpelling(one), { onNone: () => one, onSome: ({ phone }) => phone })
    assert.strictEqual(lineOf(spelt), lineOf(one))
  })
})

describe("the account of the other spelling", () => {
  it("is at the same provider", () => {
    assertSome(respelt(the("twilio", "+5511987654321")), {
      country: "Brazil",
      identity: the("twilio", "+551187654321")
    })
  })

  it.prop("exists for phone numbers only", [identity], ([one]) => {
    if (!isPhone(one)) assertNone(respelt(one))
    deepStrictEqual(isPhone(one), /^(whatsapp|twilio):\+/.test(one.toString()))
  })
})
