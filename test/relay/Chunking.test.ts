import { assert, describe, it, vi } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { chunks } from "../../src/relay/Chunking.js"

const family = "👨‍👩‍👧‍👦"
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })
const boundaries = (text: string) => new Set([...segmenter.segment(text)].map(({ index }) => index))
const longestGrapheme = (text: string) =>
  Math.max(0, ...[...segmenter.segment(text)].map(({ segment }) => segment.length))

const pieces = FastCheck.constantFrom(
  ..."ab \n",
  "\r\n",
  "\r",
  "  ",
  "e\u0301",
  " \u0301",
  "\u0600",
  "👍🏽",
  "🇩🇪",
  family,
  "한",
  "word ",
  "\ud83d",
  "\udc4d"
)
const texts = FastCheck.array(pieces, { maxLength: 60 }).map((all) => all.join(""))

/** Where each part stands in the text, each searched behind the one before it. */
const places = (text: string, parts: ReadonlyArray<string>) => {
  let from = 0
  return parts.map((part) => {
    const start = text.indexOf(part, from)
    from = start + part.length
    return { start, end: from }
  })
}

describe("chunks", () => {
  it("a text within the limit is one part, as it is", () => {
    assert.deepStrictEqual(chunks("  one\n\ntwo ", 11), ["  one\n\ntwo "])
    assert.deepStrictEqual(chunks("Hello", Number.MAX_SAFE_INTEGER), ["Hello"])
  })

  it("a text is cut at the last line break within the limit, else at the last space, else at the limit", () => {
    assert.deepStrictEqual(chunks("a b\nc d e", 6), ["a b", "c d e"])
    assert.deepStrictEqual(chunks("a\nb\nc d e f", 6), ["a\nb", "c d e", "f"])
    assert.deepStrictEqual(chunks("one two three", 8), ["one two", "three"])
    assert.deepStrictEqual(chunks("onetwothree", 4), ["onet", "woth", "ree"])
  })

  it("a break right behind the limit leaves a part as long as the limit", () => {
    assert.deepStrictEqual(chunks("abcd efgh", 4), ["abcd", "efgh"])
    assert.deepStrictEqual(chunks("abcd\nefgh", 4), ["abcd", "efgh"])
    assert.deepStrictEqual(chunks("abcd\r\nefgh", 4), ["abcd", "efgh"])
  })

  it("only one break is lost at a cut, so that an indented line stays indented", () => {
    assert.deepStrictEqual(chunks("if x:\n    y\n    z", 12), ["if x:\n    y", "    z"])
    assert.deepStrictEqual(chunks("aaa\n\nbbb", 4), ["aaa\n", "bbb"])
  })

  it("no part is empty or blank", () => {
    assert.deepStrictEqual(chunks("", 4), [])
    assert.deepStrictEqual(chunks(" \n ", 4), [])
    assert.deepStrictEqual(
      chunks(`a${"\n".repeat(20)}b`, 4).map((part) => part.trim()),
      ["a", "b"]
    )
    assert.deepStrictEqual(
      chunks(`${" ".repeat(20)}b`, 4).map((part) => part.trim()),
      ["b"]
    )
  })

  it("no grapheme is cut unless it is longer than the limit, and then between code points", () => {
    assert.deepStrictEqual(chunks("ab👍🏽c", 5), ["ab", "👍🏽c"])
    assert.deepStrictEqual(chunks("aaa e\u0301", 4), ["aaa", "e\u0301"])
    assert.deepStrictEqual(chunks("ab \u0301cd", 4), ["ab \u0301", "cd"])
    assert.strictEqual(chunks(family, 4).join(""), family)
    assert.deepStrictEqual(chunks("👍👍", 3), ["👍", "👍"])
    for (const limit of [2, 3, 4, 5]) {
      for (const part of chunks(`x${family}`, limit)) {
        assert.isAtMost(part.length, limit)
        assert.notMatch(part, /\p{Cs}/u)
      }
    }
  })

  it("whatever the text, parts fit and are visible, nothing but breaks is between them, and no grapheme is in two", () => {
    FastCheck.assert(
      FastCheck.property(texts, FastCheck.integer({ min: 2, max: 40 }), (text, limit) => {
        const parts = chunks(text, limit)
        const found = places(text, parts)
        const gaps = [{ start: 0, end: 0 }, ...found].map(({ end }, index) =>
          text.slice(end, found[index]?.start ?? text.length)
        )
        const whole = limit >= longestGrapheme(text)
        const graphemes = boundaries(text)
        for (const part of parts) {
          assert.isAtMost(part.length, limit)
          assert.notStrictEqual(part.trim(), "")
        }
        for (const gap of gaps) assert.match(gap, /^\s*$/)
        for (const { start, end } of whole ? found : []) {
          assert.isTrue(graphemes.has(start) && (end === text.length || graphemes.has(end)))
        }
        for (const [index, { start, end }] of found.entries()) {
          const pair = /^[\ud800-\udbff][\udc00-\udfff]/
          assert.isFalse(pair.test(text.slice(end - 1, end + 1)), `part ${index}`)
          assert.isFalse(start > 0 && pair.test(text.slice(start - 1, start + 1)), `part ${index}`)
        }
      }),
      { numRuns: 3_000 }
    )
  })

  it("nothing is lost where there is nothing to break at", () => {
    const unbroken = texts.map((text) => text.replace(/\s/gu, "x"))
    FastCheck.assert(
      FastCheck.property(unbroken, FastCheck.integer({ min: 2, max: 40 }), (text, limit) => {
        assert.strictEqual(chunks(text, limit).join(""), text)
      })
    )
  })

  it("what is looked at for words and graphemes grows with the text and no faster", () => {
    const worst = [
      "x",
      "x ",
      "\n",
      family,
      "🇩🇪",
      `a\nb ${"x".repeat(1_600)}`,
      `${"слово ".repeat(20)}\n`,
      "e\u0301",
      `x${"\u0301".repeat(1_599)}`
    ]
    const segment = vi.spyOn(Intl.Segmenter.prototype, "segment")
    for (const unit of worst) {
      segment.mockClear()
      const text = unit.repeat(Math.ceil(262_144 / unit.length))
      chunks(text, 1_600)
      const looked = segment.mock.calls.reduce((sum, [window]) => sum + window.length, 0)
      assert.isBelow(looked, 3 * text.length, JSON.stringify(unit.slice(0, 10)))
    }
    segment.mockRestore()
  })
})
