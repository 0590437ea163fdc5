import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { type ChildProcess, spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { layerMemory, SessionLock } from "../../src/agent/SessionLock.js"
import { layerFile } from "../../src/agent/SessionLockFile.js"
import { SessionId } from "../../src/session/SessionId.js"
import * as home from "../support/home.js"
import { withLogs } from "../support/logs.js"

const uuid = (n: number) => SessionId.make(`00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`)

/** Longer than any of these tests waits. */
const patience = Duration.minutes(1)

describe.each([
  ["in memory", layerMemory],
  ["in files", Layer.provide(layerFile({ patience, isRelay: true }), home.layer)]
] as const)("the locks of sessions %s", (_, layer) => {
  const provided = Effect.provide(layer)
  const hold = (...sessions: ReadonlyArray<SessionId>) =>
    Effect.flatMap(SessionLock, (service) => service.hold(sessions))

  it.scopedLive("a session has one holder at a time, and another session does not wait for it", () =>
    Effect.gen(function* () {
      let holders = 0
      let most = 0
      const use = Effect.gen(function* () {
        yield* hold(uuid(1))
        holders += 1
        most = Math.max(most, holders)
        yield* Effect.sleep("2 millis")
        holders -= 1
      }).pipe(Effect.scoped)
      yield* Effect.all(
        Array.from({ length: 10 }, () => use),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(most, 1)
      yield* hold(uuid(1))
      yield* Effect.scoped(Effect.timeout(hold(uuid(2)), "2 seconds"))
      const waiting = yield* Effect.fork(Effect.scoped(hold(uuid(2), uuid(1))))
      yield* Effect.sleep("150 millis")
      deepStrictEqual(yield* Fiber.poll(waiting), Option.none())
      yield* Fiber.interrupt(waiting)
    }).pipe(provided)
  )

  it.scopedLive("two who want the same sessions in another order do not wait for each other for ever", () =>
    Effect.gen(function* () {
      const pairs = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? [uuid(1), uuid(2)] : [uuid(2), uuid(1)]))
      const all = Effect.forEach(pairs, (pair) => Effect.scoped(Effect.zipRight(hold(...pair), Effect.yieldNow())), {
        concurrency: "unbounded",
        discard: true
      })
      yield* Effect.timeout(all, "20 seconds")
    }).pipe(provided)
  )

  it.scopedLive("a session named twice is held once, and is free afterwards", () =>
    Effect.gen(function* () {
      yield* Effect.timeout(Effect.scoped(hold(uuid(1), uuid(1))), "2 seconds")
      yield* Effect.timeout(Effect.scoped(hold(uuid(1))), "2 seconds")
    }).pipe(provided)
  )

  it.scopedLive("who was interrupted while he waited, or while he held it, does not hold it", () =>
    Effect.gen(function* () {
      const holding = yield* Effect.fork(Effect.scoped(Effect.zipRight(hold(uuid(1)), Effect.never)))
      yield* Effect.sleep("20 millis")
      const waiting = yield* Effect.fork(Effect.scoped(Effect.zipRight(hold(uuid(1)), Effect.never)))
      yield* Effect.sleep("20 millis")
      yield* Fiber.interrupt(waiting)
      yield* Fiber.interrupt(holding)
      yield* Effect.timeout(Effect.scoped(hold(uuid(1))), "2 seconds")
    }).pipe(provided)
  )
})

