import { execFileSync } from "node:child_process"
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Disk } from "../../src/storage/Disk.js"
import type { Codec, WriteError } from "../../src/storage/Document.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as Inspection from "../../src/storage/Inspection.js"
import * as JsonText from "../../src/storage/JsonText.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { type Problem, problemIn, quoted, Repair } from "../../src/storage/Problem.js"
import { repair } from "../../src/storage/Repair.js"
import { DocumentUnreadable } from "../../src/storage/StorageError.js"
import { directory } from "../support/home.js"
import * as FaultyDisk from "./faulty-disk.js"

const codec: Codec<unknown> = {
  empty: {},
  decode: (text) => JsonText.parse(text),
  encode: JsonText.print
}

const me = process.getuid?.() ?? 0
const storage = Layer.provideMerge(FileLock.layer, NodeDisk.layer)

/** What is found in a document at this path. */
const inspected = (path: string, owner = me) =>
  Effect.flatMap(Inspection.make(owner), ({ document }) => document(path, codec)).pipe(Effect.provide(storage))

const filesOf = (problems: ReadonlyArray<Problem>) => problems.map(({ file }) => file)

const only = (problems: ReadonlyArray<Problem>): Problem => {
  assert.strictEqual(problems.length, 1, JSON.stringify(problems))
  return problems[0] ?? problemIn("", "", "")
}

/** A document as it is after its second change. */
const changed = Effect.map(directory, (home) => {
  const path = `${home}/doc.json`
  for (const [name, text] of [
    ["", '{ "now": 2 }'],
    [".bak", '{ "now": 1 }'],
    [".lock", ""]
  ] as const) {
    writeFileSync(path + name, text, { mode: 0o600 })
  }
  return path
})

describe("a document", () => {
  it.scopedLive("that is as it should be has no problem, and neither has one that is not there", () =>
    Effect.gen(function* () {
      const path = yield* changed
      deepStrictEqual(yield* inspected(path), [])
      deepStrictEqual(yield* inspected(`${path}.none`), [])
      deepStrictEqual(filesOf(yield* inspected(`${path}/none/none`)), [`${path}/none/none`])
      deepStrictEqual(yield* inspected(`${path}.none/none`), [])
    })
  )

  it.scopedLive("is looked at and not touched, nor is what stands beside it", () =>
    Effect.gen(function* () {
      const path = yield* changed
      writeFileSync(path, "{")
      writeFileSync(`${path}.x1.tmp`, "")
      for (const name of ["", ".lock", ".bak"]) chmodSync(path + name, 0o644)
      const state = () =>
        ["", ".lock", ".bak", ".x1.tmp"].map((name) => {
          const { ctimeNs, mode, mtimeNs, size } = lstatSync(path + name, { bigint: true })
          return { ctimeNs, mode, mtimeNs, size }
        })
      const before = state()
      assert.isAtLeast((yield* inspected(path)).length, 4)
      deepStrictEqual(state(), before)
    })
  )

  it.scopedLive("that is wrong is named with the place", () =>
    Effect.gen(function* () {
      const path = yield* changed
      rmSync(`${path}.bak`)
      writeFileSync(path, '{\n  "a": 1,\n  "a": 2 }')
      const problem = only(yield* inspected(path))
      assert.strictEqual(problem.file, path)
      assertSome(problem.at, { line: 3, column: 3 })
      assert.include(problem.problem, "twice")
      assert.strictEqual(problem.fix, "Correct the file, or move it away to start without it.")
      assertNone(problem.repair)
    })
  )

  it.scopedLive("that can be read is asked for what is wrong in it", () =>
    Effect.gen(function* () {
      const path = yield* changed
      const finding = { at: Option.some({ line: 1, column: 3 }), problem: "it is two", fix: "Make it one." }
      const inspection = yield* Effect.provide(Inspection.make(me), storage)
      const check: Inspection.Check<unknown> = (value, text) => {
        deepStrictEqual([value, text], [{ now: 2 }, '{ "now": 2 }'])
        return [finding]
      }
      const problem = only(yield* inspection.document(path, codec, check))
      deepStrictEqual(problem, { file: path, ...finding, repair: Option.none() })
      writeFileSync(path, "{")
      assert.notInclude(only(yield* inspection.document(path, codec, check)).problem, "two")
    })
  )
})

