import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { acceptedForm, accountOf, Identity, instability, parse, parseWritten } from "../../src/identity/Identity.js"
import { type Provider, providers } from "../../src/identity/Provider.js"
import { accepted, identity, phone, the, username } from "./arbitrary.js"

const idOf = (provider: Provider, typed: string) => Option.map(parse(provider, typed), ({ id }) => String(id))

const zeros = (count: number) => "0".repeat(count)

describe("an identity", () => {
  it.prop("what is printed is read back, for every kind", [identity], ([one]) => {
    const [provider, ...rest] = one.toString().split(":")
    assert.strictEqual(provider, one.provider)
    deepStrictEqual(parse(one.provider, rest.join(":")), Option.some(one))
  })

  it.prop("what is written with its provider in front is read back", [identity], ([one]) => {
    deepStrictEqual(parseWritten(one.toString()), Option.some(one))
    deepStrictEqual(parseWritten(one.id), Option.none())
    deepStrictEqual(parseWritten(` ${one.toString()}`), Option.none())
  })

  it.prop("an id in its provider's form is kept as it was typed", [accepted], ([[provider, id]]) => {
    deepStrictEqual(idOf(provider, id), Option.some(id))
  })

  it.each<readonly [Provider, string, string]>([
    ["whatsapp", "+1234567", "+1234567"],
    ["whatsapp", "+123456789012345", "+123456789012345"],
    ["whatsapp", "+1 (234) 567-89.01", "+12345678901"],
    ["whatsapp", "+1 - ( 234 ) .. 5678", "+12345678"],
    ["whatsapp", "7@lid", "7@lid"],
    ["whatsapp", `${zeros(31)}7@lid`, `${zeros(31)}7@lid`],
    ["twilio", "+1234567890", "+1234567890"],
    ["twilio", "+1 234-567.890", "+1234567890"],
    ["twilio", "US.1a2B3c", "US.1a2B3c"],
    ["telegram", "@john", "@john"],
    ["telegram", "@dad_username", "@dad_username"],
    ["telegram", "@JOHN_1", "@JOHN_1"],
    ["telegram", "@1234", "@1234"],
    ["telegram", "@____", "@____"],
    ["telegram", `@${"a".repeat(32)}`, `@${"a".repeat(32)}`],
    ["telegram", "1", "1"],
    ["telegram", "123456789", "123456789"],
    ["telegram", "4503599627370496", "4503599627370496"]
  ])("%s accepts %j as %j", (provider, typed, id) => {
    deepStrictEqual(idOf(provider, typed), Option.some(id))
  })

  const phones: ReadonlyArray<string> = [
    "",
    " ",
    "+",
    "+123456",
    "+1234567890123456",
    "+0234567890",
    "+0 234567890",
    "1234567890",
    "001234567890",
    "++1234567890",
    "+1234567890 ",
    " +1234567890",
    "+ 1234567890",
    "+(1)234567890",
    "+1234567890)",
    "+1234567890-",
    "+123/4567890",
    "+123\u00a04567890",
    "+123\t4567890",
    "+123\n4567890",
    "+1234567890\n",
    "+123456789x",
    "+١٢٣٤٥٦٧٨٩٠",
    "+1234567890,+1234567891",
    "tel:+1234567890",
    "--name"
  ]

  it.each<readonly [Provider, ReadonlyArray<string>]>([
    [
      "whatsapp",
      [
        ...phones,
        "whatsapp:+1234567890",
        "1234567890@s.whatsapp.net",
        "+1234567890:1",
        "12345:1@lid",
        "@lid",
        "+12345@lid",
        "12 345@lid",
        "12345@LID",
        `${zeros(33)}@lid`,
        "12345@g.us",
        "@john",
        "US.1a2b3c"
      ]
    ],
    [
      "twilio",
      [
        ...phones,
        "twilio:+1234567890",
        "sms:+1234567890",
        "whatsapp:+1234567890",
        "12345@lid",
        "@john",
        "US.",
        "US.a-b",
        "US.a b",
        "us.1a2b3c",
        "US1a2b3c",
        "XUS.1a",
        `US.${"a".repeat(129)}`
      ]
    ],
    [
      "telegram",
      [
        "",
        "@",
        "@abc",
        `@${"a".repeat(33)}`,
        "@jo hn",
        "@jo-hn",
        "@jöhn",
        "@john\n",
        " @john",
        "john",
        "@@john",
        "telegram:@john",
        "telegram:42",
        "0",
        "-1",
        "-1001234567890",
        "042",
        "+42",
        "42 ",
        "4.2",
        "1e3",
        "0x10",
        "1 234",
        "٤٢",
        "4503599627370497",
        "9007199254740993",
        "9999999999999999",
        "10000000000000000",
        "99999999999999999999",
        "+1234567890"
      ]
    ]
  ])("%s refuses everything else", (provider, all) => {
    for (const typed of all) deepStrictEqual(parse(provider, typed), Option.none(), JSON.stringify(typed))
  })

  it.prop(
    "separators are dropped between the digits of a phone number, and nowhere else",
    [phone, FastCheck.array(FastCheck.tuple(FastCheck.nat(20), FastCheck.constantFrom(..." .()-")), { maxLength: 8 })],
    ([number, separators]) => {
      const [, ...digits] = number
      const typed = digits.map((digit, index) => {
        const behind = separators.filter(([place]) => place === index && index < digits.length - 1)
        return digit + behind.map(([, separator]) => separator).join("")
      })
      deepStrictEqual(idOf("whatsapp", `+${typed.join("")}`), Option.some(number))
      deepStrictEqual(idOf("twilio", `+${typed.join("")}`), Option.some(number))
      for (const [, separator] of separators) {
        deepStrictEqual(idOf("whatsapp", `${number}${separator}`), Option.none())
        deepStrictEqual(idOf("whatsapp", `${separator}${number}`), Option.none())
        deepStrictEqual(idOf("whatsapp", `+${separator}${number.slice(1)}`), Option.none())
      }
    }
  )

  it.prop(
    "two usernames are one account when they differ in ASCII case alone, and each stays as typed",
    [username],
    ([name]) => {
      const [typed, upper, lower] = [name, name.toUpperCase(), name.toLowerCase()].map((id) => the("telegram", id))
      assert.isDefined(typed)
      assert.isDefined(upper)
      assert.isDefined(lower)
      if (typed === undefined || upper === undefined || lower === undefined) return
      assert.strictEqual(accountOf(upper), accountOf(lower))
      assert.strictEqual(accountOf(typed), accountOf(lower))
      assert.strictEqual(typed.id, name)
    }
  )

  it.prop("different accounts have different names", [identity, identity], ([one, other]) => {
    const same = one.provider === other.provider && one.id.toLowerCase() === other.id.toLowerCase()
    FastCheck.pre(!same)
    assert.notStrictEqual(accountOf(one), accountOf(other))
  })

  it("Twilio's scoped ids differ in case, as they are opaque", () => {
    assert.notStrictEqual(accountOf(the("twilio", "US.abc")), accountOf(the("twilio", "US.ABC")))
  })

  it("a phone number is one account at WhatsApp and another at Twilio", () => {
    assert.notStrictEqual(accountOf(the("whatsapp", "+1234567890")), accountOf(the("twilio", "+1234567890")))
  })

  it("a number is a stabler name than a username, and a phone number than an opaque id", () => {
    const kinds: ReadonlyArray<readonly [Identity, number]> = [
      [the("telegram", "42"), 0],
      [the("telegram", "@john"), 1],
      [the("whatsapp", "+1234567890"), 0],
      [the("whatsapp", "42@lid"), 1],
      [the("twilio", "+1234567890"), 0],
      [the("twilio", "US.42"), 1]
    ]
    for (const [one, expected] of kinds) assert.strictEqual(instability(one), expected, one.toString())
  })

  it("two identities with the same provider and id are equal by value", () => {
    deepStrictEqual(the("telegram", "@john"), new Identity(the("telegram", "@john")))
  })

  it("the examples in the accepted forms are accepted", () => {
    for (const provider of providers) {
      const examples = acceptedForm[provider].match(/(?<=such as )[^\s,]+/g) ?? []
      assert.isAtLeast(examples.length, 2)
      for (const example of examples) assert.isTrue(Option.isSome(parse(provider, example)), example)
    }
  })
})
