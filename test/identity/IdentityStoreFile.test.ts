import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Identities from "../../src/identity/Identities.js"
import { find, list } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { Decision } from "../../src/identity/Decision.js"
import { Disk, type Signature } from "../../src/storage/Disk.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import * as home from "../support/home.js"
import { the } from "./arbitrary.js"
import { identitiesContract, storeContract } from "./IdentityStore.contract.js"
import { makePipe } from "../support/pipe.js"

const inFile = Layer.provide(layerFile, home.layer)

storeContract("a file", inFile)
identitiesContract("a file", inFile)

const link = (...ids: ReadonlyArray<string>) =>
  Effect.flatMap(Identities.Identities, ({ change }) =>
    change(
      Decision.Link({
        identities: ids.map((id) => the(id.startsWith("+") ? "whatsapp" : "telegram", id))
      })
    )
  )

const linked = (...ids: ReadonlyArray<string>) => Effect.map(link(...ids), ({ mapping }) => Option.getOrThrow(mapping))

const unlink = (id: string) => Effect.flatMap(Identities.Identities, ({ change }) => change(Decision.Unlink({ id })))

const mappingOf = (id: string, identity: string) => ({
  id,
  identities: { telegram: identity },
  createdAt: "2024-01-01T00:00:00Z",
  updatedAt: "2024-01-01T00:00:00Z"
})

/** A file with one mapping, in which this Telegram account is. */
const mapWith = (identity: string): string =>
  `${JSON.stringify({ version: 1, mappings: { one: mappingOf("one", identity) } }, null, 2)}\n`

const ownersNow = Effect.flatMap(IdentityStore, ({ current }) =>
  Effect.map(current, ({ owners }) => Array.from(owners.keys()).sort())
)

interface Place {
  /** The home's directory, which does not exist yet. */
  readonly directory: string
  /** The map's file in it. */
  readonly file: string
  /** All warnings so far. */
  readonly warnings: ReadonlyArray<string>
}

