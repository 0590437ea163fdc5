import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { alphabet, codeBehind, codeIn, printCode, wordIn } from "../../../src/identity/proof/CodeForm.js"
import * as Secrets from "../../../src/identity/proof/Secrets.js"

describe("a code", () => {
  it("has 32 characters to be made of, none of which looks like another: eight of them are 40 bits", () => {
    assert.strictEqual(new Set(alphabet).size, 32)
    assert.notMatch(alphabet, /[01IO]/)
  })

  it("is a text of exactly this form, in either case and with space around it", () => {
    for (const text of ["ABCD-2345", "abcd-2345", " ABCD-2345\n"]) assertSome(codeIn(text), "ABCD2345")
    for (const text of [
      "ABCD2345",
      "ABCD 2345",
      "ABCD-234",
      "ABCD-23456",
      "ABCD-2341",
      "ABCO-2345",
      "my ABCD-2345",
      "ABCD-2345 ABCD-2345",
      ""
    ]) {
      assertNone(codeIn(text))
    }
  })

  it("may be written without its dash behind a command", () => {
    for (const text of ["ABCD-2345", "abcd2345", "ABCD 2345", "ABCD\u00a02345"])
      assertSome(codeBehind(text), "ABCD2345")
    for (const text of ["ABCD_2345", "ABCD", "ABCD-2345 please", "ABCD--2345"]) assertNone(codeBehind(text))
  })

  it("is read as it is printed", () => {
    assertSome(Option.map(codeIn("wxyz-9876"), printCode), "WXYZ-9876")
  })
})

describe("a word", () => {
  it("is three letters and two digits, and what stands behind it may be one more word", () => {
    assertSome(wordIn("KTM47"), { word: "KTM47", more: Option.none() })
    assertSome(wordIn(" ktm47  SHARE "), { word: "KTM47", more: Option.some("share") })
    for (const text of ["KTM4", "KTM471", "KT477", "OTM47", "KTM40", "KTM47 and more words", "yes KTM47"])
      assertNone(wordIn(text))
  })
})

describe("secrets", () => {
  const many = Array.from({ length: 200 }, (_, n) => n)
  const forms = Effect.gen(function* () {
    const { code, id, word } = yield* Secrets.Secrets
    const codes = yield* Effect.forEach(many, () => code)
    const words = yield* Effect.forEach(many, () => word)
    const ids = yield* Effect.forEach(many, () => id)
    for (const one of codes) assertSome(codeIn(printCode(one)), one)
    for (const one of words) assertSome(wordIn(one), { word: one, more: Option.none() })
    for (const one of ids) assert.match(one, /^code-[0-9a-f]{8}$/)
    return [codes, words, ids].map((all) => new Set(all).size)
  })

  it.effect("have these forms, in tests each another", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* forms, [200, 200, 200])
    }).pipe(Effect.provide(Secrets.layerTest))
  )

  it.effect("have these forms, and use all characters", () =>
    Effect.gen(function* () {
      yield* forms
      const { code, word } = yield* Secrets.Secrets
      const drawn = (yield* Effect.forEach(many, () => code)).join("")
      deepStrictEqual(new Set(drawn).size, 32)
      const letters = (yield* Effect.forEach(many, () => word)).join("")
      deepStrictEqual(new Set(letters).size, 32)
    }).pipe(Effect.provide(Secrets.layer))
  )
})
