import { describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { Address } from "../../../src/channels/Message.js"
import * as TelegramAddress from "../../../src/channels/telegram/TelegramAddress.js"

const thread = FastCheck.option(FastCheck.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { nil: undefined })

describe("TelegramAddress", () => {
  it.prop(
    "what was printed is read back",
    [FastCheck.maxSafeInteger().filter((chat) => chat !== 0), thread],
    ([chat, topic]) => {
      const address = { chat, thread: Option.fromNullable(topic) }
      assertSome(TelegramAddress.parse(TelegramAddress.print(address)), address)
    }
  )

  it.each([
    "",
    "+1234567890",
    "@john",
    "0",
    "12/",
    "12/0",
    "1/2/3",
    " 1",
    "1e3",
    "9999999999999999",
    "1/9999999999999999",
    "12345@lid"
  ])("%j is not an address of a Telegram chat", (text) => {
    assertNone(TelegramAddress.parse(Address.make(text)))
  })
})
