import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import * as Path from "node:path"
import * as Home from "../../src/config/Home.js"
import * as Identities from "../../src/identity/Identities.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { Decision } from "../../src/identity/Decision.js"
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
const link = Decision.Link({ identities })

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

describe("a disk that fails", () => {
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
      deepStrictEqual(readdirSync(directory).sort(), [
        "identity-journal.ndjson",
        "identity-map.json",
        "identity-map.json.lock"
      ])
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