describe("the version before", () => {
  it.scopedLive("is offered for one that cannot be read, with its time and the command that puts it back", () =>
    Effect.gen(function* () {
      const path = yield* changed
      utimesSync(`${path}.bak`, 1_700_000_000, 1_700_000_000)
      writeFileSync(path, "{")
      const { fix } = only(yield* inspected(path))
      assert.include(fix, "of 2023-11-14T22:13:20Z")
      const command = fix.slice(fix.indexOf("cp -p "))
      assert.strictEqual(
        command,
        `cp -p ${path} ${path}.bad && cp -p ${path}.bak ${path}.new && mv ${path}.new ${path}`
      )
    })
  )

  it.scopedLive("is offered for what is no file, and its command works where the path is unusual", () =>
    Effect.gen(function* () {
      const home = `${yield* directory}/it's a home`
      mkdirSync(home, { mode: 0o700 })
      const path = `${home}/doc.json`
      mkdirSync(path)
      writeFileSync(`${path}.bak`, '{ "now": 1 }', { mode: 0o600 })
      const { fix, problem } = only(yield* inspected(path))
      assert.strictEqual(problem, "A directory stands where a file should be")
      execFileSync("sh", ["-c", fix.slice(fix.indexOf("mv "))])
      assert.strictEqual(readFileSync(path, "utf8"), '{ "now": 1 }')
      assert.strictEqual(lstatSync(path).mode & 0o777, 0o600)
      assert.isTrue(lstatSync(`${path}.bad`).isDirectory())
      deepStrictEqual(yield* inspected(path), [])
    })
  )

  it.scopedLive("is not offered when it cannot be read either, which is named, nor where nothing was there", () =>
    Effect.gen(function* () {
      const path = yield* changed
      writeFileSync(path, "{")
      writeFileSync(`${path}.bak`, "[1, 2")
      const [main, previous] = yield* inspected(path)
      assert.notInclude(main?.fix, ".bak")
      assert.strictEqual(previous?.file, `${path}.bak`)
      assert.isTrue(Option.isSome(previous?.at ?? Option.none()))
      assert.include(previous?.fix, `rm ${path}.bak`)
      rmSync(path)
      deepStrictEqual(filesOf(yield* inspected(path)), [`${path}.bak`])
    })
  )

  it.scopedLive("is not put back by itself", () =>
    Effect.gen(function* () {
      const path = yield* changed
      writeFileSync(path, "{")
      yield* inspected(path)
      assert.strictEqual(readFileSync(path, "utf8"), "{")
    })
  )

  it.scopedLive("is not offered for a file that may only not be read", () =>
    Effect.gen(function* () {
      const path = yield* changed
      const faulty = FaultyDisk.make((_, operation, at) =>
        operation === "open" && at === path ? { code: "EACCES", when: "before" } : "none"
      )
      const problem = only(
        yield* Effect.flatMap(Inspection.make(me), ({ document }) => document(path, codec)).pipe(
          Effect.provide(Layer.provideMerge(FileLock.layer, faulty.layer))
        )
      )
      assert.strictEqual(problem.problem, "Permission denied")
      assert.notInclude(problem.fix, ".bak")
    })
  )
})

