import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Path from "node:path"
import * as Random from "effect/Random"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { collect, comparing } from "./Check.js"
import { type Implementation, within } from "./Implementation.js"
import { empty } from "./Place.js"
import { materialise, remains, type State } from "./Remains.js"
import type { Scenario } from "./scenarios.js"
import { Survival } from "./Survival.js"
import { prepared, soundly, untilItEnds } from "./Trial.js"
import { standing } from "./Undisturbed.js"

/** What has been asked of the disk, and after how many operations the change was acknowledged, if it was. */
interface Recording {
  readonly calls: ReadonlyArray<FaultyDisk.Call>
  readonly acknowledged: number
}

const changing = new Set<FaultyDisk.Operation>([
  "open",
  "write",
  "truncate",
  "sync",
  "link",
  "rename",
  "swap",
  "remove",
  "makeDirectory"
])

/** Runs the command in a process whose temporary names are the same every time. */
const recorded = (
  implementation: Implementation,
  { command, home }: Scenario,
  root: string,
  faultAt: (index: number, operation: FaultyDisk.Operation) => FaultyDisk.Fault,
  process = 1
) =>
  Effect.gen(function* () {
    const disk = FaultyDisk.make(faultAt, FaultyDisk.withoutSync)
    let acknowledged = Number.POSITIVE_INFINITY
    const acknowledging = Effect.map(Effect.exit(command), (exit) => {
      if (Exit.isSuccess(exit)) acknowledged = disk.calls.length
    })
    yield* untilItEnds(
      within(
        implementation,
        Path.join(root, home),
        disk.layer
      )(acknowledging).pipe(Effect.withRandom(Random.make(process))),
      disk
    )
    return { calls: disk.calls, acknowledged } satisfies Recording
  })

/**
 * A power cut at any time leaves exactly the old or exactly the new, and once the change was acknowledged the new. Also
 * when a sync failed before, and when the command is given again after its process had died.
 */
export const powerCuts = comparing((implementation, scenario, expected) =>
  Effect.gen(function* () {
    const figures = { "crash points": 0, "states enumerated": 0, "different states": 0 }
    const different = new Map<string, { readonly state: State; readonly must: boolean; readonly where: string }>()

    const look = (survival: Survival, must: boolean, where: string) => {
      figures["crash points"] += 1
      for (const state of remains(survival, expected.names)) {
        figures["states enumerated"] += 1
        // A state that may come up before as well as after the acknowledgement has to be the new one.
        if (different.get(state.key)?.must !== true) {
          if (must || !different.has(state.key)) different.set(state.key, { state, must, where })
        }
      }
    }

    /** The power fails before the first operation, after each, and at the end. */
    const follow = (survival: Survival, { acknowledged, calls }: Recording, how: string) => {
      for (const [at, call] of calls.entries()) {
        look(survival, at >= acknowledged, `power cut before ${call.operation} (${at})${how}`)
        survival.add(call)
      }
      look(survival, calls.length >= acknowledged, `power cut at the end${how}`)
    }

    const syncs = Array.from(expected.calls.entries()).filter(([, { operation }]) => operation === "sync")
    for (const failing of [undefined, ...syncs.map(([at]) => at)]) {
      yield* Effect.scoped(
        Effect.gen(function* () {
          const root = yield* prepared(scenario)
          const survival = new Survival(root)
          const recording = yield* recorded(implementation, scenario, root, (index) =>
            index === failing ? { code: "EIO", when: "before" } : "none"
          )
          follow(survival, recording, failing === undefined ? "" : ` when the sync at ${failing} had failed`)
        })
      )
    }

    for (const [stopping, { operation }] of expected.calls.entries()) {
      // Stopped after another one, it would leave the same.
      if (!changing.has(operation)) continue
      yield* Effect.scoped(
        Effect.gen(function* () {
          const root = yield* prepared(scenario)
          const survival = new Survival(root)
          const first = yield* recorded(implementation, scenario, root, (index) =>
            index === stopping ? { stop: "after" } : "none"
          )
          const second = yield* recorded(implementation, scenario, root, () => "none", 2)
          for (const call of first.calls) survival.add(call)
          follow(
            survival,
            second,
            ` when the command was given again, stopped at first after ${operation} (${stopping})`
          )
        })
      )
    }

    figures["different states"] = different.size
    const violations = yield* collect(
      different.values(),
      ({ where }) => where,
      ({ must, state }) =>
        Effect.scoped(
          Effect.gen(function* () {
            const root = yield* empty
            yield* Effect.sync(() => materialise(root, state))
            yield* standing(implementation, scenario, root, expected, must ? ["new"] : ["old", "new"])
          })
        ).pipe((checking) => soundly("a state", checking))
    )
    return { violations, figures }
  })
)
