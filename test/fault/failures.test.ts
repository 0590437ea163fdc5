import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { codes, failures } from "./failures.js"
import { record } from "./figures.js"
import { real } from "./Implementation.js"
import { scenarios } from "./scenarios.js"

describe("an operation that fails", () => {
  const met = new Map<string, Set<string>>()

  it.live.each(scenarios.map((scenario, index) => ({ scenario, index, name: scenario.name })))(
    "leaves the old and a failure that says so, or the new and one that says that: $name",
    ({ index, scenario }) =>
      Effect.gen(function* () {
        const known = new Set(met.keys())
        const check = failures({
          thorough: (operation) => !known.has(operation),
          shift: index,
          seen: ({ code, operation, when }) =>
            met.set(operation, (met.get(operation) ?? new Set()).add(`${code} ${when}`))
        })
        const { figures, violations } = yield* check(real, scenario)
        deepStrictEqual(violations, [])
        assert.isAtLeast(figures["failures"] ?? 0, 6)
        record("D2", figures)
      }),
    120_000
  )

  it("was of every kind, with every code, before being done and after", () => {
    for (const [operation, ways] of met) deepStrictEqual([operation, ways.size], [operation, codes.length * 2])
    assert.includeMembers(Array.from(met.keys()), ["open", "read", "write", "sync", "close", "stat", "statOpen"])
    assert.includeMembers(Array.from(met.keys()), ["resolve", "makeDirectory", "tryLock", "list", "link", "rename"])
    record("D2", { "kinds of operation": met.size, codes: codes.length })
  })
})