describe("rights", () => {
  it.scopedLive("wider than they should be are a problem of each file, and are repaired", () =>
    Effect.gen(function* () {
      const path = yield* changed
      for (const [mode, wrong] of [
        [0o644, true],
        [0o660, true],
        [0o601, true],
        [0o700, true],
        [0o600, false],
        [0o400, false]
      ] as const) {
        // A lock that its owner may not write cannot be taken.
        for (const name of mode === 0o400 ? ["", ".bak"] : ["", ".bak", ".lock"]) {
          chmodSync(path + name, mode)
          const found = yield* inspected(path)
          deepStrictEqual(filesOf(found), wrong ? [path + name] : [], `${mode.toString(8)} ${name}`)
          if (wrong) {
            const repairs = Repair.SetMode({ path: path + name, mode: 0o600 })
            assertSome(only(found).repair, repairs)
            assert.include(only(found).fix, `chmod 0600 ${path}${name}`)
            const said = yield* Effect.provide(repair(repairs), storage)
            assert.strictEqual(said, `The mode of ${path}${name} is now 0600.`)
          }
          assert.strictEqual(lstatSync(path + name).mode & 0o777, mode & 0o600)
          chmodSync(path + name, 0o600)
        }
      }
    })
  )

  it.scopedLive("of somebody else are a problem, and left to be settled by whoever can", () =>
    Effect.gen(function* () {
      const path = yield* changed
      chmodSync(path, 0o644)
      const found = yield* inspected(path, me + 1)
      deepStrictEqual(filesOf(found), [path, `${path}.bak`, `${path}.lock`])
      for (const { fix, problem, repair } of found) {
        assertNone(repair)
        assert.include(problem, `user ${me}, and`)
        assert.include(fix, `chown ${me + 1} `)
      }
    })
  )

  it.scopedLive("of root are no problem of a file that may be root's, as long as others only read it", () =>
    Effect.gen(function* () {
      const path = yield* changed
      const owned = (owner: number) =>
        Layer.effect(
          Disk,
          Effect.map(Disk, (disk) => ({
            ...disk,
            stat: (at: string) =>
              Effect.map(
                disk.stat(at),
                Option.map((signature) => ({ ...signature, owner }))
              )
          }))
        ).pipe(Layer.provide(NodeDisk.layer))
      const look = (owner: number, orRoots: boolean) =>
        Effect.flatMap(Inspection.make(1000), ({ standing }) => standing(path, { kind: "file", orRoots })).pipe(
          Effect.map(({ problems }) => problems.length),
          Effect.provide(Layer.provideMerge(FileLock.layer, owned(owner)))
        )
      for (const [mode, expected] of [
        [0o644, 0],
        [0o664, 1],
        [0o666, 1]
      ] as const) {
        chmodSync(path, mode)
        assert.strictEqual(yield* look(0, true), expected)
        assert.strictEqual(yield* look(0, false), 1)
        assert.strictEqual(yield* look(1001, true), 1)
      }
    })
  )
})

describe("what is no file", () => {
  const cases: ReadonlyArray<readonly [what: string, put: (path: string) => void, says: string]> = [
    ["a directory", (path) => mkdirSync(path), "A directory stands where a file should be"],
    ["a device", (path) => symlinkSync("/dev/null", path), "it is a pipe, a socket or a device"],
    ["a link to itself", (path) => symlinkSync(path, path), "Its symbolic links form a loop"],
    ["a link to nothing", (path) => symlinkSync("no/where", path), "no/where, where nothing is"]
  ]
  it.scopedLive.each(cases)("%s is named, wherever it stands", ([, put, says]) =>
    Effect.gen(function* () {
      for (const name of ["", ".bak", ".lock"]) {
        const path = yield* changed
        rmSync(path + name)
        put(path + name)
        const [first] = yield* inspected(path)
        assert.strictEqual(first?.file, path + name)
        assert.include(first?.problem, says)
        assertNone(first?.repair ?? Option.none())
      }
    })
  )

  it.scopedLive("and cannot be opened is named with the reason", () =>
    Effect.gen(function* () {
      const home = yield* directory
      const closed = FaultyDisk.make((_, operation) =>
        operation === "open" ? { code: "EACCES", when: "before" } : "none"
      )
      const { problems } = yield* Effect.flatMap(Inspection.make(me), ({ standing }) =>
        standing(home, { kind: "directory" })
      ).pipe(Effect.provide(Layer.provideMerge(FileLock.layer, closed.layer)))
      assert.strictEqual(only(problems).problem, "Permission denied")
    })
  )
})

