import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fs from "node:fs"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "node:path"
import { lifetime } from "../../../src/identity/proof/Book.js"
import { codec, pausedUntil } from "../../../src/identity/proof/Book.js"
import * as Home from "../../../src/config/Home.js"
import * as FaultyDisk from "../../storage/faulty-disk.js"
import * as ProofKey from "../../../src/identity/proof/ProofKey.js"
import { Proofs } from "../../../src/identity/proof/Proofs.js"
import { ProofStore } from "../../../src/identity/proof/ProofStore.js"
import * as ProofStoreFile from "../../../src/identity/proof/ProofStoreFile.js"
import * as Secrets from "../../../src/identity/proof/Secrets.js"
import { IdentityStore } from "../../../src/identity/IdentityStore.js"
import * as identities from "../../../src/identity/IdentityStoreFile.js"
import * as TestClock from "effect/TestClock"
import { withLogs } from "../../support/logs.js"
import * as home from "../../support/home.js"
import * as fixture from "./fixture.js"
import { as, ask, confirm, grant, john, mallory, phone, present, together } from "./fixture.js"

const files = Layer.merge(ProofStoreFile.layerFile, ProofKey.layerFile)

/** A process in this home. */
const inside = (path: string) => {
  const below = home.at(path)
  return fixture.over(Layer.provide(files, below), undefined, Layer.provide(identities.layerFile, below), Secrets.layer)
}

const all = (path: string) =>
  Fs.readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => Fs.readFileSync(Path.join(parentPath, name), "latin1"))
    .join("\n")

describe("the file of the proofs", () => {
  it.scoped("takes a handshake through a restart between any two of its steps", () =>
    Effect.gen(function* () {
      const path = yield* home.directory
      const step = <A, E>(effect: Effect.Effect<A, E, Proofs | ProofStore | IdentityStore>) =>
        Effect.provide(effect, inside(path))
      const code = yield* step(ask(john))
      const { word } = as("Confirm", yield* step(present(phone, code)))
      as("Waiting", yield* step(confirm(phone, word)))
      const granted = yield* step(grant)
      as("Linked", yield* step(confirm(john, granted)))
      const parting = as("Confirm", yield* step(Effect.flatMap(Proofs, ({ part }) => part(john))))
      as("Parted", yield* step(confirm(john, parting.word)))
      for (const _ of [1, 2, 3, 4, 5]) yield* step(present(mallory, "ZZZZ-ZZZZ"))
      as("Paused", yield* step(present(mallory, "ZZZZ-ZZZZ")))
    })
  )

  it.scoped("holds a keyed hash and never a code or a word, which are gone from all files once they are used", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const path = yield* home.directory
        yield* Effect.gen(function* () {
          const hashed = (purpose: "code" | "word", secret: string) =>
            Effect.flatMap(Proofs, ({ hash }) => hash(purpose, secret))
          const code = yield* ask(john)
          const kept = yield* hashed("code", code.replace("-", ""))
          assert.include(all(path), kept)
          const { word } = as("Confirm", yield* present(phone, code))
          assert.notInclude(all(path), kept)
          const keptWord = yield* hashed("word", word)
          assert.include(all(path), keptWord)
          yield* confirm(phone, word)
          assert.notInclude(all(path), keptWord)
          const granted = yield* grant
          const keptGranted = yield* hashed("word", granted)
          assert.include(all(path), keptGranted)
          yield* confirm(john, granted)
          assert.notInclude(all(path), keptGranted)
          for (const secret of [code, code.replace("-", ""), word, granted]) {
            assert.notInclude(all(path), secret)
            assert.notInclude(lines.join("\n"), secret)
          }
          yield* TestClock.adjust(lifetime)
          yield* ask(mallory)
          assert.notInclude(Fs.readFileSync(Path.join(path, "proofs.json"), "utf8"), "1234567890")
          deepStrictEqual(
            Fs.readdirSync(path)
              .filter((name) => name.startsWith("proof"))
              .sort(),
            ["proof.key", "proofs.json", "proofs.json.lock"]
          )
          for (const name of ["proof.key", "proofs.json"])
            assert.strictEqual(Fs.statSync(Path.join(path, name)).mode & 0o777, 0o600)
        }).pipe(Effect.provide(inside(path)))
      })
    )
  )

  it.scopedLive("lets one of fifty win among two processes", () =>
    Effect.gen(function* () {
      const path = yield* home.directory
      const code = yield* Effect.provide(ask(john), inside(path))
      const joiners = Array.from({ length: 25 }, (_, n) => fixture.end(`telegram:${1000 + n}`))
      const other = Array.from({ length: 25 }, (_, n) => fixture.end(`telegram:${2000 + n}`))
      const tried = (ends: ReadonlyArray<typeof john>) =>
        Effect.provide(
          Effect.forEach(ends, (one) => present(one, code), { concurrency: "unbounded" }),
          inside(path)
        )
      const results = (yield* Effect.all([tried(joiners), tried(other)], { concurrency: 2 })).flat()
      deepStrictEqual([results.length, results.filter(({ _tag }) => _tag === "Confirm").length], [50, 1])
    })
  )

  it("is read where it names no account of those who were wrong, as it did before, and nothing is held against anybody", () => {
    const failure = '{ "account": "telegram:42", "count": 5, "at": 0, "message": "m" }'
    const book = Either.getOrThrow(
      codec.decode(`{ "version": 1, "handshakes": [], "farewells": [], "failures": [${failure}] }`)
    )
    deepStrictEqual([book.failures.length, pausedUntil(book, john)], [1, Option.none()])
  })

  it("is not read as something that it is not", () => {
    assert.isTrue(Either.isLeft(codec.decode('{ "version": 2 }')))
    assert.isTrue(Either.isLeft(codec.decode("{")))
  })
})

