import { assert, describe, it } from "@effect/vitest"
import { assertNone } from "@effect/vitest/utils"
import * as Schema from "effect/Schema"
import { TelegramSettings } from "../../../src/channels/telegram/TelegramSettings.js"

const decode = Schema.decodeUnknownSync(TelegramSettings)

describe("TelegramSettings", () => {
  it("an empty section means Telegram's own server, half a minute, and no webhook", () => {
    const { publicUrl, ...settings } = decode({})
    assertNone(publicUrl)
    assert.deepStrictEqual(settings, {
      apiUrl: "https://api.telegram.org",
      pollSeconds: 30,
      groups: "mentioned",
      host: "127.0.0.1",
      port: 3211,
      maxConnections: 40
    })
  })

  it.each(["relay.example.org", "ftp://relay.example.org/", "https://relay.example.org/#a", "https:// x", ""])(
    "%j is nothing that Telegram could call",
    (publicUrl) => {
      assert.throws(() => decode({ publicUrl }), /expected a web address such as https:\/\/relay.example.org\/telegram/)
    }
  )

  it.each([
    { groups: "none" },
    { maxConnections: 0 },
    { maxConnections: 101 },
    { maxConnections: 1.5 },
    { port: 0 },
    { port: 65_536 },
    { host: "" }
  ])("%j is refused", (settings) => {
    assert.throws(() => decode(settings))
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
