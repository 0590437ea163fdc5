import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Path from "node:path"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { type Implementation, real, within } from "./Implementation.js"
import { bytesIn, empty, layOut, layoutOf } from "./Place.js"
import { type Command, everything, type Failure, type Layout, type Scenario, type Stores } from "./scenarios.js"

/** Why a home is not as it has to be. */
export class Violation extends Data.TaggedError("Violation")<{ readonly what: string }> {}

/** What stands in a home, read by the code that is tried and as it is. */
export interface Content {
  readonly value: string
  readonly bytes: string
}

export const same = (one: Content, other: Content): boolean => one.value === other.value && one.bytes === other.bytes

const patience = "10 seconds"

const orViolation =
  (doing: string) =>
  <A, E extends Failure, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Violation, R> =>
    Effect.mapError(effect, ({ _tag, message }) => new Violation({ what: `${doing} failed: ${_tag}: ${message}` }))

/** Whatever goes wrong in another way, or takes for ever, is a violation as well. */
export const soundly = <A>(doing: string, effect: Effect.Effect<A, Violation>): Effect.Effect<A, Violation> =>
  effect.pipe(
    Effect.catchAllDefect((defect) => new Violation({ what: `${doing} broke down: ${String(defect)}` })),
    Effect.disconnect,
    Effect.timeoutFail({ duration: patience, onTimeout: () => new Violation({ what: `${doing} does not end` }) })
  )

/** What a process reads that has just begun, or one that has long been there. */
export const contentOf = (home: string): Effect.Effect<Content, Violation, Stores> =>
  everything.pipe(
    orViolation("reading"),
    Effect.map((value) => ({ value, bytes: bytesIn(home) }))
  )

/** Runs in a process of its own, on a disk on which nothing goes wrong. */
export const afresh = <A>(
  implementation: Implementation,
  home: string,
  effect: Effect.Effect<A, Violation, Stores>
): Effect.Effect<A, Violation> => soundly("a process", within(implementation, home, FaultyDisk.withoutSync)(effect))

/** A command that has to work. */
export const must = (command: Command, doing = "the next command"): Effect.Effect<void, Violation, Stores> =>
  Effect.asVoid(orViolation(doing)(command))

const layouts = new Map<Scenario, Layout>()

/** What stands there before the scenario's command, made once by the code that there is. */
const layoutBefore = (scenario: Scenario): Effect.Effect<Layout, Violation> =>
  Effect.scoped(
    Effect.gen(function* () {
      const known = layouts.get(scenario)
      if (known !== undefined) return known
      const root = yield* empty
      yield* Effect.sync(() => layOut(root, scenario.before))
      if (scenario.given !== undefined) {
        yield* afresh(real, Path.join(root, scenario.home), must(scenario.given, "what was done before"))
      }
      const layout = layoutOf(root)
      layouts.set(scenario, layout)
      return layout
    })
  )

/** A directory in which everything stands as it does before the scenario's command. */
export const prepared = (scenario: Scenario): Effect.Effect<string, Violation, Scope.Scope> =>
  Effect.flatMap(layoutBefore(scenario), (layout) =>
    Effect.tap(empty, (root) => Effect.sync(() => layOut(root, layout)))
  )

/** Runs a command until it ends, or until its process does. */
export const untilItEnds = <A>(
  effect: Effect.Effect<A, Violation>,
  { stopped }: { readonly stopped: Effect.Effect<void> }
): Effect.Effect<"stopped" | A, Violation> =>
  Effect.flatMap(Effect.forkDaemon(effect), (fiber) =>
    soundly("the command", Effect.raceFirst(Fiber.join(fiber), Effect.as(stopped, "stopped" as const)))
  )
