import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { printable, printableLines } from "../../src/config/Printable.js"

/** Code points that a terminal obeys or hides, listed one by one, independently of how they are recognised. */
const listed = [
  ...Array.from({ length: 0x20 }, (_, i) => i),
  ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i),
  ...[0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x180e, 0x3164, 0xfeff, 0xffa0, 0xfff9, 0xfffa, 0xfffb],
  ...[0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x2066, 0x2067, 0x2068, 0x2069],
  ...[0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe0001, 0xe0041, 0xe007f, 0xe0100, 0xe01ef]
]

const bad = FastCheck.constantFrom(...listed).map((code) => String.fromCodePoint(code))
const good = FastCheck.constantFrom(
  "a",
  "Z",
  " ",
  "\\",
  "é",
  "ß",
  "漢",
  "ع",
  "א",
  "🙂",
  "❤️",
  "e\u0301",
  "\u00a0",
  "\u3000"
)
const mixed = FastCheck.array(FastCheck.oneof(bad, good)).map((characters) => characters.join(""))
const anything = FastCheck.oneof(mixed, FastCheck.string({ unit: "binary" }), FastCheck.fullUnicodeString())

const obeyed = (text: string, allowed: ReadonlyArray<number> = []) =>
  Array.from(text, (character) => character.codePointAt(0) ?? 0).filter(
    (code) => listed.includes(code) && !allowed.includes(code)
  )

describe("printable", () => {
  for (const code of listed) {
    it(`U+${code.toString(16).padStart(4, "0")} is escaped`, () => {
      const character = String.fromCodePoint(code)
      const shown = printable(`a${character}b`)
      assert.match(shown, /^a\\(n|r|t|u\{[0-9a-f]+\})b$/)
      if (!"\n\r\t".includes(character)) assert.strictEqual(shown, `a\\u{${code.toString(16)}}b`)
    })
  }

  it.prop("nothing of what a terminal obeys is left", [anything], ([text]) => {
    assert.deepEqual(obeyed(printable(text)), [])
    assert.deepEqual(obeyed(printableLines(text), [0x0a, 0x09]), [])
  })

  it.prop("what is harmless stays as it is", [FastCheck.array(good)], ([characters]) => {
    const text = characters.join("")
    assert.strictEqual(printable(text), text)
    assert.strictEqual(printableLines(text), text)
  })

  it.prop("escaping twice changes nothing", [anything], ([text]) => {
    assert.strictEqual(printable(printable(text)), printable(text))
    assert.strictEqual(printableLines(printableLines(text)), printableLines(text))
  })

  it.prop("the same text, one line at a time, is the same", [anything], ([text]) => {
    assert.strictEqual(
      printableLines(text),
      text
        .replaceAll("\r\n", "\n")
        .split("\n")
        .map((line) => line.split("\t").map(printable).join("\t"))
        .join("\n")
    )
  })

  it("one line stays one line, and lines stay lines", () => {
    assert.strictEqual(printable("a\nb\r\nc\td"), "a\\nb\\r\\nc\\td")
    assert.strictEqual(printableLines("a\nb\r\nc\td\re"), "a\nb\nc\td\\re")
  })

  it("halves of a surrogate pair are shown, whole pairs are kept", () => {
    assert.strictEqual(printable("\ud83d"), "\\u{d83d}")
    assert.strictEqual(printable("\ude42\ud83d"), "\\u{de42}\\u{d83d}")
    assert.strictEqual(printable("🙂❤️"), "🙂❤️")
  })

  it("an escape sequence is text", () => {
    assert.strictEqual(printable("\u001b[2J\u009b31m\u202Egnp.exe"), "\\u{1b}[2J\\u{9b}31m\\u{202e}gnp.exe")
  })
})