describe("the locks of sessions in files", () => {
  const processIn = (directory: string, isRelay = true) =>
    Layer.fresh(Layer.provide(layerFile({ patience, isRelay }), home.at(directory)))
  const hold = Effect.flatMap(SessionLock, (service) => service.hold([uuid(1)]))

  it.scopedLive("are those of every process with this home", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      const [one, other] = [yield* Layer.build(processIn(directory)), yield* Layer.build(processIn(directory))]
      const held = yield* Effect.scoped(
        Effect.gen(function* () {
          yield* Effect.provide(hold, one)
          const waiting = yield* Effect.forkDaemon(Effect.scoped(Effect.provide(hold, other)))
          yield* Effect.sleep("100 millis")
          deepStrictEqual(yield* Fiber.poll(waiting), Option.none())
          return waiting
        })
      )
      yield* Effect.timeout(Fiber.join(held), "2 seconds")
    })
  )

  it.scopedLive("have names that say nothing of the session, and are for their owner alone", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      yield* Effect.scoped(Effect.provide(hold, processIn(directory)))
      const names = Fs.readdirSync(Path.join(directory, "locks"))
      assert.strictEqual(names.length, 1)
      assert.match(names.join(), /^[0-9a-f]+\.lock$/)
      assert.notInclude(uuid(1), names.join().replace(".lock", ""))
      const modes = ["locks", Path.join("locks", names.join())].map(
        (name) => Fs.statSync(Path.join(directory, name)).mode
      )
      deepStrictEqual(
        modes.map((mode) => (mode & 0o777).toString(8)),
        ["700", "600"]
      )
    })
  )

  it.scopedLive("that cannot be made are a typed error with the place in it", () =>
    Effect.gen(function* () {
      const directory = yield* home.directory
      Fs.writeFileSync(Path.join(directory, "locks"), "")
      const error = yield* Effect.flip(Effect.scoped(Effect.provide(hold, processIn(directory))))
      assert.strictEqual(error._tag, "StorageFailed")
      assert.include(error.message, Path.join(directory, "locks"))
    })
  )

  it.scopedLive("are held by a process that inherited them, should ours be killed", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      const other = yield* Layer.build(processIn(directory))
      const scope = yield* Scope.make()
      const ours = yield* Scope.extend(Layer.build(processIn(directory)), scope)
      const { descriptors } = yield* Effect.provide(Scope.extend(hold, scope), ours)
      const [descriptor = -1] = descriptors
      const child = yield* sleeping([descriptor])
      // All that the kernel does for a process that is killed.
      Fs.closeSync(descriptor)
      const waiting = yield* Effect.fork(Effect.scoped(Effect.provide(hold, other)))
      yield* Effect.sleep("150 millis")
      deepStrictEqual(yield* Fiber.poll(waiting), Option.none())
      child.kill("SIGKILL")
      yield* Effect.timeout(Fiber.join(waiting), "2 seconds")
    })
  )

  for (const [isRelay, fate] of [
    [true, "ended by the next relay"],
    [false, "left alone by a relay, if it is that of another command"]
  ] as const) {
    it.scopedLive(`are held by a process that is ${fate}`, () =>
      Effect.gen(function* () {
        const directory = Path.join(yield* home.directory, "home")
        const scope = yield* Scope.make()
        const ours = yield* Scope.extend(Layer.build(processIn(directory, isRelay)), scope)
        const { descriptors, enter } = yield* Effect.provide(Scope.extend(hold, scope), ours)
        const [descriptor = -1] = descriptors
        const child = yield* sleeping([descriptor])
        yield* enter(child.pid ?? -1)
        Fs.closeSync(descriptor)
        const evicted = yield* Effect.flatMap(SessionLock, ({ evict }) => evict).pipe(
          Effect.provide(processIn(directory))
        )
        assert.strictEqual(evicted, isRelay ? 1 : 0)
        yield* Effect.sleep("50 millis")
        assert.strictEqual(child.signalCode, isRelay ? "SIGTERM" : null)
      })
    )
  }

  it.scopedLive("say of themselves nothing that ends anybody once they are free", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      const child = yield* sleeping([])
      yield* Effect.scoped(
        Effect.provide(
          Effect.flatMap(hold, ({ enter }) => enter(child.pid ?? -1)),
          processIn(directory)
        )
      )
      const evict = Effect.flatMap(SessionLock, ({ evict }) => evict)
      assert.strictEqual(yield* Effect.provide(evict, processIn(directory)), 0)
      assert.isNull(child.signalCode)
    })
  )

  it.scopedLive("are free at the end, though a process that inherited them lives on", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      const outer = yield* Effect.scope
      const child = yield* Effect.scoped(
        Effect.provide(
          Effect.flatMap(hold, ({ descriptors }) => Scope.extend(sleeping(descriptors), outer)),
          processIn(directory)
        )
      )
      assert.isNull(child.exitCode)
      yield* Effect.timeout(Effect.scoped(Effect.provide(hold, processIn(directory))), "2 seconds")
    })
  )

  describe("whose holder has a command stay in them", () => {
    it.scopedLive("are the same when it takes them again, so that what stayed holds them, too", () =>
      Effect.gen(function* () {
        const directory = Path.join(yield* home.directory, "home")
        const other = yield* Layer.build(processIn(directory))
        const outer = yield* Effect.scope
        const died = yield* Scope.make()
        const ours = yield* Scope.extend(Layer.build(processIn(directory)), died)
        const first = Effect.gen(function* () {
          const held = yield* hold
          const child = yield* Scope.extend(sleeping(held.descriptors), outer)
          yield* held.enter(child.pid ?? -1)
          yield* Scope.extend(held.keep, died)
          return { child, held }
        })
        const { child, held } = yield* Effect.scoped(Effect.provide(first, ours))
        const again = yield* Effect.provide(Scope.extend(hold, died), ours)
        deepStrictEqual(again.descriptors, held.descriptors)
        deepStrictEqual(again.last, Option.fromNullable(child.pid))
        yield* again.enter(child.pid ?? -1)
        for (const descriptor of again.descriptors) Fs.closeSync(descriptor)
        const waiting = yield* Effect.fork(Effect.scoped(Effect.provide(hold, other)))
        yield* Effect.sleep("1500 millis")
        deepStrictEqual(yield* Fiber.poll(waiting), Option.none())
        const evict = Effect.flatMap(SessionLock, ({ evict }) => evict)
        assert.strictEqual(yield* Effect.provide(evict, processIn(directory)), 1)
        yield* Effect.timeout(Fiber.join(waiting), "2 seconds")
      })
    )

    it.scopedLive("are another's a moment after its turn, and then it is no longer the last who was in them", () =>
      Effect.gen(function* () {
        const directory = Path.join(yield* home.directory, "home")
        const [ours, other] = [
          yield* Layer.build(processIn(directory)),
          yield* Layer.build(processIn(directory, false))
        ]
        const outer = yield* Effect.scope
        const turn = Effect.gen(function* () {
          const held = yield* hold
          yield* Scope.extend(held.keep, outer)
          yield* held.enter(4242)
          return held.last
        }).pipe(Effect.scoped, Effect.provide(ours))
        deepStrictEqual(yield* turn, Option.none())
        deepStrictEqual(yield* turn, Option.some(4242))
        deepStrictEqual(yield* turn, Option.some(4242))
        const waiting = yield* Effect.fork(Effect.scoped(Effect.provide(hold, other)))
        yield* Effect.sleep("200 millis")
        deepStrictEqual(yield* Fiber.poll(waiting), Option.none())
        yield* Effect.timeout(Fiber.join(waiting), "5 seconds")
        deepStrictEqual(yield* turn, Option.none())
      })
    )
  })

  it.scopedLive("that are held for too long are a typed error that says who to look for, and for the sender", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      yield* Effect.provide(hold, yield* Layer.build(processIn(directory)))
      const impatient = Layer.fresh(
        Layer.provide(layerFile({ patience: Duration.millis(200), isRelay: false }), home.at(directory))
      )
      const error = yield* Effect.flip(Effect.scoped(Effect.provide(hold, impatient)))
      assert.strictEqual(error._tag, "SessionHeld")
      assert.match(error.message, /more than 0\.2 s.*killed: find it with "fuser .*locks\/[0-9a-f]+\.lock"/)
      assert.include("forSender" in error ? error.forSender : "", "/new")
    })
  )

  it.scoped("that are waited for are reported after ten seconds, once", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const directory = Path.join(yield* home.directory, "home")
        yield* Effect.provide(hold, yield* Layer.build(processIn(directory)))
        const waiting = yield* Effect.fork(Effect.scoped(Effect.provide(hold, processIn(directory))))
        yield* TestClock.adjust("9 seconds")
        assert.lengthOf(lines, 0)
        yield* TestClock.adjust("40 seconds")
        assert.lengthOf(lines, 1)
        assert.include(lines[0], "a turn waits for another process in its conversation")
        yield* Fiber.interrupt(waiting)
      })
    )
  )
})

/** A process that does nothing, with these descriptors of ours. */
const sleeping = (inherited: ReadonlyArray<number>) =>
  Effect.acquireRelease(
    Effect.async<ChildProcess>((resume) => {
      const child = spawn("sleep", ["600"], { detached: true, stdio: ["ignore", "ignore", "ignore", ...inherited] })
      child.once("spawn", () => resume(Effect.succeed(child)))
    }),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )
