import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as DurableFile from "../../src/storage/DurableFile.js"
import type { Codec } from "../../src/storage/Document.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as home from "../support/home.js"

const text: Codec<string> = { empty: "", decode: Either.right, encode: (value) => value }

describe("a kernel lock", () => {
  it.scopedLive("has one holder at a time, and is free when its scope closes", () =>
    Effect.gen(function* () {
      const path = Path.join(yield* home.directory, "lock")
      const { hold } = yield* FileLock.FileLock
      let holders = 0
      let most = 0
      yield* Effect.forEach(
        Array.from({ length: 20 }),
        () =>
          Effect.gen(function* () {
            yield* hold(path, FileLock.patience)
            holders += 1
            most = Math.max(most, holders)
            yield* Effect.yieldNow()
            yield* Effect.sleep("1 millis")
            holders -= 1
          }).pipe(Effect.scoped),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(most, 1)
      assert.isTrue(Fs.existsSync(path))
    }).pipe(Effect.provide(home.layer))
  )

  it.scopedLive("of somebody who was interrupted while he waited is not held by him", () =>
    Effect.gen(function* () {
      const path = Path.join(yield* home.directory, "lock")
      const { hold } = yield* FileLock.FileLock
      const waiting = yield* Effect.scoped(
        Effect.gen(function* () {
          yield* hold(path, FileLock.patience)
          const fiber = yield* Effect.forkDaemon(
            Effect.scoped(Effect.zipRight(hold(path, FileLock.patience), Effect.never))
          )
          yield* Effect.sleep("20 millis")
          yield* Fiber.interrupt(fiber)
          return fiber
        })
      )
      yield* Fiber.await(waiting)
      yield* Effect.scoped(hold(path, Duration.seconds(2)))
    }).pipe(Effect.provide(home.layer))
  )

  it.scopedLive("that cannot be had fails with what the system says", () =>
    Effect.gen(function* () {
      const path = Path.join(yield* home.directory, "nowhere", "lock")
      const { hold } = yield* FileLock.FileLock
      const error = yield* Effect.flip(Effect.scoped(hold(path, FileLock.patience)))
      assert.strictEqual(error._tag === "DiskError" ? error.code : error._tag, "ENOENT")
    }).pipe(Effect.provide(home.layer))
  )

  it.scoped("that somebody keeps for five seconds is reported, with its name, and nothing was changed", () =>
    Effect.gen(function* () {
      const file = Path.join(yield* home.directory, "document")
      Fs.writeFileSync(file, "old")
      const { hold } = yield* FileLock.FileLock
      yield* hold(`${file}.lock`, FileLock.patience)
      const document = yield* DurableFile.make(file, text)
      const changing = yield* Effect.fork(Effect.flip(document.modify(() => Either.right(Option.some("new")))))
      // The files are real, and take real turns of the event loop; the time in between is the test's.
      let error = yield* Fiber.poll(changing)
      for (let n = 0; n < 200 && Option.isNone(error); n++) {
        yield* TestClock.adjust("100 millis")
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        error = yield* Fiber.poll(changing)
      }
      const busy = yield* Fiber.join(changing)
      assert.strictEqual(busy._tag, "FileBusy")
      assert.include(busy.message, `${file}.lock`)
      assert.strictEqual(Fs.readFileSync(file, "utf8"), "old")
      deepStrictEqual(yield* Effect.map(document.current, ({ value }) => value), "old")
    }).pipe(Effect.provide(Layer.fresh(home.layer)))
  )
})
