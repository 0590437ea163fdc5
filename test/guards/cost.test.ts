import { readdirSync, statSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as TestClock from "effect/TestClock"
import * as Home from "../../src/config/Home.js"
import { Decision } from "../../src/identity/Decision.js"
import * as Identities from "../../src/identity/Identities.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import * as session from "../../src/layers/session.js"
import { SessionKey } from "../../src/session/SessionKey.js"
import * as FileLock from "../../src/storage/FileLock.js"
import { mapOf } from "../bench/maps.mjs"
import { command } from "../fault/in-process.js"
import { the } from "../identity/arbitrary.js"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { directory } from "../support/home.js"

/** What a command does costs time; these costs can be counted, and are the same on every machine. */
describe("what a command loads", () => {
  const chunks = "dist/command"
  const sizeOf = (name: string) => {
    const file = readdirSync(chunks).find((file) => file === `${name}.cjs` || file.startsWith(`${name}-`)) ?? ""
    return statSync(join(chunks, file)).size
  }

  it.each([
    ["main", 515_000],
    ["reading", 70_000],
    ["deciding", 59_000],
    ["explaining", 150_000],
    ["parsing", 45_000]
  ])("is no more than it was: %s has at most %i bytes", (name, most) => {
    assert.isAtMost(sizeOf(name), most)
    assert.isAbove(sizeOf(name), most / 2)
  })
})

describe("a command", () => {
  /** As many effects as a command line consists of. One that runs once takes a thousandth or two of a millisecond. */
  const effectsOf = (home: string, argv: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const { span } = yield* Effect.tracer
      let effects = 0
      const counting = Tracer.make({ span, context: (run) => ((effects += 1), run()) })
      const { status } = yield* Effect.withTracer(command(home, argv), counting)
      assert.strictEqual(status, 0)
      return effects
    })

  it.scopedLive.each<readonly [string, number]>([
    ["identity list --json", 900],
    ["identity link --whatsapp +1234567890 --telegram @john --json", 2_200]
  ])("runs no more effects than it did: `%s` at most %i", ([line, most]) =>
    Effect.gen(function* () {
      const home = yield* directory
      writeFileSync(join(home, "identity-map.json"), mapOf(100))
      const effects = (yield* effectsOf(home, line.split(" "))) - (yield* effectsOf(home, ["--version"]))
      assert.isAtMost(effects, most)
      assert.isAbove(effects, most / 2)
    })
  )
})

/** The services on a disk that writes down what is asked of it. */
const counted = (home: string) => {
  const { calls, layer } = FaultyDisk.make(() => "none")
  const services = Layer.provideMerge(session.layer, Layer.provideMerge(Identities.layer, layerFile)).pipe(
    Layer.provide([SharedIds.layer, Layer.provideMerge(FileLock.layer, layer), Home.layerAt(home)])
  )
  return { calls, services }
}

const phone = the("whatsapp", "+1234567890")
const john = the("telegram", "@john")

describe("a link", () => {
  it.scoped("is synced as often as durability takes: the new map, its record, the directory", () =>
    Effect.gen(function* () {
      const home = yield* directory
      const { calls, services } = counted(home)
      yield* Effect.gen(function* () {
        const { change } = yield* Identities.Identities
        yield* change(Decision.Link({ identities: [the("telegram", "@mary"), the("telegram", "42")] }))
        calls.length = 0
        yield* change(Decision.Link({ identities: [phone, john] }))
      }).pipe(Effect.provide(services))
      const names = calls
        .filter(({ operation }) => operation === "sync")
        .map(({ path }) => (path === home ? "directory" : basename(path).replace(/\.[a-z0-9]+\.tmp$/, "")))
      deepStrictEqual(names.sort(), ["directory", "identity-journal.ndjson", "identity-map.json"])
    })
  )
})

describe("a lookup", () => {
  it.scoped("asks the disk one thing, with ten mappings as with ten thousand, linked or not", () =>
    Effect.gen(function* () {
      for (const size of [10, 10_000]) {
        const home = yield* directory
        const file = join(home, "identity-map.json")
        writeFileSync(file, mapOf(size))
        // Younger files are read again: they may change within one time stamp.
        yield* TestClock.setTime(4_000_000_000_000)
        const { calls, services } = counted(home)
        yield* Effect.gen(function* () {
          const { derive } = yield* SessionKey
          const { current } = yield* IdentityStore
          yield* current
          calls.length = 0
          const linked = yield* derive("per-sender", { From: "telegram:@user_7", provider: "telegram" })
          const alone = yield* derive("per-sender", { From: "telegram:@nobody", provider: "telegram" })
          assert.match(linked, /^shared-/)
          assert.strictEqual(String(alone), "telegram:@nobody")
          assert.isTrue(Option.isSome(Option.fromNullable((yield* current).owners.get("telegram:@user_7"))))
        }).pipe(Effect.provide(services))
        deepStrictEqual(
          calls.map(({ operation, path }) => [operation, path]),
          [
            ["stat", file],
            ["stat", file],
            ["stat", file]
          ]
        )
      }
    })
  )
})
