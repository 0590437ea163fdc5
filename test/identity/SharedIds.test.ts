import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as SharedIds from "../../src/identity/SharedIds.js"

describe("a new shared id", () => {
  it.effect("is `shared-` with twice eight hexadecimal digits, and cannot be guessed from the one before", () =>
    Effect.gen(function* () {
      const { mint } = yield* SharedIds.SharedIds
      const ids = yield* Effect.replicateEffect(mint, 200)
      for (const id of ids) assert.match(id, /^shared-[0-9a-f]{8}-[0-9a-f]{8}$/)
      const halves = ids.flatMap((id) => id.split("-").slice(1))
      assert.strictEqual(new Set(halves).size, halves.length)
      const first = new Set(halves.map((half) => half[0]))
      assert.isAbove(first.size, 8)
    }).pipe(Effect.provide(SharedIds.layer))
  )
})
