import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { boundedLines } from "../../../src/channels/console/BoundedLines.js"

const read = (limit: number, pieces: ReadonlyArray<string>) =>
  Stream.fromIterable(pieces).pipe(
    boundedLines(limit),
    Stream.runCollect,
    Effect.map((lines) => Chunk.toReadonlyArray(lines).map(Option.getOrNull)),
    Effect.runSync
  )

const line = FastCheck.stringMatching(/^[a-c\r]{0,6}$/).filter((text) => !text.endsWith("\r"))
const end = FastCheck.constantFrom("\n", "\r\n")

/** The same text in other pieces. */
const cut = (text: string, at: ReadonlyArray<number>): ReadonlyArray<string> => {
  const places = [...new Set(at.map((n) => n % (text.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length))
}

describe("boundedLines", () => {
  it.prop(
    "lines are the same in whatever pieces they arrive",
    [FastCheck.array(FastCheck.tuple(line, end)), line, FastCheck.array(FastCheck.nat(100))],
    ([lines, rest, places]) => {
      const text = lines.map(([line, end]) => line + end).join("") + rest
      const expected = [...lines.map(([line]) => line), ...(rest === "" ? [] : [rest])]
      assert.deepEqual(read(6, cut(text, places)), expected)
    }
  )

  it.prop(
    "a line that is too long is none, and those around it are",
    [FastCheck.integer({ min: 5, max: 40 }), FastCheck.array(FastCheck.nat(100))],
    ([length, places]) => {
      assert.deepEqual(read(4, cut(`ab\n${"x".repeat(length)}\ncd\r\n${"y".repeat(length)}`, places)), [
        "ab",
        null,
        "cd",
        null
      ])
    }
  )

  it("the limit is the longest line, with either end", () => {
    assert.deepEqual(read(4, ["abcd\nabcd\r\nabcd"]), ["abcd", "abcd", "abcd"])
    assert.deepEqual(read(4, ["abcde\nabcde\r\nabcde"]), [null, null, null])
  })

  it("a line that is longer than any string can be is read over", () => {
    const piece = "x".repeat(2 ** 20)
    assert.deepEqual(read(4, ["ab\n", ...Array.from({ length: 600 }, () => piece), "\ncd"]), ["ab", null, "cd"])
  })

  it("nothing has no lines, and an empty line is one", () => {
    assert.deepEqual(read(4, []), [])
    assert.deepEqual(read(4, [""]), [])
    assert.deepEqual(read(4, ["\n\n"]), ["", ""])
  })
})