/** Runs with the services over a home of its own, at the real time: what is read again depends on how old it is. */
const inHome = <A, E>(
  run: (place: Place) => Effect.Effect<A, E, Identities.Identities | IdentityStore | Scope.Scope>
) =>
  Effect.gen(function* () {
    const directory = Path.join(yield* home.directory, "home")
    const warnings: Array<string> = []
    const logger = Logger.make(({ message }) => void warnings.push(String(message)))
    return yield* run({ directory, file: Path.join(directory, "identity-map.json"), warnings }).pipe(
      Effect.provide(Layer.provideMerge(Identities.layer, layerFile)),
      Effect.provide(SharedIds.layerTest),
      Effect.provide(home.at(directory)),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
  })

const write = (file: string, content: string | Uint8Array): void => {
  Fs.mkdirSync(Path.dirname(file), { recursive: true, mode: 0o700 })
  Fs.writeFileSync(file, content, { mode: 0o600 })
}

const old = Effect.sleep("30 millis")

const modeOf = (path: string): string => (Fs.statSync(path).mode & 0o777).toString(8)

describe("the identity map's file", () => {
  it.scopedLive("does not come to be by being asked for", () =>
    inHome(({ directory }) =>
      Effect.gen(function* () {
        deepStrictEqual(yield* ownersNow, [])
        yield* Effect.flip(link("42"))
        yield* Effect.flip(unlink("nobody"))
        assert.isFalse(Fs.existsSync(directory))
      })
    )
  )

  it.scopedLive("is for its owner alone from the first moment, as is its directory, under any umask", () =>
    inHome(({ directory, file }) =>
      Effect.gen(function* () {
        const before = yield* Effect.acquireRelease(
          Effect.sync(() => process.umask(0)),
          (mask) => Effect.sync(() => process.umask(mask))
        )
        assert.isNumber(before)
        yield* link("42", "@john")
        yield* link("43", "@mary")
        assert.strictEqual(modeOf(directory), "700")
        for (const name of [
          "identity-map.json",
          "identity-map.json.lock",
          "identity-map.json.bak",
          "identity-journal.ndjson"
        ]) {
          assert.strictEqual(modeOf(Path.join(directory, name)), "600", name)
        }
        Fs.chmodSync(file, 0o644)
        yield* link("44", "@anna")
        assert.strictEqual(modeOf(file), "600")
      })
    )
  )

  it.scopedLive("is not written by what changes nothing", () =>
    inHome(({ file }) =>
      Effect.gen(function* () {
        yield* link("42", "@john")
        const before = Fs.statSync(file, { bigint: true })
        const text = Fs.readFileSync(file, "utf8")
        yield* link("@JOHN", "42")
        yield* Effect.flip(link("42", "@mary"))
        yield* Effect.flip(unlink("nobody"))
        const after = Fs.statSync(file, { bigint: true })
        deepStrictEqual([after.ino, after.mtimeNs, after.ctimeNs], [before.ino, before.mtimeNs, before.ctimeNs])
        assert.strictEqual(Fs.readFileSync(file, "utf8"), text)
      })
    )
  )

  it.scopedLive("holds two-space JSON with the mappings in the order in which they were linked", () =>
    inHome(({ file }) =>
      Effect.gen(function* () {
        yield* link("+1234567890", "@john")
        yield* link("42", "43")
        const text = Fs.readFileSync(file, "utf8")
        const value = JSON.parse(text)
        assert.strictEqual(text, `${JSON.stringify(value, null, 2)}\n`)
        const [first, second] = ["shared-00000000-00000001", "shared-00000000-00000002"]
        deepStrictEqual(Object.keys(value), ["version", "mappings"])
        deepStrictEqual(Object.keys(value.mappings), [first, second])
        const one = value.mappings[first]
        deepStrictEqual(Object.keys(one), ["id", "identities", "createdAt", "updatedAt"])
        deepStrictEqual(one.identities, { whatsapp: "+1234567890", telegram: "@john" })
        deepStrictEqual(value.mappings[second].identities, { telegram: ["42", "43"] })
      })
    )
  )

  it.scopedLive("keeps what is not ours through changes by us", () =>
    inHome(({ file }) =>
      Effect.gen(function* () {
        const text = mapWith("42")
          .replace('"version": 1,', '"$comment": "ours",\n  "version": 1,')
          .replace('"id": "one",', '"id": "one",\n      "since": {\n        "year": 1999\n      },')
          .replace('"telegram": "42"', '"telegram": "42",\n        "matrix": "@x:y"')
        write(file, text)
        const { id } = yield* linked("@john", "@mary")
        assert.include(Fs.readFileSync(file, "utf8"), "@john")
        yield* unlink(id)
        assert.strictEqual(Fs.readFileSync(file, "utf8"), text)
      })
    )
  )

  it.scopedLive("a link stays a link, and what it points to is changed", () =>
    inHome(({ directory, file }) =>
      Effect.gen(function* () {
        const elsewhere = Path.join(directory, "..", "elsewhere")
        write(Path.join(elsewhere, "map.json"), mapWith("42"))
        Fs.mkdirSync(directory, { mode: 0o700 })
        Fs.symlinkSync("../elsewhere/map.json", file)
        yield* link("@john", "@mary")
        assert.isTrue(Fs.lstatSync(file).isSymbolicLink())
        deepStrictEqual(yield* ownersNow, ["telegram:42", "telegram:@john", "telegram:@mary"])
        assert.include(Fs.readFileSync(Path.join(elsewhere, "map.json"), "utf8"), "@john")
        deepStrictEqual(Fs.readdirSync(directory).sort(), ["identity-journal.ndjson", "identity-map.json"])
      })
    )
  )

  it.scopedLive("a link to nothing is written through, from wherever the home itself really is", () =>
    inHome(({ directory, file }) =>
      Effect.gen(function* () {
        const real = Path.join(directory, "..", "deep", "er", "home")
        Fs.mkdirSync(real, { recursive: true, mode: 0o700 })
        Fs.symlinkSync("deep/er/home", directory)
        Fs.symlinkSync("../map.json", file)
        yield* link("@john", "@mary")
        assert.isTrue(Fs.lstatSync(file).isSymbolicLink())
        assert.isTrue(Fs.existsSync(Path.join(real, "..", "map.json")))
        deepStrictEqual(yield* ownersNow, ["telegram:@john", "telegram:@mary"])
      })
    )
  )
})

describe("an edit by hand", () => {
  it.scopedLive("is followed at the next lookup, and so is deleting the file", () =>
    inHome(({ file }) =>
      Effect.gen(function* () {
        const mapping = yield* linked("42", "@john")
        yield* old
        deepStrictEqual(yield* ownersNow, ["telegram:42", "telegram:@john"])
        write(file, mapWith("@mary"))
        deepStrictEqual(yield* ownersNow, ["telegram:@mary"])
        const { get, list } = yield* Identities.Identities
        deepStrictEqual(yield* get(mapping.id), Option.none())
        assert.strictEqual((yield* list).length, 1)
        yield* old
        deepStrictEqual(yield* ownersNow, ["telegram:@mary"])
        Fs.rmSync(file)
        deepStrictEqual(yield* ownersNow, [])
        deepStrictEqual(yield* list, [])
        write(file, mapWith("@anna"))
        deepStrictEqual(yield* ownersNow, ["telegram:@anna"])
      })
    )
  )

  it.scopedLive("of the same size is never missed, in place or by replacement, 300 times in a row", () =>
    inHome(({ file }) =>
      Effect.gen(function* () {
        for (let n = 0; n < 300; n++) {
          const number = String(1000 + n)
          if (n % 2 === 0) write(file, mapWith(number))
          else {
            write(`${file}.new`, mapWith(number))
            Fs.renameSync(`${file}.new`, file)
          }
          deepStrictEqual(yield* ownersNow, [`telegram:${number}`])
        }
      })
    )
  )

  it.scopedLive("of the same size is not missed either where a file system's clock is coarse", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      const file = Path.join(directory, "identity-map.json")
      const tick = 10_000_000n
      const coarse = (signature: Signature): Signature => ({
        ...signature,
        modified: signature.modified - (signature.modified % tick),
        changed: signature.changed - (signature.changed % tick)
      })
      const disk = Layer.effect(
        Disk,
        Effect.map(Disk, (disk) => ({
          ...disk,
          stat: (path: string) => Effect.map(disk.stat(path), Option.map(coarse)),
          statOpen: (open: number) => Effect.map(disk.statOpen(open), coarse)
        }))
      )
      yield* Effect.gen(function* () {
        for (let n = 0; n < 300; n++) {
          write(file, mapWith(String(1000 + n)))
          deepStrictEqual(yield* ownersNow, [`telegram:${1000 + n}`])
        }
      }).pipe(Effect.provide(layerFile), Effect.provide(disk), Effect.provide(home.at(directory)))
    })
  )

  it.scopedLive("that changes the file while it is read is read whole", () =>
    inHome(({ file }) =>
      Effect.gen(function* () {
        write(file, mapWith("1000"))
        yield* Effect.forEach(
          Array.from({ length: 100 }, (_, n) => n),
          (n) =>
            Effect.gen(function* () {
              const reading = yield* Effect.fork(ownersNow)
              yield* Effect.yieldNow()
              write(file, mapWith(String(1000 + n)).padEnd(400 + n * 100))
              yield* reading
              deepStrictEqual(yield* ownersNow, [`telegram:${1000 + n}`])
            }),
          { discard: true }
        )
      })
    )
  )

  it.scopedLive(
    "that puts an account into two mappings is read: the first in the file has it, and no command adds to it",
    () =>
      inHome(({ file, warnings }) =>
        Effect.gen(function* () {
          const two = { version: 1, mappings: { z: mappingOf("z", "@john"), a: mappingOf("a", "@JOHN") } }
          write(file, JSON.stringify(two))
          const { current } = yield* IdentityStore
          const map = yield* current
          assert.strictEqual(Option.getOrUndefined(find(map, the("telegram", "@john"))), "z")
          assert.strictEqual(list(map).length, 2)
          const refusal = yield* Effect.flip(link("@John", "42"))
          assert.strictEqual(refusal._tag, "IdentityAlreadyLinked")
          yield* unlink("z")
          assert.strictEqual(Option.getOrUndefined(find(yield* current, the("telegram", "@john"))), "a")
          deepStrictEqual(warnings, [])
        })
      )
  )
})

