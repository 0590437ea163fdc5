import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Home from "../../src/config/Home.js"
import * as Identities from "../../src/identity/Identities.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { answerOf, pair, refusalOf, user } from "../cli/command.js"
import { record } from "./figures.js"
import { bundle, start } from "./processes.js"
import { linking, mapOf, nameOf, namesIn } from "./writer-mappings.js"
import { type WrongLock, wrongLocks } from "./writer-locks.js"

const [old, theirs, ours] = [nameOf(9, 0), nameOf(1, 1), nameOf(2, 1)]

/** A home in which a process has the lock: it was paused in the middle of linking, before the map is replaced. */
const held = (wrongLock?: WrongLock) =>
  Effect.gen(function* () {
    const person = yield* user
    person.write("identity-map.json", mapOf(9, 1))
    const program = yield* bundle(new URL("./writer.ts", import.meta.url), person.directory)
    const holder = yield* start(program, [person.home, "1", "1", "1", "pausing", wrongLock ?? ""])
    yield* holder.says(/^paused$/)
    const file = Path.join(person.home, "identity-map.json")
    const lock = wrongLock === undefined ? FileLock.layer : wrongLocks[wrongLock]

    /** Another one, here, at the test's time. */
    const link = Effect.flatMap(Identities.Identities, ({ change }) => change(linking(ours))).pipe(
      Effect.provide(Layer.provide(Identities.layer, [layerFile, SharedIds.layer])),
      Effect.provide(Layer.provideMerge(lock, NodeDisk.layer)),
      Effect.provide(Home.layerAt(person.home)),
      Effect.map(() => "done"),
      Effect.catchAll((error) => Effect.succeed(error._tag === "FileBusy" ? `busy: ${error.lock}` : error.message))
    )
    return { person, holder, file, link, names: () => [...namesIn(Fs.readFileSync(file, "utf8"))] }
  })

const seconds = (count: number) => Effect.promise(() => new Promise((resolve) => setTimeout(resolve, count * 1000)))

/** The test's clock stands still, so whoever waits, however shortly, waits for good. */
const atOnce = (link: Effect.Effect<string>) => Effect.raceFirst(link, Effect.as(seconds(60), "it waits"))

/** As the test's clock goes on, far beyond what anybody waits. */
const inTime = (link: Effect.Effect<string>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(link)
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      yield* TestClock.adjust("100 millis")
      yield* seconds(0.001)
    }
    return yield* Fiber.join(fiber)
  })

/** Processes start slowly on a machine that is busy. */
const patient = { timeout: 120_000 }

describe("one who has the lock and dies", patient, () => {
  it.scoped("is followed at once, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const { file, holder, link, names, person } = yield* held()
      assert.match(Fs.readdirSync(person.home).join(), /\.tmp/)
      holder.process.kill("SIGKILL")
      yield* holder.ended
      deepStrictEqual(names(), [old])
      assert.strictEqual(yield* atOnce(link), "done")
      deepStrictEqual(names(), [old, ours])
      assert.notMatch(Fs.readdirSync(person.home).join(), /\.tmp/)
      assert.isTrue(Fs.existsSync(`${file}.lock`))
      record("D6", { "dead holders": 1, "followed at once": 1 })
    })
  )

  it.scoped("is followed by the command, too", () =>
    Effect.gen(function* () {
      const { holder, person } = yield* held()
      holder.process.kill("SIGKILL")
      yield* holder.ended
      assert.strictEqual((yield* person.run(pair)).status, 0)
      assert.match(answerOf(yield* person.run(["identity", "list"])), /@john/)
      record("D6", { "dead holders": 1, "followed at once": 1 })
    })
  )

  it.scoped("is never followed where a lock is a file that is there, and that is noticed", () =>
    Effect.gen(function* () {
      const { file, holder, link } = yield* held("file-lock")
      holder.process.kill("SIGKILL")
      yield* holder.ended
      assert.strictEqual(yield* inTime(link), `busy: ${file}.lock`)
      record("D11", { "defects planted": 1, "caught in a check": 1 })
    })
  )
})

describe("one who has the lock and is stopped", patient, () => {
  it.scoped("keeps it: others are told who has what, and when it goes on, nothing is lost", () =>
    Effect.gen(function* () {
      const { file, holder, link, names, person } = yield* held()
      const before = Fs.readFileSync(file)
      holder.process.kill("SIGSTOP")
      const [here, command, list] = yield* Effect.all(
        [inTime(link), person.run([...pair, "--json"]), person.run(["identity", "list"])],
        { concurrency: "unbounded" }
      )
      assert.strictEqual(here, `busy: ${file}.lock`)
      assert.include(
        refusalOf(command, 1),
        `identity-map.json is being changed by another process, which has held ${file}.lock for more than 5 seconds; ` +
          "nothing was changed."
      )
      assert.include(answerOf(list), old)
      deepStrictEqual(Fs.readFileSync(file), before)

      holder.process.kill("SIGCONT")
      holder.send("go on")
      deepStrictEqual(yield* holder.ended, { how: 0, errors: "" })
      assert.include(holder.lines, `done link ${theirs}`)
      assert.strictEqual(yield* atOnce(link), "done")
      deepStrictEqual(names(), [old, theirs, ours])
      record("D6", { "stopped holders": 1, "refused in time": 2, "taken over": 0 })
    })
  )

  it.scoped("is taken for dead where a lock ages, and that is noticed", () =>
    Effect.gen(function* () {
      const { holder, link } = yield* held("stale-lock")
      holder.process.kill("SIGSTOP")
      assert.strictEqual(yield* inTime(link), "done")
      record("D11", { "defects planted": 1, "caught in a check": 1 })
    })
  )
})
