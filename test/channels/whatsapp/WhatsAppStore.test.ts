import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type { Record } from "../../../src/channels/whatsapp/WhatsAppRecord.js"
import * as WhatsAppStore from "../../../src/channels/whatsapp/WhatsAppStore.js"
import { Disk, DiskError } from "../../../src/storage/Disk.js"
import * as FileLock from "../../../src/storage/FileLock.js"
import * as NodeDisk from "../../../src/storage/NodeDisk.js"
import * as Homes from "../../../src/config/Home.js"
import { directory } from "../../support/home.js"
import { atHome } from "./fixture.js"

const file = Effect.map(Homes.Home, ({ whatsapp }) => `${whatsapp}/credentials.ndjson`)
const using = <A, E, R>(use: (store: WhatsAppStore.WhatsAppStore) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(WhatsAppStore.open, use))

const kinds = ["session", "pre-key", "lid-mapping", "__proto__"]
const ids = ["1", "1234567890.0", "constructor", "__proto__", "a\nb"]
const value = FastCheck.oneof(
  FastCheck.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  FastCheck.string(),
  FastCheck.constant(null),
  FastCheck.record({ public: FastCheck.uint8Array().map((bytes) => Buffer.from(bytes)), keyId: FastCheck.nat() })
)
const change: FastCheck.Arbitrary<Record> = FastCheck.oneof(
  FastCheck.record({ credentials: FastCheck.record({ noiseKey: value, registrationId: FastCheck.nat() }) }),
  FastCheck.tuple(FastCheck.constantFrom(...kinds), FastCheck.constantFrom(...ids), value).map(([kind, id, value]) => ({
    keys: Object.fromEntries([[kind, Object.fromEntries([[id, value]])]])
  })),
  FastCheck.constant({ ended: true as const })
)

/** All that is in a store. */
const contents = (store: WhatsAppStore.WhatsAppStore) =>
  Effect.gen(function* () {
    return {
      credentials: yield* store.credentials,
      ended: yield* store.ended,
      keys: kinds.map((kind) => Array.from(store.keys(kind, ids)))
    }
  })

describe("what is kept of a linked device", () => {
  it.effect("is there again after a restart, whatever was changed", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(FastCheck.array(change, { maxLength: 12 }), (changes) =>
          Effect.gen(function* () {
            const before = yield* using((store) =>
              Effect.zipRight(Effect.forEach(changes, store.keep, { concurrency: "unbounded" }), contents(store))
            )
            deepStrictEqual(yield* using(contents), before)
          }).pipe(atHome, Effect.runPromise)
        ),
        { numRuns: 30 }
      )
    )
  )

  it.effect("is the last that was kept, and what was taken out is gone", () =>
    using((store) =>
      Effect.gen(function* () {
        yield* store.keep({ keys: { session: { a: Buffer.from("one"), b: "x" } } })
        yield* store.keep({ keys: { session: { a: Buffer.from("two"), b: null } } })
        deepStrictEqual(Array.from(store.keys("session", ["a", "b", "c"])), [["a", Buffer.from("two")]])
        deepStrictEqual(Array.from(store.keys("pre-key", ["a"])), [])
      })
    ).pipe(atHome)
  )

  it.effect("cannot be changed in place", () =>
    using((store) =>
      Effect.gen(function* () {
        const session = { chain: ["a"] }
        yield* store.keep({ keys: { session: { a: session } } })
        session.chain.push("b")
        const found = store.keys("session", ["a"]).get("a")
        deepStrictEqual(found, { chain: ["a"] })
      })
    ).pipe(atHome)
  )

  it.effect("survives a write that was cut short at any byte", () =>
    Effect.gen(function* () {
      yield* using((store) => store.keep({ credentials: { noiseKey: 1 } }))
      const whole = '{"keys":{"session":{"a":"kept"}}}\n'
      const path = yield* file
      const before = readFileSync(path)
      for (let length = 0; length <= whole.length; length++) {
        writeFileSync(path, before)
        appendFileSync(path, whole.slice(0, length))
        const found = yield* using((store) =>
          Effect.gen(function* () {
            assertSome(yield* store.credentials, { noiseKey: 1 })
            const found = store.keys("session", ["a"]).size
            yield* store.keep({ keys: { session: { b: "later" } } })
            return found
          })
        )
        assert.strictEqual(found, length >= whole.length - 1 ? 1 : 0)
        assert.strictEqual(yield* using((store) => Effect.succeed(store.keys("session", ["b"]).size)), 1)
      }
    }).pipe(atHome)
  )

  it.effect("is not read from a file that somebody has damaged, and is left as it is", () =>
    Effect.gen(function* () {
      yield* using((store) => store.keep({ credentials: { noiseKey: 1 } }))
      const path = yield* file
      const damaged = `this is nothing\n${readFileSync(path, "utf8")}`
      writeFileSync(path, damaged)
      const error = yield* Effect.flip(using(() => Effect.void))
      assert.include(error.message, "line 1")
      assert.strictEqual(readFileSync(path, "utf8"), damaged)
    }).pipe(atHome)
  )

  it.effect("does not grow for ever", () =>
    Effect.gen(function* () {
      const session = "x".repeat(50_000)
      yield* using((store) =>
        Effect.forEach(Array.from({ length: 100 }), (_, index) =>
          store.keep({ keys: { session: { [index % 5]: session } } })
        )
      )
      assert.isBelow(statSync(yield* file).size, 1_500_000)
      assert.strictEqual(
        yield* using((store) => Effect.succeed(store.keys("session", ["0", "1", "2", "3", "4"]).size)),
        5
      )
    }).pipe(atHome)
  )

  it.effect("does not grow from one start to the next", () =>
    Effect.gen(function* () {
      const session = "x".repeat(50_000)
      // Each time it is less than what would be tidied up while it runs.
      for (let start = 0; start < 8; start++) {
        yield* using((store) =>
          Effect.forEach(Array.from({ length: 15 }), () => store.keep({ keys: { session: { a: session } } }))
        )
      }
      assert.isBelow(statSync(yield* file).size, 2_500_000)
    }).pipe(atHome)
  )

  it.effect("is gone after a logout", () =>
    Effect.gen(function* () {
      yield* using((store) =>
        Effect.gen(function* () {
          yield* store.keep({ credentials: { noiseKey: 1 }, keys: { session: { a: "x" } } })
          yield* store.clear
          assertNone(yield* store.credentials)
          yield* store.clear
        })
      )
      assertNone(yield* using((store) => store.credentials))
    }).pipe(atHome)
  )

  it.effect("is looked at without a lock, and counts for nothing after WhatsApp has logged us out", () =>
    using((store) =>
      Effect.gen(function* () {
        assertNone(yield* WhatsAppStore.glance)
        yield* store.keep({ credentials: { noiseKey: 1 } })
        assertSome(yield* WhatsAppStore.glance, { noiseKey: 1 })
        yield* store.keep({ ended: true })
        assertNone(yield* WhatsAppStore.glance)
        assert.isTrue(yield* store.ended)
        // What Baileys still has to say of them does not bring them back to life.
        yield* store.keep({ credentials: { noiseKey: 2 } })
        assert.isTrue(yield* store.ended)
        yield* store.clear
        assert.isFalse(yield* store.ended)
      })
    ).pipe(atHome)
  )
})

