import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Codec } from "../../src/storage/Document.js"
import * as DurableFile from "../../src/storage/DurableFile.js"
import * as FileLock from "../../src/storage/FileLock.js"
import { directory } from "../support/home.js"
import * as FaultyDisk from "./faulty-disk.js"

/** A document of texts that counts how often one is made out, on a disk where something else can come first. */
const counted = Effect.gen(function* () {
  const path = join(yield* directory, "document")
  let decoded = 0
  const codec: Codec<string> = {
    empty: "",
    decode: (text) => Either.right(((decoded += 1), text)),
    encode: (text) => text
  }
  let next:
    | { readonly at: FaultyDisk.Operation; readonly path: string; readonly first: Effect.Effect<void> }
    | undefined
  const { layer } = FaultyDisk.make((_, operation, where) => {
    if (next === undefined || operation !== next.at || where !== next.path) return "none"
    const { first } = next
    next = undefined
    return { first }
  })
  const services = Layer.provideMerge(FileLock.layer, layer)
  const document = yield* Effect.provide(DurableFile.make(path, codec), services)
  const write = (text: string) => Effect.asVoid(document.modify(() => Either.right(Option.some(text))))
  return {
    ...document,
    path,
    write,
    decoded: () => decoded,
    before: (at: FaultyDisk.Operation, path: string, first: Effect.Effect<void, unknown>) => {
      next = { at, path, first: Effect.orDie(first) }
    }
  }
})

const long = "x".repeat(5 * 1024 * 1024)

describe("the content of a file", () => {
  it.scopedLive.each([
    ["short", ""],
    ["long", long]
  ])("that we have made is not decoded, though it is %s and found before the change is through", ([, more]) =>
    Effect.gen(function* () {
      const { before, decoded, path, readable, write } = yield* counted
      yield* write(`one${more}`)
      let found = ""
      const read = Effect.map(readable, ({ value }) => void (found = value))
      // That it is there is synced last.
      before("sync", join(path, ".."), read)
      yield* write(`two${more}`)
      assert.strictEqual(found, `two${more}`)
      assert.strictEqual((yield* readable).value, `two${more}`)
      assert.strictEqual(decoded(), 0)
    })
  )

  it.scopedLive("is not decoded again when a change of ours came while it was read", () =>
    Effect.gen(function* () {
      const { before, decoded, path, readable, write } = yield* counted
      yield* write("one")
      before("read", path, write("two"))
      const { value } = yield* readable
      assert.include(["one", "two"], value)
      assert.strictEqual((yield* readable).value, "two")
      assert.strictEqual(decoded(), 0)
    })
  )

  it.scopedLive("that we have made is the last that was readable, though nobody has read it", () =>
    Effect.gen(function* () {
      const { current, path, write } = yield* counted
      yield* write("one")
      yield* write("two")
      yield* Effect.sync(() => writeFileSync(path, Buffer.from([0xff])))
      assert.strictEqual((yield* current).value, "two")
    })
  )

  it.scopedLive("is decoded once when somebody else has made it", () =>
    Effect.gen(function* () {
      const { decoded, path, readable, write } = yield* counted
      yield* write("one")
      yield* Effect.sync(() => writeFileSync(path, "theirs"))
      for (const _ of [1, 2, 3]) assert.strictEqual((yield* readable).value, "theirs")
      assert.strictEqual(decoded(), 1)
    })
  )
})