const bad: ReadonlyArray<readonly [string, string | Uint8Array, string]> = [
  ["nothing", "", "line 1, column 1"],
  ["half of it", mapWith("42").slice(0, 80), "line"],
  ["two documents", mapWith("42") + mapWith("43"), "column"],
  ["another version", mapWith("42").replace('"version": 1', '"version": 2'), "version 2"],
  ["a malformed identity", mapWith("42").replace('"42"', '"-42"'), "line 7"],
  ["a mapping called constructor", mapWith("42").replaceAll('"one"', '"constructor"'), "line 5"],
  ["a key twice", mapWith("42").replace('"version": 1', '"version": 1, "version": 1'), "twice"],
  ["other bytes than UTF-8", Buffer.concat([Buffer.from(mapWith("42")), Buffer.from([0xff])]), "UTF-8"],
  ["UTF-16", Buffer.from(`\uFEFF${mapWith("42")}`, "utf16le"), "UTF-8"]
]

describe("a file that cannot be understood", () => {
  it.scopedLive.each(bad)(
    "with %s in it is touched by no command, and the error says where it is",
    ([, content, where]) =>
      inHome(({ directory, file }) =>
        Effect.gen(function* () {
          write(file, content)
          const { find, get, list } = yield* Identities.Identities
          const asked = [link("@john", "@mary"), unlink("one"), list, get("one"), find(the("telegram", "42"))]
          for (const command of asked) {
            const error = yield* Effect.flip<
              unknown,
              { readonly _tag: string; readonly message: string },
              Identities.Identities
            >(command)
            assert.strictEqual(error._tag, "IdentityMapUnreadable")
            assert.include(error.message, file)
            assert.include(error.message, where)
          }
          deepStrictEqual(Fs.readFileSync(file), Buffer.from(content))
          assert.notInclude(Fs.readdirSync(directory).join(), ".tmp")
          // Whoever starts with it routes as if nobody was linked.
          deepStrictEqual(yield* ownersNow, [])
        })
      )
  )

  it.scopedLive.each(bad)("with %s in it leaves a running reader with the last content that was good", ([, content]) =>
    inHome(({ file, warnings }) =>
      Effect.gen(function* () {
        write(file, mapWith("@john"))
        deepStrictEqual(yield* ownersNow, ["telegram:@john"])
        write(file, content)
        for (let n = 0; n < 3; n++) deepStrictEqual(yield* ownersNow, ["telegram:@john"])
        yield* old
        deepStrictEqual(yield* ownersNow, ["telegram:@john"])
        assert.strictEqual(warnings.length, 1)
        assert.include(warnings[0], file)
        write(file, mapWith("@mary"))
        deepStrictEqual(yield* ownersNow, ["telegram:@mary"])
        assert.strictEqual(warnings.length, 1)
      })
    )
  )

  it.scopedLive("that became so since the decision was made is touched by no commit either", () =>
    inHome(({ file }) =>
      Effect.gen(function* () {
        const { commit, readable } = yield* IdentityStore
        write(file, mapWith("42"))
        const { revision } = yield* readable
        const planned = yield* link("@john", "@mary")
        write(file, "{")
        const error = yield* Effect.flip(commit(revision, planned))
        assert.strictEqual(error._tag, "IdentityMapUnreadable")
        assert.include(error.message, file)
        assert.strictEqual(Fs.readFileSync(file, "utf8"), "{")
      })
    )
  )

  it.scopedLive("is warned of once for each content, even if what is wrong sounds the same", () =>
    inHome(({ file, warnings }) =>
      Effect.gen(function* () {
        for (const [n, content] of ["{", "{ ", "{  "].entries()) {
          write(file, content)
          yield* ownersNow
          yield* ownersNow
          assert.strictEqual(warnings.length, n + 1, content)
        }
      })
    )
  )

  it.scopedLive("is no reason to show a phone number in the log", () =>
    inHome(({ file, warnings }) =>
      Effect.gen(function* () {
        write(file, mapWith("@john").replace('"telegram": "@john"', '"whatsapp": "001234567890"'))
        yield* ownersNow
        assert.strictEqual(warnings.length, 1)
        assert.include(warnings[0], "…7890")
        assert.notInclude(warnings[0], '1234567890"')
      })
    )
  )

  it.scopedLive("a directory or a pipe in its place is no map, and is left there", () =>
    inHome(({ directory, file }) =>
      Effect.gen(function* () {
        for (const put of [() => Fs.mkdirSync(file), () => makePipe(file)]) {
          Fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
          put()
          const error = yield* Effect.flip(link("@john", "@mary"))
          assert.strictEqual(error._tag, "IdentityMapUnreadable")
          assert.include(error.message, "not a regular file")
          deepStrictEqual(yield* ownersNow, [])
          assert.isFalse(Fs.lstatSync(file).isFile())
          Fs.rmSync(file, { recursive: true })
        }
      })
    )
  )

  it.scopedLive("a file larger than 64 MiB is not read at all", () =>
    inHome(({ file }) =>
      Effect.gen(function* () {
        write(file, mapWith("42"))
        Fs.truncateSync(file, 64 * 1024 * 1024 + 1)
        const error = yield* Effect.flip(link("@john", "@mary"))
        assert.strictEqual(error._tag, "IdentityMapUnreadable")
        assert.include(error.message, "64 MiB")
      })
    )
  )

  it.scopedLive.skipIf(process.getuid?.() === 0)(
    "a file that may not be read is not taken for an empty one (root may read all)",
    () =>
      inHome(({ file }) =>
        Effect.gen(function* () {
          write(file, mapWith("42"))
          yield* ownersNow
          Fs.chmodSync(file, 0)
          const error = yield* Effect.flip(link("@john", "@mary"))
          assert.include(error.message, "Permission denied")
          deepStrictEqual(yield* ownersNow, ["telegram:42"])
        })
      )
  )
})

