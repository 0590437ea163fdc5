import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { readReset } from "../../src/agent/Reset.js"

describe("a message", () => {
  it.each<readonly [string, string]>([
    ["/new", ""],
    [" /new ", ""],
    ["/new\n", ""],
    ["/new hello", "hello"],
    ["/new   hello\nyou", "hello\nyou"],
    ["/new /new", "/new"],
    ["reset", ""],
    ["reset now", "now"]
  ])("%j asks for a new conversation, in which %j is said", (text, rest) => {
    deepStrictEqual(readReset(["/new", "reset"], text), { reset: true, text: rest })
  })

  it.each(["", "hello", "/newer", "/news at ten", "/New", "say /new", "new", "/new,", "resetting", "\n"])(
    "%j goes on in the one that there is, and stays as it was written",
    (text) => deepStrictEqual(readReset(["/new", "reset"], text), { reset: false, text })
  )

  it("is never a trigger where there are none", () => {
    deepStrictEqual(readReset([], "/new"), { reset: false, text: "/new" })
  })
})
