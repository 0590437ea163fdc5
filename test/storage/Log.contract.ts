import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Lines, Log } from "../../src/storage/Log.js"

/** Of so many bytes at least, with letters of one to four bytes in it. */
export const long = (bytes: number, start: string): string => {
  const letters = "aé€😀"
  return start + letters.repeat(Math.ceil(bytes / 10))
}

const line = FastCheck.oneof(
  { weight: 8, arbitrary: FastCheck.string({ unit: "binary", maxLength: 20 }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: FastCheck.nat(200_000).map((bytes) => long(bytes, "#")) }
)

const how = FastCheck.constantFrom("close" as const, "remove" as const)

/** Something done to a log, and what it makes of what is in it. */
interface Step {
  readonly run: (log: Log) => Effect.Effect<void, unknown>
  readonly expected: (lines: Lines) => Lines
}

const settled = (what: "close" | "remove", { closed, open }: Lines): ReadonlyArray<string> =>
  what === "close" ? [...closed, ...Option.toArray(open)] : closed

const steps: FastCheck.Arbitrary<ReadonlyArray<Step>> = FastCheck.array(
  FastCheck.oneof(
    {
      weight: 3,
      arbitrary: FastCheck.tuple(how, FastCheck.array(line, { maxLength: 3 }), line).map(
        ([what, closed, open]): Step => ({
          run: (log) => log.add(what, { closed, open }),
          expected: (lines) => ({ closed: [...settled(what, lines), ...closed], open: Option.some(open) })
        })
      )
    },
    {
      weight: 2,
      arbitrary: how.map(
        (what): Step => ({
          run: (log) => log.settle(what),
          expected: (lines) => ({ closed: settled(what, lines), open: Option.none() })
        })
      )
    },
    {
      weight: 2,
      // Only where no line is open.
      arbitrary: FastCheck.tuple(how, FastCheck.array(line, { minLength: 1, maxLength: 3 }), FastCheck.boolean()).map(
        ([what, added, durable]): Step => ({
          run: (log) => Effect.zipRight(log.settle(what), log.append(added, durable)),
          expected: (lines) => ({ closed: [...settled(what, lines), ...added], open: Option.none() })
        })
      )
    },
    {
      weight: 1,
      arbitrary: FastCheck.array(line, { maxLength: 3 }).map(
        (closed): Step => ({
          run: (log) => log.replace(closed),
          expected: () => ({ closed, open: Option.none() })
        })
      )
    }
  ),
  { minLength: 1, maxLength: 8 }
)

const nothing: Lines = { closed: [], open: Option.none() }

/** What every log does, wherever it keeps its lines. Each one that is made is empty, and another than those before it. */
export const logContract = (name: string, make: Effect.Effect<Log, never, Scope.Scope>): void => {
  const holds = (log: Log, lines: Lines) =>
    Effect.gen(function* () {
      deepStrictEqual(yield* log.all, lines)
      const { closed, open } = yield* log.end
      deepStrictEqual({ closed, open }, { closed: lines.closed.slice(-1), open: lines.open })
    })

  describe(`a log in ${name}`, () => {
    it.scopedLive("is empty at first, and settling nothing leaves it so", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* holds(log, nothing)
        for (const what of ["close", "remove"] as const) {
          yield* log.settle(what)
          yield* holds(log, nothing)
        }
      })
    )

    it.scopedLive("leaves the last line that was added open, until it is closed", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* log.add("remove", { closed: ["one", "two"], open: "three" })
        yield* holds(log, { closed: ["one", "two"], open: Option.some("three") })
        yield* log.settle("close")
        yield* log.settle("close")
        yield* holds(log, { closed: ["one", "two", "three"], open: Option.none() })
      })
    )

    it.scopedLive("takes an open line out, and no closed one", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* log.add("close", { closed: [], open: "one" })
        yield* log.settle("remove")
        yield* holds(log, nothing)
        yield* log.add("remove", { closed: ["one"], open: "two" })
        yield* log.settle("remove")
        yield* log.settle("remove")
        yield* holds(log, { closed: ["one"], open: Option.none() })
      })
    )

    it.scopedLive("adds behind an open line or in its place", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* log.add("remove", { closed: [], open: "one" })
        yield* log.add("close", { closed: [], open: "two" })
        yield* holds(log, { closed: ["one"], open: Option.some("two") })
        yield* log.add("remove", { closed: ["three"], open: "four" })
        yield* holds(log, { closed: ["one", "three"], open: Option.some("four") })
      })
    )

    it.scopedLive("takes closed lines behind closed lines", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* log.append(["one", "two"], true)
        yield* log.append(["three"], false)
        yield* holds(log, { closed: ["one", "two", "three"], open: Option.none() })
        yield* log.add("remove", { closed: [], open: "four" })
        yield* holds(log, { closed: ["one", "two", "three"], open: Option.some("four") })
      })
    )

    it.scopedLive("has other lines in place of all, the open one too", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* log.add("remove", { closed: ["one", "two"], open: "three" })
        yield* log.replace(["four"])
        yield* holds(log, { closed: ["four"], open: Option.none() })
        yield* log.replace([])
        yield* holds(log, nothing)
      })
    )

    it.scopedLive("finds its end though lines are longer than one look at it", () =>
      Effect.gen(function* () {
        for (const size of [65_535, 65_536, 65_537, 262_144, 1_000_000]) {
          const log = yield* make
          const [one, two, three] = [long(size, "1"), long(size, "22"), long(size, "333")]
          yield* log.add("remove", { closed: ["short"], open: one })
          yield* holds(log, { closed: ["short"], open: Option.some(one) })
          yield* log.add("close", { closed: [two], open: three })
          yield* holds(log, { closed: ["short", one, two], open: Option.some(three) })
          yield* log.settle("close")
          yield* holds(log, { closed: ["short", one, two, three], open: Option.none() })
        }
      })
    )

    it.scopedLive.prop("is what was done to it, whatever that was", [steps], ([all]) =>
      Effect.gen(function* () {
        const log = yield* make
        let lines = nothing
        for (const { expected, run } of all) {
          yield* run(log)
          lines = expected(lines)
          yield* holds(log, lines)
        }
      }).pipe(Effect.scoped)
    )
  })
}
