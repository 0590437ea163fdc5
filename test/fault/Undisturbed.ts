import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Path from "node:path"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { type Implementation, within } from "./Implementation.js"
import { bytesIn, namesIn, previousIn } from "./Place.js"
import type { Scenario, Stores } from "./scenarios.js"
import { afresh, type Content, contentOf, must, prepared, same, soundly, Violation } from "./Trial.js"

/** What a scenario comes to when nothing goes wrong. */
export interface Undisturbed {
  readonly old: Content
  readonly new: Content
  /** The same two with the next command's change. */
  readonly oldNext: Content
  readonly newNext: Content
  /** The new content where the next command came first. */
  readonly nextNew: Content
  /** Every path that may be there in the end. */
  readonly names: ReadonlySet<string>
  /** Of each document, the versions that may be kept as the previous one. */
  readonly previous: ReadonlyArray<ReadonlySet<string | undefined>>
  /** All that the command asks of the disk. */
  readonly calls: ReadonlyArray<FaultyDisk.Call>
}

/** What the scenario's command has to come to, done or refused. */
const asExpected = ({ command, outcome }: Scenario): Effect.Effect<void, Violation, Stores> =>
  Effect.flatMap(Effect.exit(command), (exit) =>
    Exit.isSuccess(exit) === (outcome !== "refuses")
      ? Effect.void
      : new Violation({ what: `undisturbed, the command ended otherwise: ${String(exit)}` })
  )

/** Tries a scenario without any fault, and what comes after it. */
export const undisturbed = (
  implementation: Implementation,
  scenario: Scenario
): Effect.Effect<Undisturbed, Violation> =>
  Effect.gen(function* () {
    const on = <A>(use: (home: string, root: string) => Effect.Effect<A, Violation>) =>
      Effect.scoped(Effect.flatMap(prepared(scenario), (root) => use(Path.join(root, scenario.home), root)))
    const finally_ = (...commands: ReadonlyArray<Effect.Effect<void, Violation, Stores>>) =>
      on((home, root) =>
        Effect.gen(function* () {
          for (const command of commands) yield* afresh(implementation, home, command)
          const content = yield* afresh(implementation, home, contentOf(home))
          return { content, names: namesIn(root), previous: previousIn(home) }
        })
      )
    const command = asExpected(scenario)
    const next = must(scenario.next)
    const old = yield* finally_()
    const oldNext = yield* finally_(next)
    const newNext = yield* finally_(command, next)
    const changed = yield* finally_(command)
    const nextNew = yield* finally_(next, command)
    const disk = FaultyDisk.make(() => "none", FaultyDisk.withoutSync)
    yield* on((home) => soundly("the command", within(implementation, home, disk.layer)(command)))
    if ((scenario.outcome === "changes") === same(old.content, changed.content)) {
      return yield* new Violation({ what: "undisturbed, the command leaves behind what it should not" })
    }
    return {
      old: old.content,
      new: changed.content,
      oldNext: oldNext.content,
      newNext: newNext.content,
      nextNew: nextNew.content,
      names: new Set([...oldNext.names, ...newNext.names]),
      previous: old.previous.map((previous, n) => new Set([previous, changed.previous[n]])),
      calls: disk.calls
    }
  })

const names = ["old", "new", "oldNext", "newNext"] as const

/** As many characters as two texts begin with in common. */
const common = (one: string, other: string): number => {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}

/** Which content it is; or which it is most like, and what stands where it begins to differ. */
const brief = (text: string, expected: Undisturbed): string => {
  const all = names.flatMap((name) => [expected[name].bytes, expected[name].value].map((known) => ({ name, known })))
  const [most, ...others] = all.map((one) => ({ ...one, at: common(text, one.known) }))
  const nearest = others.reduce((best, one) => (best === undefined || one.at > best.at ? one : best), most)
  if (nearest === undefined || nearest.known === text) return `the ${nearest?.name ?? "unknown"}`
  const here = text.slice(Math.max(0, nearest.at - 20), nearest.at + 100)
  return `what differs from the ${nearest.name} at ${JSON.stringify(here)}`
}

/**
 * After whatever has happened: what is there is the old or the new, whole, by its bytes and to a new process; the next
 * command works unaided; nothing is left over. Gives which of the two it was.
 */
export const standing = (
  implementation: Implementation,
  scenario: Scenario,
  root: string,
  expected: Undisturbed,
  mayBe: ReadonlyArray<"old" | "new"> = ["old", "new"]
): Effect.Effect<"old" | "new", Violation> =>
  Effect.gen(function* () {
    const home = Path.join(root, scenario.home)
    const bytes = bytesIn(home)
    const which = mayBe.find((one) => expected[one].bytes === bytes)
    if (which === undefined) return yield* new Violation({ what: `this stands there: ${brief(bytes, expected)}` })
    for (const [n, previous] of previousIn(home).entries()) {
      if (expected.previous[n]?.has(previous) !== true) {
        return yield* new Violation({ what: `the previous version is ${brief(previous ?? "none", expected)}` })
      }
    }
    const [{ value }, after] = yield* afresh(
      implementation,
      home,
      Effect.all([contentOf(home), Effect.zipRight(must(scenario.next), contentOf(home))])
    )
    if (value !== expected[which].value)
      return yield* new Violation({ what: `this is read: ${brief(value, expected)}` })
    const then = which === "old" ? expected.oldNext : expected.newNext
    if (!same(after, then))
      return yield* new Violation({ what: `after the next command: ${brief(after.bytes, expected)}` })
    const left = namesIn(root).filter((name) => !expected.names.has(name))
    if (left.length > 0) return yield* new Violation({ what: `this is left over: ${left.join(", ")}` })
    return which
  })