describe("leftovers", () => {
  it.scopedLive("of a killed process are named, and swept", () =>
    Effect.gen(function* () {
      const path = yield* changed
      const others = [`${path}x.tmp`, `${path}.txt`, path.replace("doc", "xdoc.json.1.tmp")]
      for (const name of [`${path}.a1.tmp`, `${path}.b2.tmp`, ...others]) writeFileSync(name, "{")
      const found = yield* inspected(path)
      deepStrictEqual(filesOf(found).sort(), [`${path}.a1.tmp`, `${path}.b2.tmp`])
      for (const { repair } of found) assertSome(repair, Repair.Sweep({ target: path, lock: `${path}.lock` }))
      const said = yield* Effect.provide(repair(Repair.Sweep({ target: path, lock: `${path}.lock` })), storage)
      assert.strictEqual(said, "What a killed process had left beside doc.json is gone.")
      deepStrictEqual(yield* inspected(path), [])
      for (const name of others) assert.strictEqual(readFileSync(name, "utf8"), "{")
    })
  )

  it.scopedLive("are found where there never was a lock, and beside what a link leads to", () =>
    Effect.gen(function* () {
      const home = yield* directory
      mkdirSync(`${home}/data`)
      symlinkSync("data/real.json", `${home}/doc.json`)
      writeFileSync(`${home}/data/real.json`, "{}", { mode: 0o600 })
      writeFileSync(`${home}/data/real.json.a1.tmp`, "", { mode: 0o600 })
      writeFileSync(`${home}/doc.json.a1.tmp`, "", { mode: 0o600 })
      deepStrictEqual(filesOf(yield* inspected(`${home}/doc.json`)), [`${home}/data/real.json.a1.tmp`])
    })
  )

  it.scopedLive("that nobody can remove are said to be in the way", () =>
    Effect.gen(function* () {
      const path = yield* changed
      mkdirSync(`${path}.a1.tmp`)
      const problem = only(yield* inspected(path))
      assert.include(problem.problem, "nothing can be saved")
      assertNone(problem.repair)
    })
  )

  it.scopedLive("are not what a process that saves just now is writing", () =>
    Effect.gen(function* () {
      const path = yield* changed
      const watched = FaultyDisk.make(() => "none")
      const looking = yield* Effect.gen(function* () {
        const lock = yield* FileLock.FileLock
        yield* lock.hold(`${path}.lock`, FileLock.patience)
        writeFileSync(`${path}.a1.tmp`, "")
        const looking = yield* Effect.fork(
          Effect.flatMap(Inspection.make(me), ({ document }) => document(path, codec)).pipe(
            Effect.provide(Layer.provideMerge(FileLock.layer, watched.layer))
          )
        )
        const waitsOrEnded = Effect.map(
          Fiber.poll(looking),
          (exit) => Option.isSome(exit) || watched.operations.includes("tryLock")
        )
        yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => waitsOrEnded })
        renameSync(`${path}.a1.tmp`, `${path}.bak`)
        writeFileSync(`${path}.bak`, "{}", { mode: 0o600 })
        chmodSync(`${path}.bak`, 0o600)
        return looking
      }).pipe(Effect.scoped, Effect.provide(storage))
      deepStrictEqual(yield* Fiber.join(looking), [])
    })
  )

  const aSecond = Effect.zipRight(
    TestClock.adjust("1 second"),
    Effect.async<void>((resume) => void setTimeout(() => resume(Effect.void), 5))
  )

  it.scoped("a process that holds the lock for longer than a change takes is named, and how to find it", () =>
    Effect.gen(function* () {
      const path = yield* changed
      const lock = yield* FileLock.FileLock
      yield* lock.hold(`${path}.lock`, FileLock.patience)
      const looking = yield* Effect.fork(inspected(path))
      yield* Effect.repeat(aSecond, { until: () => Effect.map(Fiber.poll(looking), Option.isSome) })
      const problem = only(yield* Fiber.join(looking))
      assert.strictEqual(problem.file, `${path}.lock`)
      assert.include(problem.problem, "another process is changing doc.json")
      assert.include(problem.fix, `fuser -v ${path}.lock`)
      const sweeping = yield* Effect.fork(Effect.either(repair(Repair.Sweep({ target: path, lock: `${path}.lock` }))))
      yield* Effect.repeat(aSecond, { until: () => Effect.map(Fiber.poll(sweeping), Option.isSome) })
      const refused = yield* Fiber.join(sweeping)
      assert.isTrue(Either.isLeft(refused) && refused.left._tag === "FileBusy")
    }).pipe(Effect.provide(storage))
  )
})

