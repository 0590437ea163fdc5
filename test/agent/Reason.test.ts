import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { reason } from "../../src/agent/Reason.js"

describe("a reason", () => {
  it("is the last line that says something, without colours and control characters", () => {
    assert.strictEqual(reason("first\n\u001b[31m  second\tpart\u0007\u202e\u001b[0m \r\n\n \n", []), "second part")
    assert.strictEqual(reason("", []), "")
  })

  it.each([
    ["call +1 234 567 890 now", "call …7890 now"],
    ["key sk-ant-api03-abc is bad", "key … is bad"],
    ["Authorization: Bearer abc.def", "Authorization: …"],
    ["token 0123456789abcdefghijklmnopqrstuvwxyz", "token …"]
  ])("names no number and no key: %s", (said, shown) => assert.strictEqual(reason(said, []), shown))

  it("keeps the paths and the words that help", () => {
    const said = "ENOENT: no such file or directory, open '/usr/local/lib/node_modules/agent/package.json'"
    assert.strictEqual(reason(said, []), said)
  })

  it("never contains a secret that the command was given", () => {
    const secret = FastCheck.stringMatching(/^[A-Za-z0-9]{6,12}$/)
    FastCheck.assert(
      FastCheck.property(FastCheck.string(), secret, FastCheck.string(), (before, secret, after) => {
        assert.notInclude(reason(`${before}${secret}${after}`, [secret]), secret)
      })
    )
  })

  it("is short", () => assert.isAtMost(reason("word ".repeat(1_000), []).length, 301))
})
