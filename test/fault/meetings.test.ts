import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { record } from "./figures.js"
import { following, refusals } from "./following.js"
import { real } from "./Implementation.js"
import { meetings, readers } from "./meetings.js"
import { scenarios } from "./scenarios.js"

const edited = scenarios.filter(({ edit }) => edit !== undefined)

describe("two processes that meet at any operation", () => {
  it.live.each(edited)(
    "have both done what they acknowledge: $name",
    (scenario) =>
      Effect.gen(function* () {
        const { figures, violations } = yield* meetings(real, scenario)
        deepStrictEqual(violations, [])
        assert.isAtLeast(figures["two changes met"] ?? 0, 6)
        if (scenario.outcome === "changes") assert.isAtLeast(figures["one waited"] ?? 0, 5)
        record("D5", figures)
      }),
    120_000
  )

  it.live.each(scenarios)(
    "see the old until they see the new, if one of them only reads: $name",
    (scenario) =>
      Effect.gen(function* () {
        const { figures, violations } = yield* readers(real, scenario)
        deepStrictEqual(violations, [])
        assert.isAtLeast(figures["readings"] ?? 0, 10)
      }),
    120_000
  )
})

describe("a file that somebody changes", () => {
  it.live.each(edited)(
    "is followed, even if neither size nor time of modification tell: $name",
    (scenario) =>
      Effect.gen(function* () {
        const { figures, violations } = yield* following(real, scenario)
        deepStrictEqual(violations, [])
        if (Object.keys(scenario.before).length > 1) assert.strictEqual(figures["followed"], 2)
      }),
    120_000
  )

  it.live.each(edited)(
    "so that it cannot be understood is left to him: $name",
    (scenario) =>
      Effect.gen(function* () {
        const { figures, violations } = yield* refusals(real, scenario)
        deepStrictEqual(violations, [])
        assert.strictEqual(figures["refusals"], 3)
      }),
    120_000
  )
})
