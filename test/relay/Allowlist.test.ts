import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Message } from "../../src/channels/Message.js"
import { admission } from "../../src/relay/Allowlist.js"
import * as ProviderDetector from "../../src/session/ProviderDetector.js"
import { direct, inGroup } from "../support/channel.js"
import { type SettingsEncoded, settingsOf } from "./fixture.js"

const admits = (settings: SettingsEncoded, message: Message) =>
  Effect.map(ProviderDetector.ProviderDetector, (detector) => admission(settingsOf(settings), detector)(message)).pipe(
    Effect.provide(ProviderDetector.layer)
  )

const isAdmitted = (settings: SettingsEncoded, message: Message) =>
  Effect.runSync(Effect.map(admits(settings, message), Option.isSome))

const nameOf = (settings: SettingsEncoded, message: Message) =>
  Effect.runSync(
    Effect.map(
      admits(settings, message),
      Option.flatMap(({ name }) => name)
    )
  )

const phone = "+1234567890"
const consoleMessage = (from: string) =>
  new Message({ ...direct("whatsapp", from, "Hello"), channel: "console", sender: { From: from } })

describe("admission", () => {
  it("nobody may write where nobody is listed, except on the console", () => {
    for (const from of [phone, "12345@lid"]) assert.isFalse(isAdmitted({}, direct("whatsapp", from, "Hello")))
    assert.isFalse(isAdmitted({}, direct("telegram", "telegram:42", "Hello")))
    assert.isFalse(isAdmitted({}, direct("twilio", phone, "Hello")))
    assert.isFalse(isAdmitted({}, direct("telegram", "x", "Hello", { sender: {} })))
    assert.isTrue(isAdmitted({}, consoleMessage("whatsapp:+1234567890")))
    assert.isTrue(isAdmitted({}, consoleMessage("@anybody")))
  })

  it("a listed account may write, at its provider and at no other", () => {
    const senders = {
      whatsapp: direct("whatsapp", phone, "Hello"),
      twilio: direct("twilio", phone, "Hello"),
      throughTwilio: direct("twilio", `whatsapp:${phone}`, "Hello"),
      telegram: direct("telegram", "telegram:1234567890", "Hello")
    }
    const admitted = (entry: string) =>
      Object.entries(senders).flatMap(([name, message]) => (isAdmitted({ allowFrom: [entry] }, message) ? [name] : []))
    assert.deepStrictEqual(admitted(`whatsapp:${phone}`), ["whatsapp"])
    assert.deepStrictEqual(admitted(`twilio:${phone}`), ["twilio", "throughTwilio"])
    assert.deepStrictEqual(admitted("telegram:1234567890"), ["telegram"])
    assert.deepStrictEqual(admitted("whatsapp:+12345678901"), [])
  })

  it("what a channel does not say of its provider is its own name's", () => {
    const sender = { From: phone, chatType: "direct" as const }
    assert.isFalse(isAdmitted({ allowFrom: [`whatsapp:${phone}`] }, direct("twilio", phone, "Hello", { sender })))
    assert.isTrue(isAdmitted({ allowFrom: [`twilio:${phone}`] }, direct("twilio", phone, "Hello", { sender })))
  })

  it("a name that the transport vouches for counts as the account", () => {
    const sender = {
      From: "12345@lid",
      provider: "whatsapp" as const,
      chatType: "direct" as const,
      aliases: ["1234567890:7@s.whatsapp.net"]
    }
    const message = direct("whatsapp", "12345@lid", "Hello", { sender })
    assert.isTrue(isAdmitted({ allowFrom: [`whatsapp:${phone}`] }, message))
    assert.isTrue(isAdmitted({ allowFrom: ["whatsapp:12345@lid"] }, message))
    assert.isFalse(isAdmitted({ allowFrom: [`twilio:${phone}`] }, message))
    assert.isFalse(isAdmitted({ allowFrom: [`whatsapp:${phone}`] }, direct("whatsapp", "12345@lid", "Hello")))
  })

  it("a group may write if it is listed, whoever speaks in it, and a person's right is none in a group", () => {
    const group = inGroup("telegram", "telegram:-100123", "telegram:42", "Hello")
    assert.isTrue(isAdmitted({ allowGroups: ["telegram:-100123"] }, group))
    assert.isFalse(isAdmitted({ allowGroups: ["telegram:-100124"] }, group))
    assert.isFalse(isAdmitted({ allowFrom: ["telegram:42"] }, group))
    const whatsapp = inGroup("whatsapp", "12345-678@g.us", phone, "Hello")
    assert.isTrue(isAdmitted({ allowGroups: ["12345-678@g.us"] }, whatsapp))
    const prefixed = { From: "group:12345-678@g.us", provider: "whatsapp" as const }
    assert.isTrue(isAdmitted({ allowGroups: ["12345-678@g.us"] }, direct("whatsapp", phone, "", { sender: prefixed })))
    assert.isFalse(isAdmitted({ allowFrom: [`whatsapp:${phone}`] }, whatsapp))
    const aliased = { From: "12345-678@g.us", provider: "whatsapp" as const, aliases: [phone] }
    assert.isFalse(isAdmitted({ allowFrom: [`whatsapp:${phone}`] }, direct("whatsapp", phone, "", { sender: aliased })))
  })

  it("a group is its provider's, and a person never one", () => {
    const settings = { allowGroups: ["12345-678@g.us", "telegram:-100123"] }
    assert.isFalse(isAdmitted(settings, inGroup("twilio", "12345-678@g.us", phone, "Hello")))
    assert.isFalse(isAdmitted(settings, inGroup("whatsapp", "telegram:-100123", phone, "Hello")))
    assert.isFalse(isAdmitted(settings, direct("telegram", "telegram:-100123", "Hello")))
  })

  it("the speaker's name is the listed one, also in a group and on the console, and the first of two", () => {
    const settings = {
      allowFrom: [
        { id: "telegram:42", name: "Mom" },
        { id: "telegram:42", name: "Somebody" },
        { id: `whatsapp:${phone}`, name: "John" },
        `twilio:${phone}`
      ],
      allowGroups: ["telegram:-100123"]
    }
    deepStrictEqual(nameOf(settings, direct("telegram", "telegram:42", "")), Option.some("Mom"))
    deepStrictEqual(nameOf(settings, inGroup("telegram", "telegram:-100123", "telegram:42", "")), Option.some("Mom"))
    deepStrictEqual(nameOf(settings, inGroup("telegram", "telegram:-100123", "telegram:43", "")), Option.none())
    deepStrictEqual(nameOf(settings, direct("twilio", phone, "")), Option.none())
    deepStrictEqual(nameOf(settings, consoleMessage(`whatsapp:${phone}`)), Option.some("John"))
  })
})
