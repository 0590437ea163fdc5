import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { parseWritten } from "../../../src/identity/Identity.js"
import { ChatSettings } from "../../../src/relay/chat/ChatSettings.js"
import { Command, readCommand } from "../../../src/relay/chat/Command.js"
import { veiled, veiledAll } from "../../../src/relay/chat/Veiled.js"

const decode = Schema.decodeUnknownEither(ChatSettings)
const settings = (chat: unknown) => Either.getOrThrow(decode(chat))

describe("the names of commands", () => {
  it.each([
    ["a space", { link: "link me" }],
    ["nothing", { link: "" }],
    ["the form of a code", { help: "ABCD-2345" }],
    ["the form of a word", { help: "KTM47" }],
    ["a number", { whoami: 1 }]
  ])("cannot have %s", (_, chat) => {
    assert.match(String(Either.getOrThrow(Either.flip(decode(chat)))), /one word such as "\/link" is expected/)
  })

  it("differ, whatever their case; those that are switched off may not", () => {
    assert.match(
      String(Either.getOrThrow(Either.flip(decode({ link: "/HELP" })))),
      /each command needs a name of its own/
    )
    assert.isFalse(settings({ link: false, unlink: false }).link)
  })

  it("decide what a text is", () => {
    const chat = settings({ link: "Verbinde", unlink: false })
    assertSome(readCommand(chat, "verbinde"), Command.Link())
    assertSome(readCommand(chat, "VERBINDE abcd 2345"), Command.Send({ code: Option.some("ABCD2345") }))
    assertSome(readCommand(chat, "verbinde mich"), Command.Send({ code: Option.none() }))
    assertSome(readCommand(chat, "/start ABCD-2345"), Command.Send({ code: Option.some("ABCD2345") }))
    for (const space of ["  ", "\t", "\n", "\r\n", "\u00a0", "\u2009"]) {
      const sent = Command.Send({ code: Option.some("ABCD2345") })
      for (const first of ["Verbinde", "/start"]) assertSome(readCommand(chat, `${first}${space}ABCD-2345`), sent)
    }
    assertSome(readCommand(chat, "/whoami"), Command.Whoami())
    for (const text of ["/link", "/unlink", "/start", "/start now", "/start\nnow", "/whoami\nnow", "verbinden", ""])
      assertNone(readCommand(chat, text))
    for (const text of ["/help", "/link", "ABCD-2345"]) assertNone(readCommand(settings({ enabled: false }), text))
    for (const text of ["/link", "ABCD-2345", "/start ABCD-2345"])
      assertNone(readCommand(settings({ link: false }), text))
  })
})

describe("an account in a text for others", () => {
  const of = (written: string) => Option.getOrThrow(parseWritten(written))

  it("shows four characters at most, and never more than half of it", () => {
    for (const [written, shown] of [
      ["whatsapp:+1234567890", "WhatsApp …7890"],
      ["whatsapp:12345678@lid", "WhatsApp …5678"],
      ["whatsapp:99@lid", "WhatsApp …9"],
      ["telegram:123456789", "Telegram …6789"],
      ["telegram:42", "Telegram …2"],
      ["telegram:@john", "Telegram @j…"],
      ["twilio:US.1a2b3c", "Twilio …2b3c"]
    ] as const) {
      assert.strictEqual(veiled(of(written)), shown)
    }
  })

  it("stands among others as in a sentence", () => {
    const all = ["telegram:123456789", "whatsapp:+1234567890", "twilio:+1987654321"].map(of)
    assert.strictEqual(veiledAll(all), "Telegram …6789, WhatsApp …7890 and Twilio …4321")
    assert.strictEqual(veiledAll(all.slice(0, 1)), "Telegram …6789")
    assert.strictEqual(veiledAll([]), "")
  })
})
