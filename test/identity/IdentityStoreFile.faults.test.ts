import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import * as Path from "node:path"
import * as Home from "../../src/config/Home.js"
import * as Identities from "../../src/identity/Identities.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { Decision } from "../../src/identity/Plan.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import { Disk } from "../../src/storage/Disk.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import * as FaultyDisk from "../storage/faulty-disk.js"
import * as home from "../support/home.js"
import { the } from "./arbitrary.js"

const old = `{
  "version": 1,
  "mappings": {
    "old": {
      "id": "old",
      "identities": {
        "telegram": [
          "7",
          "8"
        ]
      },
      "createdAt": "2024-01-01T00:00:00Z",
      "updatedAt": "2024-01-01T00:00:00Z"
    }
  }
}
`

const identities = [the("whatsapp", "+1234567890"), the("telegram", "@john")]
const link = Decision.Link({ identities, name: Option.none(), keep: Option.none() })

const change = (directory: string, disk: Layer.Layer<Disk>, decision: Decision = link) =>
  Effect.flatMap(Identities.Identities, (service) => service.change(decision)).pipe(
    Effect.provide(
      Identities.layer.pipe(
        Layer.provide([layerFile, SharedIds.layer]),
        Layer.provide(FileLock.layer),
        Layer.provide([disk, Home.layerAt(directory)]),
        Layer.fresh
      )
    )
  )

const fileIn = (directory: string) => Path.join(directory, "identity-map.json")

const write = (directory: string): void => {
  mkdirSync(directory, { mode: 0o700 })
  writeFileSync(fileIn(directory), old, { mode: 0o600 })
}

const content = (directory: string): string => readFileSync(fileIn(directory), "utf8")

const temporaries = (directory: string) => readdirSync(directory).filter((name) => name.endsWith(".tmp"))

/** What one link does to the disk when nothing goes wrong. */
const undisturbed = Effect.scoped(
  Effect.gen(function* () {
    const directory = Path.join(yield* home.directory, "home")
    write(directory)
    const { layer, operations } = FaultyDisk.make(() => "none")
    yield* change(directory, layer)
    return operations
  })
)

const codes = ["ENOSPC", "EIO"]

