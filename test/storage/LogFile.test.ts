import { assert, describe, it } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Disk } from "../../src/storage/Disk.js"
import type { Log } from "../../src/storage/Log.js"
import * as LogFile from "../../src/storage/LogFile.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import * as home from "../support/home.js"
import * as FaultyDisk from "./faulty-disk.js"
import { logContract, long } from "./Log.contract.js"
import { makePipe } from "../support/pipe.js"

const logAt = (path: string, disk: Layer.Layer<Disk> = NodeDisk.layer) => Effect.provide(LogFile.make(path), disk)

/** The path of a log that does not exist yet. */
const place = Effect.map(home.directory, (directory) => Path.join(directory, "log.ndjson"))

logContract(
  "a file",
  Effect.flatMap(place, (path) => logAt(path))
)

const text = (path: string): string => Fs.readFileSync(path, "utf8")

const modeOf = (path: string): string => (Fs.statSync(path).mode & 0o777).toString(8)

describe("a log's file", () => {
  it.scopedLive("is lines, each closed by a newline", () =>
    Effect.gen(function* () {
      const path = yield* place
      const log = yield* logAt(path)
      assert.strictEqual(log.name, path)
      yield* log.add("remove", { closed: ["one", "zwölf"], open: "three" })
      assert.strictEqual(text(path), "one\nzwölf\nthree")
      yield* log.settle("close")
      assert.strictEqual(text(path), "one\nzwölf\nthree\n")
      yield* log.replace(["four", "five"])
      assert.strictEqual(text(path), "four\nfive\n")
    })
  )

  it.scopedLive("does not come to be by being read", () =>
    Effect.gen(function* () {
      const path = yield* place
      const log = yield* logAt(path)
      assertNone((yield* log.all).open)
      assertNone((yield* log.end).open)
      assert.isFalse(Fs.existsSync(path))
    })
  )

  it.scopedLive("is for its owner alone under any umask, also after all of it was replaced", () =>
    Effect.gen(function* () {
      yield* Effect.acquireRelease(
        Effect.sync(() => process.umask(0)),
        (mask) => Effect.sync(() => process.umask(mask))
      )
      const path = yield* place
      const log = yield* logAt(path)
      yield* log.add("remove", { closed: [], open: "one" })
      assert.strictEqual(modeOf(path), "600")
      yield* log.replace(["two"])
      assert.strictEqual(modeOf(path), "600")
      Fs.chmodSync(path, 0o644)
      yield* log.add("remove", { closed: [], open: "three" })
      assert.strictEqual(modeOf(path), "600")
    })
  )

  it.scopedLive("replaced as a whole leaves no other version and no temporary file, and a link stays one", () =>
    Effect.gen(function* () {
      const path = yield* place
      const directory = Path.dirname(path)
      const elsewhere = yield* home.directory
      const real = Path.join(elsewhere, "real.ndjson")
      Fs.symlinkSync(real, path)
      for (const name of ["real.ndjson.bak", "real.ndjson.abc.tmp"]) Fs.writeFileSync(Path.join(elsewhere, name), "old")
      const log = yield* logAt(path)
      yield* log.add("remove", { closed: ["one"], open: "two" })
      yield* log.replace(["three"])
      deepStrictEqual(Fs.readdirSync(elsewhere), ["real.ndjson"])
      deepStrictEqual(Fs.readdirSync(directory), ["log.ndjson"])
      assert.isTrue(Fs.lstatSync(path).isSymbolicLink())
      assert.strictEqual(text(real), "three\n")
    })
  )

  it.scopedLive("that a directory or a pipe stands in place of is refused by name and left there", () =>
    Effect.gen(function* () {
      const path = yield* place
      const log = yield* logAt(path)
      for (const put of [() => Fs.mkdirSync(path), () => makePipe(path)]) {
        put()
        for (const read of [log.all, log.end]) {
          const error = yield* Effect.flip(read)
          assert.strictEqual(error._tag, "DocumentUnreadable")
          assert.include(error.message, path)
          assert.include(error.message, "not a regular file")
        }
        assert.isFalse(Fs.lstatSync(path).isFile())
        Fs.rmSync(path, { recursive: true })
      }
      Fs.mkdirSync(path)
      const error = yield* Effect.flip(log.add("remove", { closed: [], open: "one" }))
      assert.strictEqual(error._tag, "StorageFailed")
      assert.include(error.message, path)
    })
  )

  it.scopedLive("that is not there because its directory is not can be read and not be added to", () =>
    Effect.gen(function* () {
      const path = Path.join(yield* home.directory, "nowhere", "log.ndjson")
      const log = yield* logAt(path)
      deepStrictEqual((yield* log.all).closed, [])
      const error = yield* Effect.flip(log.add("remove", { closed: [], open: "one" }))
      assert.strictEqual(error._tag, "StorageFailed")
    })
  )

  it.scopedLive("is on the device where lines are to outlive a power cut, and not waited for where they are not", () =>
    Effect.gen(function* () {
      const path = yield* place
      const disk = FaultyDisk.make(() => "none")
      const log = yield* logAt(path, disk.layer)
      const synced = () => disk.calls.filter(({ operation, path: at }) => operation === "sync" && at === path).length
      yield* log.append(["one"], true)
      assert.strictEqual(synced(), 1)
      yield* log.append(["two", "three"], false)
      assert.strictEqual(synced(), 1)
      yield* log.append(["four"], true)
      assert.strictEqual(synced(), 2)
      assert.strictEqual(text(path), "one\ntwo\nthree\nfour\n")
    })
  )

  it.scopedLive("of more than 64 MiB is not read as a whole, and can still be added to", () =>
    Effect.gen(function* () {
      const path = yield* place
      Fs.writeFileSync(path, "")
      Fs.truncateSync(path, 64 * 1024 * 1024)
      Fs.appendFileSync(path, "\nlast\n")
      const log = yield* logAt(path)
      const error = yield* Effect.flip(log.all)
      assert.strictEqual(error._tag, "DocumentUnreadable")
      assert.include(error.message, "64 MiB")
      yield* log.add("remove", { closed: [], open: "more" })
      const { closed, open } = yield* log.end
      deepStrictEqual({ closed, open }, { closed: ["last"], open: Option.some("more") })
    })
  )

  it.scopedLive.prop(
    "cut anywhere has its closed lines as they were, and the rest as an open one that can be taken out",
    [FastCheck.array(FastCheck.nat(40), { minLength: 1, maxLength: 5 }), FastCheck.nat()],
    ([sizes, at]) =>
      Effect.gen(function* () {
        const path = yield* place
        const lines = sizes.map((size, n) => long(size, `${n}`))
        const whole = Buffer.from(lines.map((line) => `${line}\n`).join(""))
        const bytes = whole.subarray(0, at % (whole.length + 1))
        Fs.writeFileSync(path, bytes)
        const complete = bytes.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0)
        const closed = lines.slice(0, complete)
        const log = yield* logAt(path)
        const all = yield* log.all
        deepStrictEqual(all.closed, closed)
        assert.strictEqual(Option.isSome(all.open), bytes.length > 0 && bytes.at(-1) !== 10)
        const end = yield* log.end
        deepStrictEqual([end.closed, end.open], [closed.slice(-1), all.open])
        yield* log.add("remove", { closed: [], open: "next" })
        deepStrictEqual(yield* log.all, { closed, open: Option.some("next") })
      }).pipe(Effect.scoped)
  )
})

