import { assert, describe, it } from "@effect/vitest"
import type { proto } from "@whiskeysockets/baileys"
import * as FastCheck from "effect/FastCheck"
import { Message } from "../../../src/channels/Message.js"
import { type Envelope, read, Skipped } from "../../../src/channels/whatsapp/WhatsAppMessage.js"

const own = ["15550001111@s.whatsapp.net", "22334455667788@lid"]
const phone = "1234567890@s.whatsapp.net"
const lid = "99887766554433@lid"
const group = "12345-678@g.us"

const direct: Envelope = { id: "3EB0A1", chat: phone, own: false, author: [phone] }
const inGroup: Envelope = { id: "3EB0A1", chat: group, own: false, author: [lid, phone] }
const hello: proto.IMessage = { conversation: "Hello" }

const taken = (
  envelope: Envelope,
  message: proto.IMessage = hello,
  groups: "mentioned" | "all" = "mentioned"
): Message => {
  const result = read(own, groups, envelope, message)
  return result instanceof Message ? result : assert.fail(result.why)
}
const skipped = (
  envelope: Envelope,
  message: proto.IMessage = hello,
  groups: "mentioned" | "all" = "mentioned"
): string => {
  const result = read(own, groups, envelope, message)
  return result instanceof Skipped ? result.why : assert.fail(result.text)
}

const mentioning = (text: string, ...mentionedJid: Array<string>): proto.IMessage => ({
  extendedTextMessage: { text, contextInfo: { mentionedJid } }
})

describe("a direct WhatsApp message", () => {
  it("of a phone is from that phone", () => {
    const message = taken(direct)
    assert.deepStrictEqual(message.sender, { From: "whatsapp:+1234567890", provider: "whatsapp", chatType: "direct" })
    assert.deepStrictEqual([message.author, message.address, message.id], ["whatsapp:+1234567890", phone, "3EB0A1"])
  })

  it("says so if it was forwarded", () => {
    const passedOn = { extendedTextMessage: { text: "ABCD-2345", contextInfo: { isForwarded: true } } }
    assert.deepStrictEqual([taken(direct, passedOn).forwarded, taken(direct).forwarded], [true, undefined])
  })

  it("is from the same person whether it comes under the phone or under the LID, and is answered where it came from", () => {
    const byPhone = taken({ ...direct, author: [phone, lid] })
    const byLid = taken({ ...direct, chat: lid, author: [lid, phone] })
    assert.deepStrictEqual(byPhone.sender, byLid.sender)
    assert.deepStrictEqual(byPhone.sender.From, "whatsapp:+1234567890")
    assert.deepStrictEqual(byPhone.sender.aliases, ["whatsapp:99887766554433@lid"])
    assert.deepStrictEqual([byPhone.address, byLid.address], [phone, lid])
  })

  it.prop("of a LID alone stays that LID's", [FastCheck.stringMatching(/^[1-9][0-9]{6,14}$/)], ([digits]) => {
    const { author, sender } = taken({ ...direct, chat: `${digits}@lid`, author: [`${digits}@lid`] })
    assert.deepStrictEqual(sender, { From: `whatsapp:${digits}@lid`, provider: "whatsapp", chatType: "direct" })
    assert.strictEqual(author, `whatsapp:${digits}@lid`)
  })

  it("does not name the device", () => {
    const message = taken({ ...direct, chat: "1234567890:12@s.whatsapp.net", author: ["1234567890:12@s.whatsapp.net"] })
    assert.deepStrictEqual([message.author, message.address], ["whatsapp:+1234567890", phone])
  })

  it("that this account wrote elsewhere is not answered", () => {
    assert.strictEqual(skipped({ ...direct, own: true }), "written by this account")
  })

  it.each(["status@broadcast", "1234@broadcast", "120363025246125486@newsletter", "1@bot", ""])(
    "in %j is nobody's",
    (chat) => {
      assert.strictEqual(skipped({ ...direct, chat, author: [phone] }), "not from a person")
    }
  )

  it("from nobody in particular is nobody's", () => {
    assert.strictEqual(skipped({ ...direct, author: [] }), "not from a person")
  })
})

describe("a WhatsApp message in a group", () => {
  it("that mentions this account is the group's, and tells who speaks", () => {
    const message = taken(inGroup, mentioning("@22334455667788 when do we eat?", "22334455667788@lid"))
    assert.deepStrictEqual(message.sender, { From: group, provider: "whatsapp", chatType: "group" })
    assert.deepStrictEqual([message.author, message.address], ["whatsapp:+1234567890", group])
    assert.strictEqual(message.text, "when do we eat?")
  })

  it.each(own)("may mention it as %s", (jid) => {
    assert.strictEqual(taken(inGroup, mentioning(`/new @${jid.replace(/@.*/, "")}`, jid)).text, "/new")
  })

  it("that replies to this account is for it, too", () => {
    const contextInfo = { stanzaId: "3EB0", participant: "22334455667788@lid" }
    assert.strictEqual(taken(inGroup, { extendedTextMessage: { text: "And then?", contextInfo } }).text, "And then?")
  })

  it.each<readonly [string, proto.IMessage]>([
    ["says something to everybody", hello],
    ["mentions somebody else", mentioning("@1234567890 hello", phone)],
    ["only has the number in it", { conversation: "@15550001111 hello" }],
    [
      "replies to somebody else",
      { extendedTextMessage: { text: "x", contextInfo: { stanzaId: "3EB0", participant: lid } } }
    ]
  ])("that %s is not for us", (_, message) => {
    assert.strictEqual(skipped(inGroup, message), "not for us")
  })

  it("is for us in any case where that is set", () => {
    assert.strictEqual(taken(inGroup, hello, "all").text, "Hello")
  })

  it("keeps the mentions of others, and numbers that begin like ours", () => {
    const text = "@15550001111 tell @1234567890 and @155500011112"
    assert.strictEqual(taken(inGroup, mentioning(text, own[0] ?? "")).text, "tell @1234567890 and @155500011112")
  })

  it("without words is not for us, even if all is", () => {
    assert.strictEqual(skipped(inGroup, { imageMessage: {} }, "all"), "no text")
    assert.strictEqual(skipped(inGroup, mentioning("@15550001111", own[0] ?? "")), "no text")
  })

  it("of an author of whom only the LID is known is that LID's", () => {
    assert.strictEqual(taken({ ...inGroup, author: [lid] }, hello, "all").author, "whatsapp:99887766554433@lid")
  })
})
