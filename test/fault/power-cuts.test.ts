import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { record } from "./figures.js"
import { real } from "./Implementation.js"
import { powerCuts } from "./power-cuts.js"
import { scenarios } from "./scenarios.js"

describe("a power cut at any moment", () => {
  it.live.each(scenarios)(
    "leaves exactly the old or exactly the new, and what was acknowledged: $name",
    (scenario) =>
      Effect.gen(function* () {
        const { figures, violations } = yield* powerCuts(real, scenario)
        deepStrictEqual(violations, [])
        if (scenario.outcome === "changes") assert.isAtLeast(figures["different states"] ?? 0, 10)
        record("D4", { ...figures, "acknowledged and lost": violations.length })
      }),
    120_000
  )
})
