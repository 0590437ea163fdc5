import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as Home from "../../src/config/Home.js"
import { list } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { Disk, type Signature } from "../../src/storage/Disk.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import * as home from "../support/home.js"
import { record, thorough } from "./figures.js"
import { start } from "./processes.js"
import { mapOf, nameOf } from "./writer-mappings.js"

/** A map with one mapping, whose name has four digits to be filled in. */
const text = mapOf(8, 1).replace(`"${nameOf(8, 0)}"`, '"%"')

/** `look` is a lookup that nobody judges. */
type Replace = (file: string, what: string, look: Effect.Effect<unknown>) => Effect.Effect<void>

const renamed: Replace = (file, what) =>
  Effect.sync(() => {
    Fs.writeFileSync(`${file}.new`, text.replaceAll("%", what))
    Fs.renameSync(`${file}.new`, file)
  })

const inPlace: Replace = (file, what) =>
  Effect.sync(() => Fs.writeFileSync(file, text.replaceAll("%", what), { flag: Fs.existsSync(file) ? "r+" : "w" }))

/** By one that was made before: it keeps the time of its last modification, as what `mv` and `cp -p` put there does. */
const renamedOld: Replace = (file, what) =>
  Effect.sync(() => {
    Fs.writeFileSync(`${file}.new`, text.replaceAll("%", what))
    Fs.utimesSync(`${file}.new`, 1_700_000_000, 1_700_000_000)
    Fs.renameSync(`${file}.new`, file)
  })

/** After so long a rest that the reader trusts what it knows. */
const rested: Replace = (file, what, look) =>
  Effect.sleep("30 millis").pipe(Effect.zipRight(look), Effect.zipRight(inPlace(file, what, look)))

/** How signatures look on a file system with a worse clock, or to a reader who looks less closely. */
type View = (signature: Signature) => Signature

const exactly: View = (signature) => signature

const coarse =
  (nanoseconds: bigint): View =>
  (signature) => ({
    ...signature,
    modified: signature.modified - (signature.modified % nanoseconds),
    changed: signature.changed - (signature.changed % nanoseconds)
  })

/** The last modification in milliseconds and the size, which is what most programs go by. */
const millisecondsOnly: View = (signature) => {
  const modified = signature.modified - (signature.modified % 1_000_000n)
  return { ...signature, inode: 0n, modified, changed: modified }
}

/** By this clock, no file is so young that its signature is not to be trusted. */
const trusting = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.withClock(effect, {
    ...Clock.make(),
    currentTimeMillis: Effect.map(Clock.make().currentTimeMillis, (now) => now + 3_600_000)
  })

/** Replaces the map so often, in these ways by turns, and looks up each time; how many lookups did not see it. */
const missed = (file: string, times: number, ways: ReadonlyArray<Replace>, view: View = exactly) => {
  const disk = Layer.effect(
    Disk,
    Effect.map(Disk, (disk) =>
      Disk.of({
        ...disk,
        stat: (path) => Effect.map(disk.stat(path), Option.map(view)),
        statOpen: (open) => Effect.map(disk.statOpen(open), view)
      })
    )
  ).pipe(Layer.provide(NodeDisk.layer))
  return Effect.gen(function* () {
    const { current } = yield* IdentityStore
    let count = 0
    for (let n = 0; n < times; n++) {
      const what = String(1_000 + n)
      yield* ways[n % ways.length]?.(file, what, current) ?? Effect.void
      const [mapping] = list(yield* current)
      if (mapping?.name !== what) count += 1
    }
    return count
  }).pipe(
    Effect.provide(layerFile),
    Effect.provide(Layer.provideMerge(FileLock.layer, disk)),
    Effect.provide(Home.layerAt(Path.dirname(file)))
  )
}

const place = Effect.map(home.directory, (directory) => Path.join(directory, "identity-map.json"))

/** Another process, which replaces the file when it is told to. */
const another = (file: string) =>
  Effect.gen(function* () {
    const program = fileURLToPath(new URL("./replaced-by-another.mjs", import.meta.url))
    let heard = (_: string) => {}
    const other = yield* start(program, [file, text], (line) => heard(line))
    const replace: Replace = (_, what) =>
      Effect.async<void>((resume) => {
        heard = (line) => resume(line === what ? Effect.void : Effect.die(new Error(line)))
        other.send(what)
      })
    return replace
  })

const [often, seldom] = thorough ? [6_000, 1_000] : [3_000, 300]

describe("a file that is replaced by one of its size is seen by the next lookup", { timeout: 120_000 }, () => {
  it.scopedLive(`${often} times, by turns from another process, from this one and in place`, () =>
    Effect.gen(function* () {
      const file = yield* place
      assert.strictEqual(yield* missed(file, often, [yield* another(file), inPlace, renamed, inPlace]), 0)
      record("D7", { replacements: often, stale: 0 })
    })
  )

  it.scopedLive("though the reader had reason to trust what it knew", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* missed(yield* place, 25, [rested]), 0)
      for (const way of [renamed, renamedOld]) {
        assert.strictEqual(yield* trusting(missed(yield* place, seldom, [way])), 0)
      }
      record("D7", { replacements: 25 + 2 * seldom, stale: 0 })
    })
  )

  it.scopedLive.each([
    ["on a disk whose clock ticks every 10 ms", inPlace, coarse(10_000_000n)],
    ["by a reader who knows milliseconds only", renamed, millisecondsOnly]
  ] as const)("%s", ([, replace, view]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* missed(yield* place, seldom, [replace], view), 0)
      record("D7", { replacements: seldom, stale: 0 })
    })
  )
})

describe("a reader who trusts the signature of a file that was changed just now", () => {
  it.scopedLive.each([
    ["misses some where it knows milliseconds only", millisecondsOnly],
    ["misses some where a disk's clock ticks every 10 ms", coarse(10_000_000n)]
  ] as const)("%s, and that is noticed", ([, view]) =>
    Effect.gen(function* () {
      assert.isAtLeast(yield* trusting(missed(yield* place, 3_000, [inPlace], view)), 1)
      record("D11", { "defects planted": 1, "caught in a check": 1 })
    })
  )
})
