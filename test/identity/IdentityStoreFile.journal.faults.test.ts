import { assert, describe, it } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Decision } from "../../src/identity/Decision.js"
import * as Identities from "../../src/identity/Identities.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { fold } from "../../src/identity/Journal.js"
import * as FaultyDisk from "../storage/faulty-disk.js"
import * as home from "../support/home.js"
import { the } from "./arbitrary.js"
import {
  actions,
  anna,
  at,
  change,
  inHome,
  isInOrder,
  john,
  link,
  mapWith,
  mary,
  now,
  phone,
  type Place,
  services
} from "./place.js"
import { written } from "./world.js"

interface Start {
  readonly name: string
  readonly prepare: (place: Place) => Effect.Effect<void, unknown, Identities.Identities | IdentityStore>
}

const linked: Start = {
  name: "after a change",
  prepare: () => Effect.asVoid(link(phone, john, mary))
}

const unclosed: Start = {
  name: "with a record that was made and not closed",
  prepare: (place) =>
    Effect.zipRight(
      linked.prepare(place),
      Effect.sync(() => Fs.writeFileSync(place.journal, Fs.readFileSync(place.journal, "utf8").trimEnd()))
    )
}

const starts: ReadonlyArray<Start> = [
  linked,
  {
    name: "after an edit by hand",
    prepare: (place) =>
      Effect.zipRight(
        linked.prepare(place),
        Effect.sync(() => {
          const text = Fs.readFileSync(place.map, "utf8")
          Fs.writeFileSync(place.map, text.replace('"identities"', '"note": "ours",\n      "identities"'))
        })
      )
  },
  {
    name: "with a record that was never made",
    prepare: (place) =>
      Effect.gen(function* () {
        yield* linked.prepare(place)
        const map = Fs.readFileSync(place.map)
        yield* link(the("telegram", "1"), the("telegram", "2"))
        Fs.writeFileSync(place.map, map)
        Fs.writeFileSync(place.journal, Fs.readFileSync(place.journal, "utf8").trimEnd())
      })
  },
  unclosed,
  {
    name: "with half a record",
    prepare: (place) =>
      Effect.zipRight(
        linked.prepare(place),
        Effect.sync(() => Fs.appendFileSync(place.journal, '{"sequence":2,'))
      )
  }
]

const other = Either.getOrThrow(codec.decode(mapWith("theirs")))

const wishes: ReadonlyArray<readonly [action: string, wish: Identities.Wish]> = [
  ["link", Decision.Link({ identities: [anna, the("telegram", "3")] })],
  ["forget", Decision.Forget({ identity: john })],
  ["undo", { _tag: "Undo", sequence: 1 }],
  ["import", Decision.Import({ map: other, history: [], onConflict: "refuse" })]
]

/** Of these it makes no difference whether they fail before they are done or after. */
const looking = new Set(["stat", "statOpen", "read", "resolve", "list"])

/** Every place at which a wish can fail in a home that is prepared so, one after another, each in a copy of that home. */
const failing = (
  prepare: Start["prepare"],
  wish: Identities.Wish,
  look: (
    place: Place,
    result: Either.Either<unknown, unknown>,
    where: string
  ) => Effect.Effect<void, unknown, Identities.Identities | IdentityStore>
) =>
  Effect.gen(function* () {
    const prepared = Path.join(yield* home.directory, "home")
    yield* Effect.provide(prepare(at(prepared)), services(prepared, FaultyDisk.withoutSync))
    const trial = (fault: Parameters<typeof FaultyDisk.make>[0]) =>
      Effect.gen(function* () {
        const directory = Path.join(yield* home.directory, "home")
        if (Fs.existsSync(prepared)) Fs.cpSync(prepared, directory, { recursive: true, preserveTimestamps: true })
        const disk = FaultyDisk.make(fault, FaultyDisk.withoutSync)
        // What is stopped never ends, and cannot be waited for.
        const running = yield* Effect.forkDaemon(Effect.provide(change(wish), services(directory, disk.layer)))
        const end = Effect.raceFirst(Fiber.join(running), Effect.zipRight(disk.stopped, Effect.fail("stopped")))
        return { place: at(directory), operations: disk.operations, result: yield* Effect.either(end) }
      })
    const { operations } = yield* trial(() => "none")
    for (const [index, operation] of operations.entries()) {
      for (const when of looking.has(operation) ? (["before"] as const) : (["before", "after"] as const)) {
        // What a process leaves that ends there, of others than this is looked at with all that they leave.
        const stops = wish._tag === "Forget" && !looking.has(operation) ? [{ stop: when }] : []
        for (const fault of [{ code: "EIO", when }, ...stops]) {
          const { place, result } = yield* trial((n) => (n === index ? fault : "none"))
          yield* look(place, result, `${JSON.stringify(fault)} ${operation} (${index})`).pipe(
            Effect.provide(services(place.directory, FaultyDisk.withoutSync))
          )
        }
      }
    }
  })

describe("a change that fails, or does not end", () => {
  // Whatever stood open before is the same to every wish but to forget, which writes all of the journal anew.
  const cases = starts.flatMap((start) =>
    wishes
      .filter(([action]) => start === linked || action === "link" || (action === "forget" && start === unclosed))
      .map(([action, wish]) => [action, start.name, start, wish] as const)
  )

  it.scopedLive.each(cases)("(%s, %s) is not on record, and what is leads to the map", ([action, , start, wish]) =>
    Effect.gen(function* () {
      const before = yield* inHome((place) => Effect.zipRight(start.prepare(place), now))
      let failures = 0
      yield* failing(start.prepare, wish, (place, result, where) =>
        Effect.gen(function* () {
          const { history, map } = yield* now
          const added = history.slice(before.history.length).map((one) => one.action)
          const isMade = added.at(-1) === action
          if (Either.isRight(result)) assert.isTrue(isMade, where)
          else failures += 1
          if (isMade) deepStrictEqual(written(fold(history)), written(map), where)
          else {
            assert.isTrue(added.length === 0 || String(added) === "edit", `${where}: ${added}`)
            assert.strictEqual(map.entries.size, before.map.entries.size, where)
          }
          // The next one finds everything in order, whatever it was.
          yield* link(the("telegram", "5"), the("telegram", "6"))
          yield* isInOrder(place)
          if (!isMade) {
            yield* Effect.ignore(change(wish))
            yield* isInOrder(place)
          }
        })
      )
      assert.isAtLeast(failures, 10)
    })
  )

  it.scopedLive("(import, where there was nothing) leaves nothing of the history that it brought", () =>
    Effect.gen(function* () {
      const exported = yield* inHome(() =>
        Effect.gen(function* () {
          yield* link(phone, john)
          yield* link(mary, anna)
          return yield* now
        })
      )
      const wish = Decision.Import({ ...exported, onConflict: "refuse" })
      yield* inHome((place) =>
        Effect.gen(function* () {
          yield* change(wish)
          deepStrictEqual(actions(yield* isInOrder(place)), [
            "1 link by library",
            "2 link by library",
            "3 import by library"
          ])
        })
      )
      const nothing = () => Effect.void
      yield* failing(nothing, wish, (place, _, where) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* now).history.length, Fs.existsSync(place.map) ? 3 : 0, where)
          yield* link(the("telegram", "5"), the("telegram", "6"))
          const records = yield* isInOrder(place)
          assertNone(Option.fromNullable(records.find(({ action }) => action === "reset")))
        })
      )
    })
  )
})