describe("two processes with one home", () => {
  it.scopedLive("of changes made at the same time none is lost", () =>
    Effect.gen(function* () {
      const directory = Path.join(yield* home.directory, "home")
      const process = (n: number) =>
        Effect.forEach(
          Array.from({ length: 10 }, (_, k) => k + 1),
          (k) => link(`${n}000${k}`, `${n}001${k}`),
          { concurrency: 5 }
        ).pipe(
          Effect.provide(Identities.layer.pipe(Layer.provide(layerFile), Layer.fresh)),
          Effect.provide(SharedIds.layer),
          Effect.provide(Layer.fresh(home.at(directory)))
        )
      const exits = yield* Effect.forEach([1, 2, 3, 4], (n) => Effect.exit(process(n)), { concurrency: "unbounded" })
      for (const exit of exits) assert.isTrue(Exit.isSuccess(exit), String(exit))
      const { mappings } = JSON.parse(Fs.readFileSync(Path.join(directory, "identity-map.json"), "utf8"))
      assert.strictEqual(Object.keys(mappings).length, 40)
    })
  )

  it.scopedLive("a change by one is seen by the other at its next question", () =>
    inHome(({ directory }) =>
      Effect.gen(function* () {
        const other = Effect.provide(
          Identities.layer.pipe(
            Layer.provide(layerFile),
            Layer.provide(SharedIds.layer),
            Layer.provide(home.at(directory)),
            Layer.fresh
          )
        )
        for (let n = 1; n <= 20; n++) {
          const mapping = yield* other(linked(`${n}`, `${n + 100}`))
          deepStrictEqual(yield* ownersNow, [`telegram:${n}`, `telegram:${n + 100}`].sort())
          yield* other(unlink(mapping.id))
          deepStrictEqual(yield* ownersNow, [])
        }
      })
    )
  )
})
