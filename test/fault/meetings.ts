import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Path from "node:path"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { collect, comparing } from "./Check.js"
import { within } from "./Implementation.js"
import type { Stores } from "./scenarios.js"
import { afresh, contentOf, must, prepared, soundly, Violation } from "./Trial.js"

/** Who decides a second time takes another id. */
const unnamed = (text: string): string => {
  const ids = [...new Set(text.match(/shared-[0-9a-f]{8}-[0-9a-f]{8}/g) ?? [])]
  return ids.reduce((renamed, id, n) => renamed.replaceAll(id, `one ${n}`), text)
}

/**
 * Before any operation of a command another process begins the next one, and gets as far as it can: to its end, or to a lock
 * that is held. Both are told that they have succeeded, so both changes are there, whichever came first.
 */
export const meetings = comparing((implementation, scenario, expected) =>
  Effect.gen(function* () {
    const figures = { "two changes met": 0, "one waited": 0 }
    const violations = yield* collect(
      expected.calls.entries(),
      ([at, { operation }]) => `met before ${operation} (${at})`,
      ([at]) =>
        Effect.scoped(
          Effect.gen(function* () {
            const root = yield* prepared(scenario)
            const home = Path.join(root, scenario.home)
            const waiting = yield* Deferred.make<void>()
            let asked = 0
            const otherDisk = FaultyDisk.make((_, operation) => {
              // Who asks a second time was refused the first time.
              if (operation === "tryLock" && ++asked === 2) {
                figures["one waited"] += 1
                Deferred.unsafeDone(waiting, Effect.void)
              }
              return "none"
            }, FaultyDisk.withoutSync)
            const other = yield* Deferred.make<Fiber.Fiber<void, Violation>>()
            const first = Effect.gen(function* () {
              const process = within(implementation, home, otherDisk.layer)(must(scenario.next, "the other command"))
              const fiber = yield* Effect.forkDaemon(process)
              yield* Deferred.succeed(other, fiber)
              yield* Effect.raceFirst(Fiber.await(fiber), Deferred.await(waiting))
              // What comes between is not part of an operation that may not be interrupted.
            }).pipe(Effect.interruptible)
            const disk = FaultyDisk.make((index) => (index === at ? { first } : "none"), FaultyDisk.withoutSync)
            const both = Effect.zipRight(
              scenario.outcome === "refuses"
                ? Effect.ignore(scenario.command)
                : must(scenario.command, "the command that was met"),
              Effect.flatMap(Deferred.await(other), Fiber.join)
            )
            yield* soundly("one of two commands", within(implementation, home, disk.layer)(both))
            figures["two changes met"] += 1
            const { bytes } = yield* afresh(implementation, home, contentOf(home))
            if (![expected.newNext, expected.nextNew].some((both) => unnamed(both.bytes) === unnamed(bytes))) {
              return yield* new Violation({ what: "both were acknowledged, and not both are there" })
            }
          })
        )
    )
    return { violations, figures }
  })
)

/**
 * Before any operation of a command, one process that has long been reading and one that begins: both see exactly the old
 * or exactly the new, and nobody the old who has seen the new.
 */
export const readers = comparing((implementation, scenario, expected) =>
  Effect.gen(function* () {
    const figures = { readings: 0 }
    const violations: Array<string> = []
    const trial = Effect.gen(function* () {
      const root = yield* prepared(scenario)
      const home = Path.join(root, scenario.home)
      let newer = false
      const reading = (who: string, at: number) =>
        Effect.map(Effect.either(contentOf(home)), (result) => {
          figures.readings += 1
          const value = result._tag === "Right" ? result.right.value : result.left.what
          const isNew = value === expected.new.value
          if (!isNew && (newer || value !== expected.old.value)) {
            violations.push(`${who} reads before operation ${at} what is neither, or is the old again`)
          }
          newer ||= isNew && value !== expected.old.value
        })
      const long = Effect.gen(function* () {
        const old = yield* Effect.context<Stores>()
        const disk = FaultyDisk.make(
          (at) => ({
            first: Effect.zipRight(
              Effect.provide(reading("who has long been reading", at), old),
              Effect.ignore(afresh(implementation, home, reading("who begins to read", at)))
            )
          }),
          FaultyDisk.withoutSync
        )
        yield* reading("who reads first", -1)
        yield* Effect.ignore(within(implementation, home, disk.layer)(scenario.command))
        yield* reading("who reads last", -1)
      })
      yield* within(implementation, home, FaultyDisk.withoutSync)(long)
    })
    yield* soundly("reading", Effect.scoped(trial))
    return { violations, figures }
  })
)