describe("a disk that fails", () => {
  it.scopedLive("is noticed in all that a link does there", () =>
    Effect.map(undisturbed, (operations) => {
      assert.includeMembers(operations, ["resolve", "makeDirectory", "tryLock", "list", "read", "stat"])
      assert.includeMembers(operations, ["write", "sync", "link", "rename", "close"])
      // The file's own, and after it the directory's.
      assert.strictEqual(operations.filter((operation) => operation === "sync").length, 2)
      assert.isAbove(operations.lastIndexOf("sync"), operations.lastIndexOf("rename"))
      assert.isBelow(operations.indexOf("sync"), operations.indexOf("link"))
    })
  )

  it.scopedLive.each(["before", "after"] as const)(
    "leaves the old content or the new, a typed error, no temporary file and a free lock, if it fails once %s any operation",
    (when) =>
      Effect.gen(function* () {
        const { length } = yield* undisturbed
        let failures = 0
        for (const code of codes) {
          for (let failing = 0; failing < length; failing++) {
            const directory = Path.join(yield* home.directory, "home")
            write(directory)
            const disk = FaultyDisk.make((index) => (index === failing ? { code, when } : "none"))
            const result = yield* Effect.either(change(directory, disk.layer))
            const where = `${code} ${when} ${disk.operations[failing]} (${failing})`
            const now = content(directory)
            if (Either.isRight(result)) {
              assert.include(now, "+1234567890", where)
            } else {
              failures += 1
              const unsynced = result.left._tag === "StorageFailed" && result.left.state === "unsynced"
              const renamed = disk.operations[failing] === "rename" && when === "after"
              assert.include(["StorageFailed", "IdentityMapUnreadable"], result.left._tag, where)
              if (unsynced) assert.include(now, "+1234567890", where)
              else if (!renamed) assert.strictEqual(now, old, where)
              assert.include(result.left.message, fileIn(directory), where)
              assert.include(
                result.left.message,
                unsynced
                  ? "may be lost"
                  : /reading/.test(result.left.message)
                    ? "left as it is"
                    : "nothing was changed",
                where
              )
            }
            deepStrictEqual(temporaries(directory), [], where)
            // Nobody holds the lock, and the next one works unaided.
            if (now === old) yield* change(directory, NodeDisk.layer)
            else yield* change(directory, NodeDisk.layer, Decision.Unlink({ id: "old" }))
            assert.include(content(directory), "+1234567890", where)
            deepStrictEqual(temporaries(directory), [], where)
          }
        }
        assert.isAtLeast(failures, codes.length * 10)
      }),
    120_000
  )

  it.scopedLive("leaves the old content if it goes on failing, from any operation on", () =>
    Effect.gen(function* () {
      const { length } = yield* undisturbed
      for (let failing = 0; failing < length; failing++) {
        const directory = Path.join(yield* home.directory, "home")
        write(directory)
        const disk = FaultyDisk.make((index) => (index >= failing ? { code: "EIO", when: "before" } : "none"))
        const result = yield* Effect.either(change(directory, disk.layer))
        const where = `from ${disk.operations[failing]} (${failing}) on`
        const now = content(directory)
        if (Either.isLeft(result) && !(result.left._tag === "StorageFailed" && result.left.state === "unsynced")) {
          assert.strictEqual(now, old, where)
        } else assert.include(now, "+1234567890", where)
        yield* change(directory, NodeDisk.layer, Decision.Unlink({ id: "old" }))
        deepStrictEqual(temporaries(directory), [], where)
      }
    })
  )

  it.scopedLive("a write that the system cuts short is completed", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      write(directory)
      const short = Layer.effect(
        Disk,
        Effect.map(Disk, (disk) => ({
          ...disk,
          write: (file: number, bytes: Uint8Array) => disk.write(file, bytes.subarray(0, 7))
        }))
      ).pipe(Layer.provide(NodeDisk.layer))
      yield* change(directory, short)
      assert.include(content(directory), "+1234567890")
      assert.strictEqual(Object.keys(JSON.parse(content(directory)).mappings).length, 2)
    })
  )

  it.scopedLive("bytes that the system says it took and did not are noticed, and never published", () =>
    Effect.gen(function* () {
      for (const lost of [1, 100]) {
        const directory = Path.join(yield* home.directory, "home")
        write(directory)
        const lying = Layer.effect(
          Disk,
          Effect.map(Disk, (disk) => ({
            ...disk,
            write: (file: number, bytes: Uint8Array) =>
              Effect.as(disk.write(file, bytes.subarray(0, bytes.length - lost)), bytes.length)
          }))
        ).pipe(Layer.provide(NodeDisk.layer))
        const error = yield* Effect.flip(change(directory, lying))
        assert.strictEqual(error._tag, "StorageFailed")
        assert.strictEqual(content(directory), old)
        deepStrictEqual(temporaries(directory), [])
      }
    })
  )

  it.scopedLive("a system that takes nothing is not asked for ever", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      write(directory)
      const full = Layer.effect(
        Disk,
        Effect.map(Disk, (disk) => ({ ...disk, write: () => Effect.succeed(0) }))
      ).pipe(Layer.provide(NodeDisk.layer))
      const error = yield* Effect.flip(change(directory, full))
      assert.strictEqual(error._tag, "StorageFailed")
      assert.strictEqual(content(directory), old)
    })
  )

  it.scopedLive("a file that somebody saves during the change is never overwritten", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      write(directory)
      const edited = old.replaceAll('"old"', '"edited"')
      let edits = 0
      const disk = FaultyDisk.make((_, operation, path) => {
        if (operation === "open" && path.endsWith(".tmp") && edits === 0) {
          edits += 1
          writeFileSync(fileIn(directory), edited)
        }
        return "none"
      })
      yield* change(directory, disk.layer)
      assert.strictEqual(edits, 1)
      assert.include(content(directory), '"edited"')
      assert.include(content(directory), "+1234567890")
      deepStrictEqual(temporaries(directory), [])
    })
  )

  it.scopedLive("a file that somebody saves again and again is left to him", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      write(directory)
      let edits = 0
      const disk = FaultyDisk.make((_, operation, path) => {
        if (operation === "open" && path.endsWith(".tmp")) {
          edits += 1
          writeFileSync(fileIn(directory), `${old}${" ".repeat(edits)}`)
        }
        return "none"
      })
      const error = yield* Effect.flip(change(directory, disk.layer))
      assert.isTrue(error._tag === "StorageFailed" || error._tag === "IdentityMapChanged", error.message)
      assert.strictEqual(content(directory), `${old}${" ".repeat(edits)}`)
      deepStrictEqual(temporaries(directory), [])
    })
  )

  it.scopedLive("where files cannot have two names, the change is made all the same", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      write(directory)
      const disk = FaultyDisk.make((_, operation) =>
        operation === "link" ? { code: "EPERM", when: "before" } : "none"
      )
      yield* change(directory, disk.layer)
      assert.include(content(directory), "+1234567890")
      deepStrictEqual(readdirSync(directory).sort(), ["identity-map.json", "identity-map.json.lock"])
    })
  )

  it.scopedLive("what a killed writer left is gone after the next change", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      write(directory)
      writeFileSync(`${fileIn(directory)}.abc123.tmp`, "{")
      yield* change(directory, NodeDisk.layer)
      deepStrictEqual(temporaries(directory), [])
    })
  )

  it.scopedLive("the version before the last change stands beside the file", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      write(directory)
      yield* change(directory, NodeDisk.layer)
      assert.strictEqual(readFileSync(`${fileIn(directory)}.bak`, "utf8"), old)
      const before = content(directory)
      yield* change(directory, NodeDisk.layer, Decision.Unlink({ id: "old" }))
      assert.strictEqual(readFileSync(`${fileIn(directory)}.bak`, "utf8"), before)
    })
  )
})