const added = { closed: ["three", "four"], open: "five" }

/** What may be done to a log with two closed lines and an open one, and all that it may come to. */
const writes: ReadonlyArray<readonly [name: string, run: (log: Log) => Effect.Effect<void, unknown>, end: string]> = [
  ["adding behind the open line", (log) => log.add("close", added), "one\ntwo\nopen\nthree\nfour\nfive"],
  ["adding in place of the open line", (log) => log.add("remove", added), "one\ntwo\nthree\nfour\nfive"],
  ["closing", (log) => log.settle("close"), "one\ntwo\nopen\n"],
  ["taking out", (log) => log.settle("remove"), "one\ntwo\n"],
  ["replacing", (log) => log.replace(["six"]), "six\n"]
]

const before = "one\ntwo\nopen"

describe("a disk that fails under a log", () => {
  it.scopedLive.each(writes)(
    "%s leaves all closed lines or what was asked for, and says that it failed",
    ([, run, end]) =>
      Effect.gen(function* () {
        const count = yield* Effect.gen(function* () {
          const path = yield* place
          Fs.writeFileSync(path, before)
          const disk = FaultyDisk.make(() => "none")
          yield* run(yield* logAt(path, disk.layer))
          assert.strictEqual(text(path), end)
          return disk.operations.length
        })
        assert.isAbove(count, 3)
        let failures = 0
        for (const when of ["before", "after"] as const) {
          for (let failing = 0; failing < count; failing++) {
            const path = yield* place
            Fs.writeFileSync(path, before)
            const disk = FaultyDisk.make((index) => (index === failing ? { code: "EIO", when } : "none"))
            const result = yield* Effect.either(run(yield* logAt(path, disk.layer)))
            const where = `${when} ${disk.operations[failing]} (${failing})`
            if (Either.isRight(result)) assert.strictEqual(text(path), end, where)
            else {
              failures += 1
              assert.include([before, "one\ntwo\n", end], text(path), where)
              assert.include(String(result.left), path, where)
            }
            deepStrictEqual(
              Fs.readdirSync(Path.dirname(path)).filter((name) => name.endsWith(".tmp")),
              [],
              where
            )
          }
        }
        assert.isAbove(failures, 3)
      })
  )

  const under = (write: Disk["Type"]["write"], path: string) =>
    logAt(
      path,
      Layer.effect(
        Disk,
        Effect.map(Disk, (disk) => ({ ...disk, write }))
      ).pipe(Layer.provide(NodeDisk.layer))
    )

  it.scopedLive("a write that the system cuts short is completed", () =>
    Effect.gen(function* () {
      const path = yield* place
      const { write } = yield* Disk
      const log = yield* under((file, bytes) => write(file, bytes.subarray(0, 3)), path)
      yield* log.add("remove", added)
      assert.strictEqual(text(path), "three\nfour\nfive")
    }).pipe(Effect.provide(NodeDisk.layer))
  )

  it.scopedLive("a write that is not taken, or only said to be, leaves what was there", () =>
    Effect.gen(function* () {
      const { write } = yield* Disk
      const liars: ReadonlyArray<Disk["Type"]["write"]> = [
        () => Effect.succeed(0),
        (_, bytes) => Effect.succeed(bytes.length),
        (file, bytes) => Effect.as(write(file, bytes.subarray(1)), bytes.length)
      ]
      for (const liar of liars) {
        const path = yield* place
        Fs.writeFileSync(path, before)
        const error = yield* Effect.flip((yield* under(liar, path)).add("close", added))
        assert.strictEqual(error._tag, "StorageFailed")
        assert.strictEqual(text(path), before)
      }
    }).pipe(Effect.provide(NodeDisk.layer))
  )

  it.scopedLive("a file that somebody saves while it is replaced is left to him", () =>
    Effect.gen(function* () {
      const path = yield* place
      Fs.writeFileSync(path, before)
      const disk = FaultyDisk.make((_, operation, at) => {
        if (operation === "sync" && at.endsWith(".tmp")) Fs.writeFileSync(path, "his\n")
        return "none"
      })
      const error = yield* Effect.flip((yield* logAt(path, disk.layer)).replace(["six"]))
      assert.strictEqual(error._tag, "StorageFailed")
      assert.strictEqual(text(path), "his\n")
    })
  )
})
