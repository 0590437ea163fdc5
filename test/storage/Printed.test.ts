import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import * as JsonText from "../../src/storage/JsonText.js"
import * as Printed from "../../src/storage/Printed.js"

const name = FastCheck.oneof(
  FastCheck.string({ unit: "binary" }),
  FastCheck.constantFrom("a", "b", "}", '"', "\\", "\n", "\n  }", "__proto__", "12", "\ud800", "")
)

const { value } = FastCheck.letrec<{ value: unknown }>((tie) => ({
  value: FastCheck.oneof(
    { maxDepth: 3 },
    name,
    FastCheck.jsonValue({ maxDepth: 0 }),
    FastCheck.array(tie("value"), { maxLength: 3 }),
    FastCheck.dictionary(name, tie("value"), { maxKeys: 3 })
  )
}))

const depth = FastCheck.integer({ min: 0, max: 3 })

/** The objects around an object that stands so deep. */
const around = (depth: number, inner: unknown): unknown => (depth === 0 ? inner : { x: around(depth - 1, inner) })

const members = FastCheck.uniqueArray(FastCheck.tuple(FastCheck.stringMatching(/^[a-z}"\\]{1,9}$/), value), {
  selector: ([name]) => name,
  maxLength: 4
})

const isFilled = ([, value]: readonly [string, unknown]): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0

describe("a member as an item of a list", () => {
  it.prop("is what is printed of its value there", [name, value], ([name, value]) => {
    const items = [Printed.asItem(Printed.member("x", value, 1)), Printed.item(name)]
    assert.strictEqual(`[\n${items.join(",\n")}\n]\n`, JsonText.print([value, name]))
  })
})

describe("an object that is printed by its members", () => {
  it.prop("is what is printed of it as a whole, however deep it stands", [members, depth], ([members, depth]) => {
    const parts = members.map(([name, value]) => Printed.member(name, value, depth))
    const whole = JsonText.print(around(depth, Object.fromEntries(members)))
    const hole = JsonText.print(around(depth, {}))
    const [before = "", after = ""] = hole.split("{}")
    assert.strictEqual(`${before}${Printed.object(parts, depth)}${after}`, whole)
  })

  it.prop("is cut into these where all are objects and not empty", [members, depth], ([all, depth]) => {
    const members = all.filter(isFilled)
    const parts = members.map(([name, value]) => Printed.member(name, value, depth))
    const before = "x".repeat(depth)
    const text = `${before}${Printed.object(parts, depth)}`
    const expected = members.length === 0 ? undefined : { members: parts, end: text.length }
    deepStrictEqual(Printed.cut(`${text}\n}`, before.length, depth), expected)
  })

  it.each([
    "",
    "[]",
    "{}",
    "{\n",
    "{\n}",
    '{\n  "a": 1\n}',
    '{\n  "a": {}\n}',
    '{\n  "a": {\n  }',
    '{\n  "a": {\n  }\n '
  ])("is not cut where none begins, or it does not end: %j", (text) => {
    assert.isUndefined(Printed.cut(text, 0, 0))
  })
})

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("a member that is read", () => {
  it.prop("is the one that was printed", [name, value, depth], ([name, value, depth]) => {
    const text = Printed.member(name, value, depth)
    const found = Printed.read(text, depth)
    if (text.includes('"__proto__"') || JSON.stringify(name) !== `"${name}"`) assert.isUndefined(found)
    else deepStrictEqual(found, [name, json(value)])
  })

  it.prop(
    "is one, or is printed otherwise, when anything is cut out of its text or doubled",
    [FastCheck.constantFrom("a", "12", "é"), value, depth, FastCheck.nat(), FastCheck.nat(40), FastCheck.boolean()],
    ([name, value, depth, at, length, twice]) => {
      const whole = Printed.member(name, value, depth)
      const from = at % whole.length
      const part = whole.slice(from, from + length + 1)
      const text = `${whole.slice(0, from)}${twice ? part.repeat(2) : ""}${whole.slice(from + part.length)}`
      const found = Printed.read(text, depth)
      if (found !== undefined) assert.strictEqual(Printed.member(found[0], found[1], depth), text)
    }
  )

  it.each([
    ["a name stands twice in it", '  "a": {\n    "b": 1,\n    "b": 1\n  }'],
    ["it is two", '  "a": 1,\n  "b": 2'],
    ["it is none", ""],
    ["it is no JSON", '  "a": x'],
    ["a number would change", '  "a": 12345678901234567890'],
    ["it stands elsewhere", '    "a": 1'],
    ["an escape was not needed", '  "\\u0061": 1'],
    ["it would change what an object is", '  "a": {\n    "__proto__": {}\n  }'],
    ["it is nested too deeply", `  "a": ${JSON.stringify(around(200, 1), null, 2).replaceAll("\n", "\n  ")}`]
  ])("is none if %s", (_, text) => {
    assert.isUndefined(Printed.read(text, 0))
  })

  it("is read with the text around it where that is as it is printed", () => {
    deepStrictEqual(Printed.readWhole('{\n  "a": 1\n}\n'), { a: 1 })
    for (const text of [
      "",
      "{",
      '{"a":1}',
      '{\n  "a": 1\n}',
      '{\n  "a": 1,\n  "a": 1\n}\n',
      '{\n  "__proto__": 1\n}\n'
    ]) {
      assert.isUndefined(Printed.readWhole(text), text)
    }
  })
})
