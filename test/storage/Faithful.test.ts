import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { deepest, isFaithful } from "../../src/storage/Faithful.js"
import * as JsonText from "../../src/storage/JsonText.js"

/** A JSON value as it is written: with every member of an object, also those that have one name. */
type Written =
  | { readonly kind: "scalar"; readonly text: string; readonly survives: boolean }
  | { readonly kind: "list"; readonly parts: ReadonlyArray<Written> }
  | { readonly kind: "object"; readonly members: ReadonlyArray<readonly [string, Written]> }

const scalar = (text: string, survives = true): Written => ({ kind: "scalar", text, survives })

const name = FastCheck.oneof(
  {
    arbitrary: FastCheck.constantFrom("a", "b", "a:", '"', "\\", '\\"', "{", "}]", "1", "é", "\u2028", ""),
    weight: 20
  },
  { arbitrary: FastCheck.constant("__proto__"), weight: 1 }
)

// Once V8 has read a name that is a backslash, it takes others for that one if they begin with an escape: from Node 24 on.
const mistakesNames = Number(process.versions.node.split(".")[0]) >= 24
const memberName = mistakesNames ? name.filter((text) => !text.startsWith("\\")) : name

const { value: tree } = FastCheck.letrec<{ value: Written }>((tie) => ({
  value: FastCheck.oneof(
    { maxDepth: 4, withCrossShrink: true },
    FastCheck.oneof(
      FastCheck.constantFrom("null", "true", "0", "-0.5", "12e3", "-7", "1E-2", "123456789").map((text) =>
        scalar(text)
      ),
      {
        arbitrary: FastCheck.constantFrom("12345678901234567890", "1e999", "-1E+400").map((text) =>
          scalar(text, false)
        ),
        weight: 0
      },
      name.map((text) => scalar(JSON.stringify(text)))
    ),
    FastCheck.array(tie("value"), { maxLength: 3 }).map((parts): Written => ({ kind: "list", parts })),
    FastCheck.array(FastCheck.tuple(memberName, tie("value")), { maxLength: 4 }).map(
      (members): Written => ({ kind: "object", members })
    )
  )
}))

/** The name in quotation marks, in one of the ways that JSON has for that. */
const quoted = (text: string, escaped: boolean): string =>
  escaped
    ? `"${text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`
    : JSON.stringify(text)

const textOf = (written: Written, gap: string, escaped: boolean): string => {
  switch (written.kind) {
    case "scalar":
      return written.text
    case "list":
      return `[${gap}${written.parts.map((part) => textOf(part, gap, escaped)).join(`${gap},`)}${gap}]`
    case "object":
      return `{${written.members
        .map(
          ([name, part], at) =>
            `${gap}${quoted(name, escaped && at % 2 === 1)}${gap}:${gap}${textOf(part, gap, escaped)}`
        )
        .join(",")}${gap}}`
  }
}

const survives = (written: Written): boolean => {
  switch (written.kind) {
    case "scalar":
      return written.survives
    case "list":
      return written.parts.every(survives)
    case "object": {
      const names = new Set(written.members.map(([name]) => name))
      return (
        names.size === written.members.length &&
        !names.has("__proto__") &&
        written.members.every(([, part]) => survives(part))
      )
    }
  }
}

const gap = FastCheck.constantFrom("", " ", "\n", "\t\r\n  ")

describe("a value that was parsed", () => {
  it("is all that its text says unless a name stands twice or changes the object", () => {
    const seen = { faithful: 0, not: 0 }
    FastCheck.assert(
      FastCheck.property(tree, gap, FastCheck.boolean(), (written, gap, escaped) => {
        const text = textOf(written, gap, escaped)
        const faithful = survives(written)
        assert.strictEqual(isFaithful(text, JSON.parse(text)), faithful, text)
        seen[faithful ? "faithful" : "not"] += 1
      }),
      { numRuns: 5_000 }
    )
    assert.isAbove(seen.faithful, 500)
    assert.isAbove(seen.not, 500)
  })

  it("is parsed whether or not it is as we write it, and however long it is", () => {
    FastCheck.assert(
      FastCheck.property(tree, gap, FastCheck.integer({ min: 0, max: 1 }), (written, gap, long) => {
        const text = textOf(written, gap, false) + " ".repeat(long * 70_000)
        assert.strictEqual(Either.isRight(JsonText.parse(text)), survives(written), text.trimEnd())
      }),
      { numRuns: 1_000 }
    )
  })

  it.each(["12345678901234567890", "1e999", "-1E+400", "9007199254740993"])(
    "is not if the number %s is in it",
    (number) => {
      for (const text of [number, `[1,${number}]`, `{"a":${number}}`, ` ${number} `]) {
        assert.isFalse(isFaithful(text, JSON.parse(text)), text)
        assert.isTrue(Either.isLeft(JsonText.parse(text)), text)
      }
    }
  )

  it.each(["-0", "0.1", "1e21", "1.50", "9007199254740992", "-12E-3"])("is if the number %s is in it", (number) => {
    for (const text of [number, `[1,${number},{"b":${number}}]`])
      assert.isTrue(isFaithful(text, JSON.parse(text)), text)
  })

  it("is not what a text has that is nested more deeply than recursion should go", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`
    assert.isTrue(isFaithful(nested(deepest), JSON.parse(nested(deepest))))
    assert.isFalse(isFaithful(nested(100_000), JSON.parse(nested(100_000))))
    for (const depth of [100_000, 30_000]) assert.isTrue(Either.isLeft(JsonText.parse(nested(depth))))
  })
})
