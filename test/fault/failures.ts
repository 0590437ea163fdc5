import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Path from "node:path"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { collect, comparing } from "./Check.js"
import { within } from "./Implementation.js"
import { bytesIn, fingerprint, heldLocks, namesIn } from "./Place.js"
import type { Failure, Scenario } from "./scenarios.js"
import { afresh, contentOf, must, prepared, same, soundly, Violation } from "./Trial.js"
import type { Undisturbed } from "./Undisturbed.js"

export const codes = ["ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES", "EMFILE", "EBUSY", "EXDEV"]

/** An operation that fails, or all from there on, before being done or after. */
interface Case {
  readonly at: number
  readonly operation: FaultyDisk.Operation
  readonly code: string
  readonly when: "before" | "after"
  readonly lasting: boolean
}

/** What is to be met, from scenario to scenario another choice. */
interface Choice {
  /** The kinds of operation of which the first is to meet every code, and both ways of failing: once and lasting. */
  readonly thorough: (operation: FaultyDisk.Operation) => boolean
  /** Elsewhere each place meets one code in one way: which, this decides. */
  readonly shift: number
  readonly seen: (one: Case) => void
}

const casesIn = ({ calls }: Undisturbed, { shift, thorough }: Choice): ReadonlyArray<Case> =>
  calls.flatMap(({ operation }, at) => {
    const all = thorough(operation) && calls.findIndex((other) => other.operation === operation) === at
    const turn = at + shift
    return (["before", "after"] as const).flatMap((when, one) =>
      [false, true].flatMap((lasting, other) =>
        codes
          .filter((_, n) => n === (turn * 3 + one + other * 2) % codes.length || (all && !lasting))
          .filter(() => all || turn % 4 === one * 2 + other)
          .map((code) => ({ at, operation, code, when, lasting }))
      )
    )
  })

/** The documents' real paths can be told from those beside them by their ends. */
const isDocument = (path: string): boolean => path.endsWith(".json")

/** What a failure says of the outcome has to be so. */
const truthful = (
  { _tag, message }: Failure,
  content: string,
  { outcome }: Scenario,
  expected: Undisturbed,
  calls: ReadonlyArray<FaultyDisk.Call>,
  root: string
): string | undefined => {
  const isOld = content === expected.old.bytes
  const isNew = content === expected.new.bytes
  if (!["StorageFailed", "IdentityMapUnreadable", "DocumentUnreadable"].includes(_tag)) {
    return outcome === "refuses" && isOld ? undefined : `the failure is ${_tag}: ${message}`
  }
  if (!message.includes(root)) return `the failure does not say of which file it is: ${message}`
  // The system itself says that it did not put something there, and it did.
  const misled = calls.some(({ done, failed, to = "" }) => done && failed !== undefined && isDocument(to))
  if (message.includes("may be lost")) {
    return isNew || (misled && isOld) ? undefined : `it is said to have been made and was not: ${message}`
  }
  if (!/nothing was changed|left as it is/.test(message))
    return `the failure does not say what has become of the file: ${message}`
  return isOld || (misled && isNew) ? undefined : `it was changed, and is said not to have been: ${message}`
}

/**
 * An operation that fails leaves exactly the old and a failure that says so; or the new and a failure that says so. Only
 * where putting a file in its place was made and reported as failed may the failure say otherwise. Nothing is left over
 * but what could not be removed, no lock is held, and the same process works on.
 */
export const failures = (choice: Choice) =>
  comparing((implementation, scenario, expected) =>
    Effect.gen(function* () {
      const figures = { failures: 0, "left old": 0, "left new": 0, unnoticed: 0 }
      const known = new Set<string>()
      const violations = yield* collect(
        casesIn(expected, choice),
        ({ at, code, lasting, operation, when }) =>
          `${code} ${when} ${operation} (${at})${lasting ? " and all that follow" : ""}`,
        (one) =>
          Effect.scoped(
            Effect.gen(function* () {
              const { at, code, lasting, when } = one
              const root = yield* prepared(scenario)
              const home = Path.join(root, scenario.home)
              let failing = true
              const disk = FaultyDisk.make(
                (index) => (failing && (lasting ? index >= at : index === at) ? { code, when } : "none"),
                FaultyDisk.withoutSync
              )
              const command = Effect.gen(function* () {
                const exit = yield* Effect.exit(scenario.command)
                failing = false
                choice.seen(one)
                figures.failures += 1
                const bytes = bytesIn(home)
                const isNew = bytes === expected.new.bytes
                if (!isNew && bytes !== expected.old.bytes)
                  return yield* new Violation({ what: "neither old nor new stands there" })
                if (scenario.outcome === "changes") figures[isNew ? "left new" : "left old"] += 1

                if (Exit.isSuccess(exit)) {
                  figures.unnoticed += 1
                  if (!isNew) return yield* new Violation({ what: "it was acknowledged, and the old stands there" })
                  if (scenario.outcome === "refuses") return yield* new Violation({ what: "it was not refused" })
                } else {
                  const failure = Cause.failureOption(exit.cause)
                  if (failure._tag === "None")
                    return yield* new Violation({ what: `it broke down: ${String(exit.cause)}` })
                  const wrong = truthful(failure.value, bytes, scenario, expected, disk.calls, root)
                  if (wrong !== undefined) return yield* new Violation({ what: wrong })
                }

                const stuck = new Set(
                  disk.calls.flatMap(({ done, operation, path }) =>
                    operation === "remove" && !done ? [Path.relative(root, path)] : []
                  )
                )
                const left = namesIn(root).filter((name) => !expected.names.has(name) && !stuck.has(name))
                if (left.length > 0) return yield* new Violation({ what: `this is left over: ${left.join(", ")}` })
                const open = disk.open()
                if (open.length > 0) return yield* new Violation({ what: `${open.join(", ")} is still open` })
                const held = heldLocks(root)
                if (held.length > 0) return yield* new Violation({ what: `${held.join(", ")} is still held` })

                const read = yield* contentOf(home)
                if (!same(read, isNew ? expected.new : expected.old)) {
                  return yield* new Violation({ what: "the process that met the failure reads something else" })
                }
                // To a process that has just begun, all is the same that looks the same.
                const print = fingerprint(root)
                if (lasting && known.has(print)) return
                if (lasting) known.add(print)
                const next = must(scenario.next)
                yield* lasting ? afresh(implementation, home, next) : next
                if (!same(yield* contentOf(home), isNew ? expected.newNext : expected.oldNext)) {
                  return yield* new Violation({ what: "the next command made something else" })
                }
                const after = namesIn(root).filter((name) => !expected.names.has(name))
                if (after.length > 0) {
                  return yield* new Violation({ what: `after the next command this is left over: ${after.join(", ")}` })
                }
              })
              yield* soundly("the command", within(implementation, home, disk.layer)(command))
            })
          )
      )
      return { violations, figures }
    })
  )
