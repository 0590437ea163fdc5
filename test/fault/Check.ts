import * as Effect from "effect/Effect"
import type { Implementation } from "./Implementation.js"
import type { Scenario } from "./scenarios.js"
import type { Violation } from "./Trial.js"
import { type Undisturbed, undisturbed } from "./Undisturbed.js"

/** What a check found: each way in which the law does not hold, and how much it has looked at. */
export interface Report {
  readonly violations: ReadonlyArray<string>
  readonly figures: Record<string, number>
}

/** A law, to be tried on any implementation in any scenario. */
export type Check = (implementation: Implementation, scenario: Scenario) => Effect.Effect<Report>

/** Tries one case after the other, and says of each violation where it came from. */
export const collect = <A>(
  cases: Iterable<A>,
  where: (one: A) => string,
  check: (one: A) => Effect.Effect<void, Violation>
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    Effect.forEach(cases, (one) =>
      Effect.match(check(one), {
        onFailure: ({ what }) => [`${where(one)}: ${what}`],
        onSuccess: () => []
      })
    ),
    (violations) => [...new Set(violations.flat())]
  )

/** A check that begins with what happens undisturbed. */
export const comparing =
  (
    check: (
      implementation: Implementation,
      scenario: Scenario,
      expected: Undisturbed
    ) => Effect.Effect<Report, Violation>
  ): Check =>
  (implementation, scenario) =>
    undisturbed(implementation, scenario).pipe(
      Effect.flatMap((expected) => check(implementation, scenario, expected)),
      Effect.catchTag("Violation", ({ what }) => Effect.succeed<Report>({ violations: [what], figures: {} })),
      Effect.map(({ figures, violations }) => ({
        violations: violations.map((violation) => `${scenario.name}: ${violation}`),
        figures
      }))
    )
