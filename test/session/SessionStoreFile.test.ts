import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Home from "../../src/config/Home.js"
import { Key } from "../../src/session/Key.js"
import { SessionStore } from "../../src/session/SessionStore.js"
import { layerFile } from "../../src/session/SessionStoreFile.js"
import { codec } from "../../src/session/SessionTable.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as FaultyDisk from "../storage/faulty-disk.js"
import * as home from "../support/home.js"
import { storeContract, uuid } from "./SessionStore.contract.js"

storeContract("a file", Layer.provide(layerFile, home.layer))

const mom = Key.make("+1234567890")

const example = `{
  "+1234567890": {
    "updatedAt": 1704067200000,
    "systemSent": true,
    "sessionId": "00000000-0000-4000-9000-000000000001",
    "thinkingLevel": "high"
  },
  "group:12345@g.us": {
    "sessionId": "00000000-0000-4000-9000-000000000002",
    "updatedAt": 1704067200000.5
  }
}
`

describe("the file of the sessions", () => {
  it("survives a rewrite byte for byte, with what is not ours", () => {
    assert.strictEqual(Either.getOrThrow(Either.map(codec.decode(example), codec.encode)), example)
  })

  it.each<readonly [string, string, number, number]>([
    ["is empty", "", 1, 1],
    ["is an array", "[]", 1, 1],
    ["has a session that is none", '{\n  "a": 5\n}', 2, 8],
    ["lacks a session's id", '{\n  "a": {"updatedAt": 1}\n}', 2, 8],
    ["has an id that is no UUID", '{\n  "a": {"sessionId": "x", "updatedAt": 1}\n}', 2, 22],
    ["lacks a time", example.replace('"updatedAt": 1704067200000,', ""), 2, 18],
    ["has a time that is a string", example.replace("1704067200000,", '"1704067200000",'), 3, 18],
    ["has a time that is not finite", example.replace("1704067200000,", "1e999,"), 3, 18],
    ["has a fork of no UUID", example.replace('"systemSent": true', '"forkOf": null'), 4, 15],
    ["has a key twice", example.replace("group:12345@g.us", "+1234567890"), 8, 3],
    ["has the key __proto__", example.replace("group:12345@g.us", "__proto__"), 8, 3]
  ])("is unreadable when it %s", (_, text, line, column) => {
    const result = codec.decode(text)
    const found = Either.isLeft(result) ? result.left : assert.fail("it was read")
    deepStrictEqual([found.line, found.column], [line, column], found.reason)
    assert.notMatch(found.reason, /[0-9]{5}/)
  })

  it.scoped("that is unreadable fails whoever asks, and stays as it is", () =>
    Effect.gen(function* () {
      const directory = yield* home.directory
      const file = Path.join(directory, "sessions.json")
      Fs.writeFileSync(file, "{")
      yield* Effect.gen(function* () {
        const { all, swap } = yield* SessionStore
        const refused = [
          yield* Effect.flip(all),
          yield* Effect.flip(swap(mom, Option.none(), { sessionId: uuid(1), updatedAt: 1 }))
        ]
        for (const { _tag, message } of refused) {
          assert.strictEqual(_tag, "DocumentUnreadable")
          assert.include(message, file)
        }
      }).pipe(Effect.provide(Layer.provide(layerFile, home.at(directory))))
      assert.strictEqual(Fs.readFileSync(file, "utf8"), "{")
    })
  )

  it.scoped("swaps that wait for the disk are saved in one go", () =>
    Effect.gen(function* () {
      const directory = yield* home.directory
      const { layer, operations } = FaultyDisk.make(() => "none")
      yield* Effect.gen(function* () {
        const { all, swap } = yield* SessionStore
        const keys = Array.from({ length: 40 }, (_, n) => n)
        yield* Effect.forEach(
          keys,
          (n) => swap(Key.make(`telegram:${n}`), Option.none(), { sessionId: uuid(n), updatedAt: n }),
          { concurrency: "unbounded" }
        )
        assert.strictEqual((yield* all).size, 40)
      }).pipe(
        Effect.provide(layerFile.pipe(Layer.provide(FileLock.layer), Layer.provide([layer, Home.layerAt(directory)])))
      )
      assert.isAtMost(operations.filter((operation) => operation === "rename").length, 6)
    })
  )

  it.scoped("a disk that fails fails every swap that waited for it, and the next one works", () =>
    Effect.gen(function* () {
      const directory = yield* home.directory
      let failing = true
      const { layer } = FaultyDisk.make((_, operation) =>
        failing && operation === "sync" ? { code: "ENOSPC", when: "before" } : "none"
      )
      yield* Effect.gen(function* () {
        const { all, swap } = yield* SessionStore
        const one = (n: number) => swap(Key.make(`telegram:${n}`), Option.none(), { sessionId: uuid(n), updatedAt: n })
        const errors = yield* Effect.forEach([1, 2, 3, 4], (n) => Effect.flip(one(n)), { concurrency: "unbounded" })
        for (const error of errors) {
          assert.strictEqual(error._tag, "StorageFailed")
          assert.include(error.message, "No space left on device while saving sessions.json")
        }
        failing = false
        assert.strictEqual((yield* all).size, 0)
        yield* one(5)
        assert.strictEqual((yield* all).size, 1)
      }).pipe(
        Effect.provide(layerFile.pipe(Layer.provide(FileLock.layer), Layer.provide([layer, Home.layerAt(directory)])))
      )
    })
  )
})