/** A disk that is full as soon as it is told, and counts how often something was to be safe on it. */
const filling = (path: string) => {
  const state = { full: false, syncs: 0 }
  const noSpace = new DiskError({ operation: "write", path: "", code: "ENOSPC" })
  const disk = Layer.effect(
    Disk,
    Effect.map(Disk, (disk) =>
      Disk.of({
        ...disk,
        write: (file, bytes) => (state.full ? Effect.fail(noSpace) : disk.write(file, bytes)),
        sync: (file) =>
          Effect.zipRight(
            Effect.sync(() => void (state.syncs += 1)),
            disk.sync(file)
          )
      })
    )
  ).pipe(Layer.provide(NodeDisk.layer))
  return { state, layer: Layer.mergeAll(Homes.layerAt(path), Layer.provideMerge(FileLock.layer, disk)) }
}

describe("what is to be kept", () => {
  it.scoped("and cannot be, because the disk is full, is not there, and everything before it is", () =>
    Effect.gen(function* () {
      const { layer, state } = filling(yield* directory)
      yield* using((store) =>
        Effect.gen(function* () {
          yield* store.keep({ keys: { session: { a: "before" } } })
          state.full = true
          const error = yield* Effect.flip(store.keep({ keys: { session: { a: "after" } } }))
          assert.include(error.message, "No space left on device")
          assert.strictEqual(store.keys("session", ["a"]).get("a"), "before")
          state.full = false
          yield* store.keep({ keys: { session: { b: "later" } } })
        })
      ).pipe(Effect.provide(layer))
      const found = yield* Effect.provide(
        using((store) => Effect.succeed(Array.from(store.keys("session", ["a", "b"])))),
        layer
      )
      deepStrictEqual(found, [
        ["a", "before"],
        ["b", "later"]
      ])
    })
  )

  it.scoped("is kept where there is no room to tidy up, which is not tried anew with every change", () =>
    Effect.gen(function* () {
      const path = yield* directory
      let attempts = 0
      const cramped = Layer.effect(
        Disk,
        Effect.map(Disk, (disk) =>
          Disk.of({
            ...disk,
            open: (path, purpose) =>
              Effect.suspend(() => {
                if (purpose !== "create") return disk.open(path, purpose)
                attempts += 1
                return new DiskError({ operation: "create", path, code: "ENOSPC" })
              })
          })
        )
      ).pipe(Layer.provide(NodeDisk.layer))
      const roomy = Layer.mergeAll(Homes.layerAt(path), Layer.provideMerge(FileLock.layer, NodeDisk.layer))
      yield* Effect.provide(
        using((store) => store.keep({ keys: { session: { a: "first" } } })),
        roomy
      )
      yield* using((store) =>
        Effect.gen(function* () {
          for (let n = 0; n < 100; n++) yield* store.keep({ keys: { session: { a: "x".repeat(50_000) } } })
        })
      ).pipe(
        Effect.provide(Layer.mergeAll(Homes.layerAt(path), Layer.provideMerge(FileLock.layer, cramped))),
        Effect.provide(Logger.remove(Logger.defaultLogger))
      )
      assert.isAtLeast(attempts, 2)
      assert.isAtMost(attempts, 6)
    })
  )

  it.scoped("is on the disk when it is said to be, and what meets is written together", () =>
    Effect.gen(function* () {
      const { layer, state } = filling(yield* directory)
      yield* using((store) =>
        Effect.gen(function* () {
          // With the first ones the name of the file has to be safe as well.
          yield* store.keep({ keys: { session: { a: "zeroth" } } })
          yield* store.keep({ keys: { session: { a: "first" } } })
          const before = state.syncs
          yield* store.keep({ keys: { session: { a: "second" } } })
          assert.strictEqual(state.syncs, before + 1)
          const many = Array.from({ length: 100 }, (_, index) => store.keep({ keys: { session: { [index]: "x" } } }))
          yield* Effect.all(many, { concurrency: "unbounded" })
          assert.isAtMost(state.syncs, before + 4)
        })
      ).pipe(Effect.provide(layer))
    })
  )
})
