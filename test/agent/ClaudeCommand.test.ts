import { assert, describe, it } from "@effect/vitest"
import { claudeLine } from "../../src/agent/ClaudeCommand.js"

describe("a message as a line", () => {
  it("is one line, whatever the reader takes for the end of one, and says what the message says", () => {
    const text = "one\ntwo\r\nthree\u2028four\u2029five\\u2028"
    const line = claudeLine(text, "the-name")
    assert.notMatch(line, /[\n\r\u2028\u2029]/)
    assert.deepStrictEqual(JSON.parse(line), {
      type: "user",
      uuid: "the-name",
      message: { role: "user", content: [{ type: "text", text }] }
    })
  })
})