describe("forgetting", () => {
  it.scoped("takes out all in which an account is named, and nothing else", () =>
    Effect.gen(function* () {
      const path = yield* home.directory
      const gone = (written: string) => Effect.provide(ProofStoreFile.forget(fixture.identity(written)), home.at(path))
      const left = Effect.map(
        Effect.flatMap(ProofStore, ({ book }) => book),
        ({ failures, farewells, handshakes }) => [handshakes.length, farewells.length, failures.length]
      )
      yield* Effect.gen(function* () {
        const { part } = yield* Proofs
        yield* fixture.linked(john, phone)
        as("Confirm", yield* present(fixture.mom, yield* ask(john)))
        yield* part(john)
        yield* present(mallory, "ZZZZ-ZZZZ")
        yield* ask(mallory)
        deepStrictEqual(yield* left, [3, 1, 1])
        yield* gone("telegram:4")
        deepStrictEqual(yield* left, [3, 1, 1])
        // The joiner of one, under a name that is not its first; and in the mapping that is to be joined, by the other.
        yield* gone("whatsapp:99@lid")
        deepStrictEqual(yield* left, [2, 1, 1])
        as("Confirm", yield* present(fixture.mom, yield* ask(john)))
        yield* gone("twilio:+1234567890")
        deepStrictEqual(yield* left, [1, 1, 1])
        yield* gone("telegram:666")
        deepStrictEqual(yield* left, [0, 1, 0])
        yield* gone("telegram:@john")
        deepStrictEqual(yield* left, [0, 0, 0])
        yield* Effect.flatMap(Proofs, ({ invite }) => invite(Option.none(), Option.none()))
        yield* gone("telegram:42")
        deepStrictEqual(yield* left, [1, 0, 0])
      }).pipe(Effect.provide(inside(path)))
    })
  )
})

describe("the key", () => {
  const hash = Effect.flatMap(ProofKey.ProofKey, ({ hash }) => hash("code", "ABCD2345"))
  const at = (path: string) => Layer.provide(ProofKey.layerFile, home.at(path))

  it.scopedLive("is made by whoever needs it first, and the same for all in the home", () =>
    Effect.gen(function* () {
      const path = Path.join(yield* home.directory, "home")
      const hashes = yield* Effect.all(
        Array.from({ length: 8 }, () => Effect.provide(hash, at(path))),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set(hashes).size, 1)
      const other = yield* Effect.provide(hash, Layer.provide(ProofKey.layerFile, home.layer))
      assert.notInclude(hashes, other)
    })
  )

  it.scoped("that is cut off, unreadable or cannot be made is an error, and no other takes its place", () =>
    Effect.gen(function* () {
      const path = yield* home.directory
      const key = Path.join(path, "proof.key")
      Fs.writeFileSync(key, "short")
      assert.match((yield* Effect.flip(Effect.provide(hash, at(path)))).message, /proof\.key: a key has 32 bytes/)
      assert.strictEqual(Fs.readFileSync(key, "utf8"), "short")
      Fs.rmSync(key)
      Fs.mkdirSync(key)
      assert.match((yield* Effect.flip(Effect.provide(hash, at(path)))).message, /directory stands where a file/)
      Fs.writeFileSync(Path.join(path, "file"), "")
      assert.strictEqual(
        (yield* Effect.flip(Effect.provide(hash, at(Path.join(path, "file"))))).message.length > 0,
        true
      )
    })
  )
})

describe("a full disk", () => {
  it.scoped("is an error where the key would be made, and nothing is left of the attempt", () =>
    Effect.gen(function* () {
      const path = yield* home.directory
      const { layer } = FaultyDisk.make((_, operation) =>
        operation === "write" ? { code: "ENOSPC", when: "before" } : "none"
      )
      const error = yield* Effect.flatMap(ProofKey.ProofKey, ({ hash }) => hash("code", "ABCD2345")).pipe(
        Effect.flip,
        Effect.provide(Layer.provide(ProofKey.layerFile, Layer.merge(Home.layerAt(path), layer)))
      )
      assert.include(error.message, "No space left on device")
      deepStrictEqual(Fs.readdirSync(path), [])
    })
  )
})

describe("who is linked with whom", () => {
  it.scoped("is not touched by a code alone", () =>
    Effect.gen(function* () {
      const path = yield* home.directory
      yield* Effect.gen(function* () {
        as("Confirm", yield* present(phone, yield* ask(john)))
        deepStrictEqual(yield* together(john), [])
      }).pipe(Effect.provide(inside(path)))
    })
  )
})
