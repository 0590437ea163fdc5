import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { edits } from "./edits.js"
import { record } from "./figures.js"
import { real } from "./Implementation.js"
import { scenarios } from "./scenarios.js"

describe("what somebody saves by hand during a command", () => {
  it.live.each(scenarios.filter(({ edit }) => edit !== undefined))(
    "is in the file afterwards: $name",
    (scenario) =>
      Effect.gen(function* () {
        const { figures, violations } = yield* edits(real, scenario)
        deepStrictEqual(violations, [])
        assert.isAtLeast(figures["in the file"] ?? 0, 9)
        record("D9", figures)
      }),
    120_000
  )
})
