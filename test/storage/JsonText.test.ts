import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as JsonText from "../../src/storage/JsonText.js"
import { jsonValue } from "../support/json.js"

const plain = (text: string): Either.Either<unknown, unknown> => Either.try((): unknown => JSON.parse(text))

const problemIn = (text: string, dialect?: JsonText.Dialect) => {
  const result = JsonText.parse(text, dialect)
  return Either.isLeft(result) ? result.left : assert.fail(`it was read: ${text}`)
}

describe("a JSON text", () => {
  it.prop("that is printed is read back", [jsonValue(4)], ([value]) => {
    const text = JsonText.print(value)
    deepStrictEqual(Either.getOrThrow(JsonText.parse(text)), JSON.parse(text))
    assert.isTrue(text.endsWith("\n"))
  })

  it.prop(
    "has the value that it has elsewhere, however it is laid out",
    [jsonValue(4), FastCheck.constantFrom("", " ", "\t", "  ", "    ")],
    ([value, indent]) => {
      const text = JSON.stringify(value, null, indent)
      for (const dialect of ["json", "json5"] as const) {
        deepStrictEqual(Either.getOrThrow(JsonText.parse(text, dialect)), JSON.parse(text))
      }
    }
  )

  it.prop(
    "that is refused elsewhere is refused here: with a piece replaced, or cut out, or put in",
    [
      jsonValue(4),
      FastCheck.nat(),
      FastCheck.nat(3),
      FastCheck.oneof(
        FastCheck.constantFrom("", ",", "'", '"', "}", "]", "\\", "\n", "\t", "\u0000", "01", "+", ".", "//", "\uFEFF"),
        FastCheck.string({ maxLength: 3 })
      )
    ],
    ([value, at, length, piece]) => {
      const whole = JSON.stringify(value, null, 2)
      const start = at % (whole.length + 1)
      const text = whole.slice(0, start) + piece + whole.slice(start + length)
      const expected = plain(text.replace(/^\uFEFF/, ""))
      const result = JsonText.parse(text)
      if (Either.isLeft(expected)) assert.isTrue(Either.isLeft(result), JSON.stringify(text))
      else if (Either.isRight(result)) deepStrictEqual(result.right, expected.right)
      else assert.match(result.left.reason, /twice|cannot be a key|cannot be kept/)
    }
  )

  it.each<readonly [string, number, number]>([
    ['{"a": "x\ny"}', 1, 9],
    ['{\n  "a\tb": 1}', 2, 5],
    ['[1,\r\n "\u0000"]', 2, 3],
    ['[1,\r "\u001f"]', 2, 3],
    ["[1 2]", 1, 4],
    ['{"a": 1, "a": 2}', 1, 10],
    ['[{"b": {"a": 1, "a": 2}}]', 1, 17],
    ['{"__proto__": 1}', 1, 2],
    ['{\n  "a": 1,\n', 2, 10],
    ['{\n  "a', 2, 5],
    ["[-", 1, 3],
    [`${"[".repeat(100_000)}`, 1, 202],
    [`${'{"a":'.repeat(100_000)}`, 1, 1006]
  ])("%j is refused where it goes wrong", (text, line, column) => {
    const found = problemIn(text)
    deepStrictEqual([found.line, found.column], [line, column], found.reason)
  })

  it("with comments and trailing commas is JSON5, and nothing else is more lenient there", () => {
    const text = "{ // ours\n  a: 'x', b: [1, 2,], }"
    deepStrictEqual(JsonText.parse(text, "json5"), Either.right<unknown>({ a: "x", b: [1, 2] }))
    assert.include(problemIn(text).reason, "Unexpected")
    assert.include(problemIn("{a: 1, 'a': 2}", "json5").reason, "twice")
    assert.include(problemIn("{__proto__: {}}", "json5").reason, "cannot be a key")
    assert.include(problemIn("[".repeat(50_000), "json5").reason, "deeply")
  })

  it.each(["", "{", "[1,", '{"a"', '{"a":', '{"a": tru', '"\\', "{ a: '\\", "{ // ours", "{ /* ours", "0x"])(
    "that ends too soon is refused, and never read for ever: %j",
    (text) => {
      for (const dialect of ["json", "json5"] as const) assert.isTrue(Either.isLeft(JsonText.parse(text, dialect)))
    }
  )

  it.each<readonly [string, boolean]>([
    ["9007199254740991", true],
    ["-9007199254740991", true],
    ["100000000000000000000", true],
    ["1e21", true],
    ["0.1", true],
    ["-0", true],
    ["123456789012345678", false],
    ["9007199254740993", false],
    ["1e999", false],
    ["-1e999", false]
  ])("with the number %s is read only if that can be written again: %s", (digits, kept) => {
    const result = JsonText.parse(`[${digits}]`)
    assert.strictEqual(Either.isRight(result), kept)
    if (Either.isLeft(result)) assert.include(result.left.reason, "cannot be kept exactly")
    // What is read by us alone is not written.
    assert.isTrue(Either.isRight(JsonText.parse(`[${digits}]`, "json5")))
  })

  it("says where the value at a path stands, or as much of the path as there is", () => {
    const text = '{\n  "a": [1, {"b": 2}],\n  "c": null\n}'
    const places: ReadonlyArray<readonly [ReadonlyArray<PropertyKey>, number, number]> = [
      [[], 1, 1],
      [["a"], 2, 8],
      [["a", 1], 2, 12],
      [["a", 1, "b"], 2, 18],
      [["a", 7], 2, 8],
      [["c", "d"], 3, 8],
      [["x"], 1, 1]
    ]
    for (const [path, line, column] of places) deepStrictEqual(JsonText.locate(text, path), { line, column })
    deepStrictEqual(JsonText.locate(`\uFEFF${text}`, ["a"]), { line: 2, column: 8 })
    deepStrictEqual(JsonText.locate("{a: 1}", ["a"], "json5"), { line: 1, column: 5 })
    deepStrictEqual(JsonText.locate("{", ["a"]), { line: 1, column: 1 })
  })
})
