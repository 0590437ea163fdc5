import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { crashes } from "./crashes.js"
import { record } from "./figures.js"
import { real } from "./Implementation.js"
import { scenarios } from "./scenarios.js"

describe("a process that ends between any two operations", () => {
  it.live.each(scenarios)(
    "leaves exactly the old or exactly the new, and no work for the next: $name",
    (scenario) =>
      Effect.gen(function* () {
        const { figures, violations } = yield* crashes(real, scenario)
        deepStrictEqual(violations, [])
        assert.isAtLeast(figures["processes ended"] ?? 0, 7)
        if (scenario.outcome === "changes") {
          assert.isAtLeast(figures["left old"] ?? 0, 10)
          assert.isAtLeast(figures["left new"] ?? 0, 2)
        }
        record("D1", figures)
      }),
    120_000
  )
})
