import { assert, describe, it } from "@effect/vitest"
import { Likeness } from "./Likeness.js"

const a = "shared-aaaaaaaa-aaaaaaaa"
const b = "shared-bbbbbbbb-bbbbbbbb"
const x = "shared-11111111-11111111"
const y = "shared-22222222-22222222"

describe("what is shown and what came", () => {
  it("are alike if they differ in ids and times alone", () => {
    const likeness = new Likeness()
    likeness.compare(
      `${a} 2026-01-01T00:00:00Z\n${b} "updatedAt": 1234567890123`,
      `${x} 2030-05-05T05:05:05.555Z\n${y} "updatedAt": 3210987654321`
    )
    assert.strictEqual(likeness.translate(`unlink ${b} ${a}`), `unlink ${y} ${x}`)
  })

  it.each([
    ["another word", `${a} is`, `${x} was`],
    ["one id for two", `${a} ${b}`, `${x} ${x}`],
    ["two ids for one", `${a} ${a}`, `${x} ${y}`],
    ["an id of another kind", a, "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"],
    ["no time", "2026-01-01T00:00:00Z", "just now"],
    [
      "another session than its UUID says",
      "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa session aaaaaaaa",
      "bbbbbbbb-aaaa-4aaa-8aaa-aaaaaaaaaaaa session cccccccc"
    ]
  ])("are not alike with %s", (_, shown, real) => {
    assert.throws(() => new Likeness().compare(shown, real))
  })

  it("are not alike with another id than in the comparison before", () => {
    const likeness = new Likeness()
    likeness.compare(a, x)
    assert.throws(() => likeness.compare(a, y))
  })
})
