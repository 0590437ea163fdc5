import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { cast, type Place } from "./cast.js"
import { type Books, type Manner, settle } from "./Ledger.js"

const [one, other] = cast(12, ["telegram"]).places as [Place, Place]

const written = (...manners: ReadonlyArray<Manner>) => manners.map((manner, n) => ({ place: one, id: `m${n}`, manner }))
const answered = (...ids: ReadonlyArray<string>) =>
  ids.map((id, n) => ({
    place: one.name,
    text: id === "sorry" ? "Sorry" : `${one.person} ${id} heard`,
    at: 10_000 * n
  }))

const none = { kills: [], turns: [] }
const wrongIn = (books: Books) => settle(books).wrong.map(({ what }) => what)

describe("the ledger of a soak", () => {
  it("finds nothing wrong with one answer to each message, in order, apologies where they belong", () => {
    const books = { ...none, accepted: written("well", "badly", "slowly"), heard: answered("m0", "sorry", "m2") }
    const { answered: count, apologies, wrong } = settle(books)
    deepStrictEqual([count, apologies, wrong], [2, 1, []])
  })

  const cases: ReadonlyArray<readonly [what: string, Partial<Books>]> = [
    ["lost", { heard: answered("m0") }],
    ["sent twice", { heard: answered("m0", "m0", "m1") }],
    ["out of order", { heard: answered("m1", "m0") }],
    ["unexpected", { heard: answered("m0", "m1", "sorry") }],
    [
      "to another place",
      { heard: [...answered("m0", "m1"), { place: other.name, text: `${one.person} m1 heard`, at: 0 }] }
    ],
    [
      "crossed",
      { heard: [...answered("m0"), { place: one.name, text: `${one.person} m1 heard ${other.person}`, at: 0 }] }
    ],
    [
      "crossed",
      { turns: [one, other].map(({ person }) => ({ by: "1", session: "s", person, id: person, app: "telegram" })) }
    ],
    [
      "asked twice",
      { turns: [1, 2].map(() => ({ by: "1", session: "s", person: one.person, id: "m0", app: "telegram" })) }
    ]
  ]
  for (const [what, books] of cases) {
    it(`finds what is ${what}`, () => {
      const right = { ...none, accepted: written("well", "slowly"), heard: answered("m0", "m1") }
      deepStrictEqual(wrongIn(right), [])
      deepStrictEqual(wrongIn({ ...right, ...books }), [what])
    })
  }

  it("counts apart what was sent again because of a kill, and only that", () => {
    const books = { ...none, accepted: written("well"), heard: answered("m0", "m0") }
    deepStrictEqual(wrongIn({ ...books, kills: [500] }), [])
    assert.strictEqual(settle({ ...books, kills: [500] })["sent again after a kill"], 1)
    for (const kill of [5_000, 20_000]) deepStrictEqual(wrongIn({ ...books, kills: [kill] }), ["sent twice"])
  })
})