describe("a log", () => {
  const unreadable = (file: string) =>
    Effect.fail(new DocumentUnreadable({ file, reason: "nothing of ours", at: { line: 2, column: 1 } }))
  const inspectedLog = (path: string, read: Effect.Effect<unknown, WriteError> = Effect.void) =>
    Effect.flatMap(Inspection.make(me), ({ log }) => log(path, `${path}.held`, read)).pipe(Effect.provide(storage))

  it.scopedLive("is named if it cannot be read, with the line, and is not asked if it is not there", () =>
    Effect.gen(function* () {
      const path = yield* changed
      deepStrictEqual(yield* inspectedLog(path), [])
      deepStrictEqual(yield* inspectedLog(`${path}.none`, Effect.die("it is not there")), [])
      const problem = only(yield* inspectedLog(path, unreadable(path)))
      assertSome(problem.at, { line: 2, column: 1 })
      assert.strictEqual(problem.problem, "nothing of ours")
      chmodSync(path, 0o640)
      deepStrictEqual(filesOf(yield* inspectedLog(path, unreadable(path))), [path, path])
    })
  )

  it.scopedLive(
    "has leftovers named under the lock that its writers hold, and left alone while somebody holds it",
    () =>
      Effect.gen(function* () {
        const path = yield* changed
        const left = `${path}.a1.tmp`
        writeFileSync(left, "")
        writeFileSync(`${path}.held`, "", { mode: 0o600 })
        const problem = only(yield* inspectedLog(path))
        assert.strictEqual(problem.file, left)
        assertSome(problem.repair, Repair.Sweep({ target: path, lock: `${path}.held` }))
        const { found } = yield* Effect.gen(function* () {
          const lock = yield* FileLock.FileLock
          yield* lock.hold(`${path}.held`, FileLock.patience)
          return { found: yield* inspectedLog(path) }
        }).pipe(Effect.scoped, Effect.provide(storage))
        deepStrictEqual(found, [])
        yield* Effect.provide(repair(Repair.Sweep({ target: path, lock: `${path}.held` })), storage)
        deepStrictEqual(yield* inspectedLog(path), [])
      })
  )
})

describe("a directory", () => {
  const names = (path: string) =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const inspection = yield* Inspection.make(me)
      const problems = yield* inspection.directory(path, (name) => {
        seen.push(name)
        return [Effect.succeed([problemIn(name, "", "")])]
      })
      return { found: filesOf(problems), looked: yield* inspection.looked, seen: seen.sort() }
    }).pipe(Effect.provide(storage))

  it.scopedLive("is named if its mode is wider, and so is all that is wrong inside", () =>
    Effect.gen(function* () {
      const home = yield* directory
      writeFileSync(`${home}/a`, "")
      writeFileSync(`${home}/b`, "")
      chmodSync(home, 0o700)
      deepStrictEqual(yield* names(home), { found: ["a", "b"], looked: 1, seen: ["a", "b"] })
      chmodSync(home, 0o750)
      deepStrictEqual((yield* names(home)).found, [home, "a", "b"])
    })
  )

  it.scopedLive("that is none is named, and one that is not there is no problem", () =>
    Effect.gen(function* () {
      const home = yield* directory
      writeFileSync(`${home}/a`, "")
      deepStrictEqual(yield* names(`${home}/a`), { found: [`${home}/a`], looked: 1, seen: [] })
      deepStrictEqual(yield* names(`${home}/b`), { found: [], looked: 0, seen: [] })
      deepStrictEqual(readdirSync(home), ["a"])
    })
  )
})

describe("a repair", () => {
  it.scopedLive("that cannot be made fails with what is in the way", () =>
    Effect.gen(function* () {
      const path = yield* changed
      const denied = FaultyDisk.make((_, operation) =>
        operation === "setMode" ? { code: "EPERM", when: "before" } : "none"
      )
      const error = yield* Effect.flip(repair(Repair.SetMode({ path, mode: 0o600 }))).pipe(
        Effect.provide(Layer.provideMerge(FileLock.layer, denied.layer))
      )
      assert.include(error.message, "Operation not permitted")
      assert.include(error.message, path)
    })
  )
})

describe("a path in a command", () => {
  it("is quoted where a shell would read it otherwise", () => {
    assert.strictEqual(quoted("/home/you/.clawdis/a-b_c.json"), "/home/you/.clawdis/a-b_c.json")
    assert.strictEqual(quoted("/a b"), "'/a b'")
    assert.strictEqual(quoted("/it's $HOME"), "'/it'\\''s $HOME'")
  })
})
