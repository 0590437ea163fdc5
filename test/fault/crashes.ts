import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Path from "node:path"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { collect, comparing } from "./Check.js"
import { within } from "./Implementation.js"
import { fingerprint, heldLocks } from "./Place.js"
import { prepared, untilItEnds, Violation } from "./Trial.js"
import { standing } from "./Undisturbed.js"

/**
 * A process that ends between any two operations leaves exactly the old or exactly the new, a lock that
 * is free, and no work for whoever comes next. Most ends leave the same directory; what comes next is tried once in each.
 */
export const crashes = comparing((implementation, scenario, expected) =>
  Effect.gen(function* () {
    const figures = { "processes ended": 0, "different directories left": 0, "left old": 0, "left new": 0 }
    const known = new Map<string, "old" | "new">()
    // All that is left before an operation is what was left after the one before it.
    const points = expected.calls.flatMap(({ operation }, at) =>
      (at === 0 ? (["before", "after"] as const) : (["after"] as const)).map((when) => ({ at, when, operation }))
    )
    const violations = yield* collect(
      points,
      ({ at, operation, when }) => `stopped ${when} ${operation} (${at})`,
      ({ at, when }) =>
        Effect.scoped(
          Effect.gen(function* () {
            const root = yield* prepared(scenario)
            const home = Path.join(root, scenario.home)
            const disk = FaultyDisk.make((index) => (index === at ? { stop: when } : "none"), FaultyDisk.withoutSync)
            const command = within(
              implementation,
              home,
              disk.layer
            )(Effect.ignore(scenario.command)).pipe(
              // The same temporary names every time.
              Effect.withRandom(Random.make(1))
            )
            if ((yield* untilItEnds(command, disk)) !== "stopped") {
              return yield* new Violation({ what: "it never came to this operation" })
            }
            figures["processes ended"] += 1
            const held = heldLocks(root)
            if (held.length > 0) return yield* new Violation({ what: `${held.join(", ")} is still held` })
            const print = fingerprint(root)
            const left = known.get(print) ?? (yield* standing(implementation, scenario, root, expected))
            known.set(print, left)
            figures[`left ${left}`] += 1
          })
        )
    )
    figures["different directories left"] = known.size
    return { violations, figures }
  })
)
