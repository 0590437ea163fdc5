import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { TelegramSettings } from "../../../src/channels/telegram/TelegramSettings.js"

const decode = Schema.decodeUnknownSync(TelegramSettings)

describe("TelegramSettings", () => {
  it("an empty section means Telegram's own server and half a minute", () => {
    assert.deepStrictEqual(decode({}), { apiUrl: "https://api.telegram.org", pollSeconds: 30 })
  })

  it("a server of one's own is taken as written", () => {
    assert.strictEqual(decode({ apiUrl: "http://127.0.0.1:8081/bots/" }).apiUrl, "http://127.0.0.1:8081/bots/")
  })

  it.each([
    "api.telegram.org",
    "ftp://x",
    "https://",
    "https://user:pw@host",
    "https://host/?a",
    "https://host/#a",
    ""
  ])("%j is not the address of a server", (apiUrl) => {
    assert.throws(() => decode({ apiUrl }), /the address of a Bot API server is expected/)
  })

  it.each([0, 51, -1, 1.5])("a poll does not take %d seconds", (pollSeconds) => {
    assert.throws(() => decode({ pollSeconds }))
  })

  it.each([1, 50])("a poll may take %d seconds", (pollSeconds) => {
    assert.strictEqual(decode({ pollSeconds }).pollSeconds, pollSeconds)
  })
})
