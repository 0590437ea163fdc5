import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import {
  accountIn,
  addressOfIdentity,
  bare,
  isGroup,
  lidOf,
  phoneOf,
  sameAccount
} from "../../../src/channels/whatsapp/WhatsAppJid.js"
import { type Identity, parse, parseWritten } from "../../../src/identity/Identity.js"

const digits = FastCheck.stringMatching(/^[1-9][0-9]{6,14}$/)
const device = FastCheck.option(FastCheck.integer({ min: 0, max: 99 }))
const jid = (user: string, server: string, device: number | null) =>
  `${user}${device === null ? "" : `:${device}`}@${server}`

describe("WhatsApp's JIDs", () => {
  it.prop("a phone's is that phone, on every device", [digits, device], ([user, device]) => {
    assertSome(phoneOf(jid(user, "s.whatsapp.net", device)), `whatsapp:+${user}`)
    assertNone(lidOf(jid(user, "s.whatsapp.net", device)))
  })

  it.prop("a LID is never taken for a phone, whatever its digits are", [digits, device], ([user, device]) => {
    assertNone(phoneOf(jid(user, "lid", device)))
    assertSome(lidOf(jid(user, "lid", device)), `whatsapp:${user}@lid`)
    deepStrictEqual(
      accountIn([jid(user, "lid", device)]),
      Option.some({ phone: Option.none(), lid: Option.some(`whatsapp:${user}@lid`) })
    )
  })

  it.prop("the account is the same whichever name comes first", [digits, digits], ([phone, lid]) => {
    const names = [jid(phone, "s.whatsapp.net", null), jid(lid, "lid", 3)]
    deepStrictEqual(accountIn(names), accountIn(names.toReversed()))
  })

  it.prop("what is written of it is an identity of WhatsApp's", [digits, device], ([user, device]) => {
    for (const name of [phoneOf(jid(user, "s.whatsapp.net", device)), lidOf(jid(user, "lid", device))]) {
      const from = Option.getOrThrow(name)
      assertSome(Option.map(parseWritten(from), String), from)
    }
  })

  it.prop(
    "an answer to an account goes to where it writes from",
    [digits, FastCheck.constantFrom("s.whatsapp.net", "lid")],
    ([user, server]) => {
      const typed = server === "lid" ? `${user}@lid` : `+${user}`
      const identity: Identity = Option.getOrThrow(parse("whatsapp", typed))
      deepStrictEqual(addressOfIdentity(identity), bare(jid(user, server, 7)))
    }
  )

  it("another provider's account has no address here", () => {
    assertNone(addressOfIdentity(Option.getOrThrow(parse("twilio", "+1234567890"))))
  })

  it.each(["12345-678@g.us", "120363025246125486@g.us"])("%s is a group", (name) => {
    assert.isTrue(isGroup(name))
    assertSome(bare(name), name)
    assertNone(accountIn([name]))
  })

  it.each([
    "status@broadcast",
    "1234567890@broadcast",
    "120363025246125486@newsletter",
    "13135550002@c.us",
    "13135550002@bot",
    "1234567890@hosted",
    "1234567890@s.whatsapp.net.example.org",
    "x1234567890@s.whatsapp.net",
    "1234567890@s.whatsapp.net\n",
    "@s.whatsapp.net",
    "0@s.whatsapp.net",
    ""
  ])("%j is nobody", (name) => {
    assertNone(accountIn([name]))
    assert.isFalse(isGroup(name))
  })

  it("devices of one account are the same, and a phone and a LID of the same digits are not", () => {
    assert.isTrue(sameAccount("1234567890:3@s.whatsapp.net", "1234567890@s.whatsapp.net"))
    assert.isFalse(sameAccount("1234567890@s.whatsapp.net", "1234567890@lid"))
    assert.isFalse(sameAccount("1234567890@s.whatsapp.net", "1234567891@s.whatsapp.net"))
    assert.isFalse(sameAccount("", ""))
    assert.isFalse(sameAccount("12345-678@g.us", "12345-678@g.us"))
  })
})
