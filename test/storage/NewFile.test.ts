import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import * as Path from "node:path"
import { Disk } from "../../src/storage/Disk.js"
import * as NewFile from "../../src/storage/NewFile.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { directory } from "../support/home.js"
import * as FaultyDisk from "./faulty-disk.js"
import { makePipe } from "../support/pipe.js"

const bytes = new TextEncoder().encode("all of it\n")

const create = (path: string, disk: Layer.Layer<Disk> = NodeDisk.layer) =>
  Effect.provide(NewFile.create(path, bytes), disk)

/** Where files cannot have two names. */
const linkless = (faultAt: Parameters<typeof FaultyDisk.make>[0] = () => "none") =>
  FaultyDisk.make((index, operation, path, call) =>
    operation === "link" ? { code: "EPERM", when: "before" } : faultAt(index, operation, path, call)
  )

describe("a new file", () => {
  it.scopedLive("has the bytes, is its owner's alone, and nothing is beside it", () =>
    Effect.gen(function* () {
      const there = yield* directory
      const path = Path.join(there, "new")
      yield* create(path)
      assert.strictEqual(readFileSync(path, "utf8"), "all of it\n")
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      deepStrictEqual(readdirSync(there), ["new"])
    })
  )

  it.scopedLive("is never made where something stands: a file, a directory, a link to nowhere, a pipe", () =>
    Effect.gen(function* () {
      const there = yield* directory
      const at = (name: string) => Path.join(there, name)
      writeFileSync(at("file"), "mine")
      mkdirSync(at("directory"))
      symlinkSync(at("nowhere"), at("link"))
      makePipe(at("pipe"))
      const names = readdirSync(there).sort()
      for (const disk of [NodeDisk.layer, linkless().layer]) {
        for (const name of names) {
          const error = yield* Effect.flip(create(at(name), disk))
          assert.strictEqual(error._tag, "FileExists", name)
          assert.include(error.message, at(name))
        }
      }
      assert.strictEqual(readFileSync(at("file"), "utf8"), "mine")
      deepStrictEqual(readdirSync(there).sort(), names)
    })
  )

  it.scopedLive("is one of two that are made at the same time, whole", () =>
    Effect.gen(function* () {
      for (const disk of [NodeDisk.layer, linkless().layer]) {
        const there = yield* directory
        const made = yield* Effect.all(
          Array.from({ length: 8 }, () => Effect.either(create(Path.join(there, "new"), disk))),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(made.filter(Either.isRight).length, 1)
        for (const one of made) if (Either.isLeft(one)) assert.strictEqual(one.left._tag, "FileExists")
        assert.strictEqual(readFileSync(Path.join(there, "new"), "utf8"), "all of it\n")
        deepStrictEqual(readdirSync(there), ["new"])
      }
    })
  )

  it.scopedLive("is there by the time that the directory is synced, and its bytes before it has a name", () =>
    Effect.gen(function* () {
      for (const make of [() => FaultyDisk.make(() => "none"), linkless]) {
        const disk = make()
        yield* create(Path.join(yield* directory, "new"), disk.layer)
        const operations = disk.calls.filter(({ done }) => done).map(({ operation }) => operation)
        const named = Math.max(operations.indexOf("link"), operations.indexOf("rename"))
        assert.isAbove(named, operations.indexOf("sync"))
        assert.isAbove(operations.lastIndexOf("sync"), named)
      }
    })
  )

  const codes = ["ENOSPC", "EIO"]
  it.scopedLive.each(["before", "after"] as const)(
    "is whole or not there at all, with an error that says so, if any operation fails, %s it is done",
    (when) =>
      Effect.gen(function* () {
        let failures = 0
        for (const make of [FaultyDisk.make, linkless]) {
          const undisturbed = make(() => "none")
          yield* create(Path.join(yield* directory, "new"), undisturbed.layer)
          for (const code of codes) {
            for (let failing = 0; failing < undisturbed.calls.length; failing++) {
              const there = yield* directory
              const disk = make((index) => (index === failing ? { code, when } : "none"))
              const result = yield* Effect.either(create(Path.join(there, "new"), disk.layer))
              const where = `${code} ${when} ${disk.operations[failing]} (${failing})`
              // An empty file that was made in spite of the error may have been somebody else's.
              const isUncertain = make === linkless && disk.operations[failing] === "open" && when === "after"
              if (Either.isRight(result)) {
                assert.strictEqual(readFileSync(Path.join(there, "new"), "utf8"), "all of it\n", where)
                // Who cannot remove the second name has made the file all the same.
                const isLeft = disk.operations[failing] === "remove" && when === "before"
                assert.strictEqual(readdirSync(there).length, isLeft ? 2 : 1, where)
              } else {
                failures += 1
                assert.strictEqual(result.left._tag, "FileNotMade", where)
                assert.include(result.left.message, Path.join(there, "new"), where)
                const left = readdirSync(there)
                if (isUncertain) assert.isAtMost(left.length, 1, where)
                else deepStrictEqual(left, [], where)
              }
            }
          }
        }
        assert.isAtLeast(failures, codes.length * 8)
      })
  )

  it.scopedLive("is not there if the disk is full, or takes less than it says", () =>
    Effect.gen(function* () {
      const there = yield* directory
      const taking = (
        write: (file: number, bytes: Uint8Array, disk: Disk["Type"]) => ReturnType<Disk["Type"]["write"]>
      ) =>
        Layer.effect(
          Disk,
          Effect.map(Disk, (disk) => ({
            ...disk,
            write: (file: number, bytes: Uint8Array) => write(file, bytes, disk)
          }))
        ).pipe(Layer.provide(NodeDisk.layer))
      const full = taking(() => Effect.succeed(0))
      const lying = taking((file, bytes, disk) => Effect.as(disk.write(file, bytes.subarray(1)), bytes.length))
      for (const disk of [full, lying]) {
        const error = yield* Effect.flip(create(Path.join(there, "new"), disk))
        assert.strictEqual(error._tag, "FileNotMade")
        deepStrictEqual(readdirSync(there), [])
      }
    })
  )

  it.scopedLive("is not there if the making was interrupted", () =>
    Effect.gen(function* () {
      const there = yield* directory
      const fibers: Array<Fiber.RuntimeFiber<unknown, unknown>> = []
      const disk = FaultyDisk.make((_, operation) =>
        operation === "write"
          ? { first: Effect.asVoid(Effect.suspend(() => Fiber.interruptFork(fibers[0] ?? Fiber.void))) }
          : "none"
      )
      const fiber = yield* Effect.fork(create(Path.join(there, "new"), disk.layer))
      fibers.push(fiber)
      yield* Fiber.await(fiber)
      assert.include(disk.operations, "write")
      deepStrictEqual(readdirSync(there), [])
    })
  )

  it.scopedLive("needs a directory that is there", () =>
    Effect.gen(function* () {
      const there = yield* directory
      const error = yield* Effect.flip(create(Path.join(there, "no", "new")))
      assert.strictEqual(error._tag, "FileNotMade")
      assert.include(error.message, "no such file or directory")
      deepStrictEqual(readdirSync(there), [])
    })
  )
})
