import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { mappingsIn } from "../../src/identity/Change.js"
import { Decision } from "../../src/identity/Decision.js"
import { list } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import type { Recorded } from "../../src/identity/Recorded.js"
import { the } from "./arbitrary.js"
import { actions, anna, change, inHome, isInOrder, john, link, mapWith, mary, now, phone, services } from "./place.js"

const idsOf = ({ changes }: Recorded, side: "before" | "after") =>
  mappingsIn(changes).flatMap((one) => (Option.isSome(one[side]) ? [String(one.id)] : []))

describe("the journal's file", () => {
  it.scopedLive("is for its owner alone, one line of JSON for each change, and closed with it", () =>
    inHome((place) =>
      Effect.gen(function* () {
        yield* link(phone, john)
        yield* link(mary, anna)
        assert.strictEqual((Fs.statSync(place.journal).mode & 0o777).toString(8), "600")
        deepStrictEqual(actions(yield* isInOrder(place)), ["1 link by library", "2 link by library"])
        const [line = ""] = Fs.readFileSync(place.journal, "utf8").split("\n")
        const { after, before, id } = JSON.parse(line).changes[0]
        assert.isUndefined(before)
        deepStrictEqual([after.position, after.mapping.id], [0, id])
      })
    )
  )

  it.scopedLive("does not come to be by being asked for, nor by what is refused or is so already", () =>
    inHome((place) =>
      Effect.gen(function* () {
        deepStrictEqual((yield* now).history, [])
        yield* Effect.flip(change(Decision.Unlink({ id: "nobody" })))
        assert.isFalse(Fs.existsSync(place.directory))
        yield* link(phone, john)
        const before = Fs.readFileSync(place.journal)
        yield* link(john, phone)
        yield* Effect.flip(link(john, mary))
        deepStrictEqual(Fs.readFileSync(place.journal), before)
      })
    )
  )

  it.scopedLive("is the same to whoever reads it while others write", () =>
    inHome((place) =>
      Effect.gen(function* () {
        yield* link(phone, john)
        const writer = Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8], (n) =>
          link(the("telegram", `${n}`), the("telegram", `${n + 10}`))
        ).pipe(Effect.provide(services(place.directory)))
        const reader = Effect.forEach(Array.from({ length: 40 }), () =>
          Effect.map(
            Effect.flatMap(IdentityStore, ({ history }) => history),
            (history) => {
              const sequences = history.map(({ sequence }) => sequence)
              deepStrictEqual(
                sequences,
                Array.from({ length: sequences.length }, (_, n) => n + 1)
              )
              return sequences.length
            }
          )
        )
        const [, seen] = yield* Effect.all([writer, reader], { concurrency: "unbounded" })
        for (const [n, count] of seen.entries()) assert.isAtLeast(count, seen[n - 1] ?? 0)
        assert.strictEqual((yield* isInOrder(place)).length, 9)
      })
    )
  )
})

describe("what somebody did to the map by hand", () => {
  it.scopedLive("is on record with the next change, with what it changed", () =>
    inHome((place) =>
      Effect.gen(function* () {
        const { id } = yield* link(phone, john)
        Fs.writeFileSync(place.map, mapWith("hers", "his"))
        // Not before somebody changes something.
        assert.strictEqual((yield* now).history.length, 1)
        yield* Effect.flip(change(Decision.Unlink({ id })))
        assert.strictEqual((yield* now).history.length, 1)
        yield* link(phone, john)
        const history = yield* isInOrder(place)
        deepStrictEqual(actions(history), ["1 link by library", "2 edit by hand", "3 link by library"])
        const [first, edit, last] = history
        assert(first !== undefined && edit !== undefined && last !== undefined)
        deepStrictEqual([idsOf(edit, "before"), idsOf(edit, "after")], [[id], ["hers", "his"]])
        deepStrictEqual([edit.base, edit.result], [first.result, last.base])
        assert.strictEqual(edit.at, last.at)
      })
    )
  )

  it.scopedLive("a map that was there before everything was put there by hand", () =>
    inHome((place) =>
      Effect.gen(function* () {
        Fs.mkdirSync(place.directory, { mode: 0o700 })
        Fs.writeFileSync(place.map, mapWith("hers"))
        yield* link(phone, john)
        deepStrictEqual(actions(yield* isInOrder(place)), ["1 edit by hand", "2 link by library"])
      })
    )
  )

  it.scopedLive("a deleted map is a reset, and the version that was put back an edit", () =>
    inHome((place) =>
      Effect.gen(function* () {
        const { id } = yield* link(phone, john)
        yield* link(mary, anna)
        Fs.rmSync(place.map)
        yield* link(mary, anna)
        Fs.copyFileSync(`${place.map}.bak`, `${place.map}.new`)
        const history = yield* isInOrder(place)
        deepStrictEqual(actions(history).slice(2), ["3 reset by hand", "4 link by library"])
        assert.strictEqual(idsOf(history[2]!, "before").length, 2)
        // What stood there before the last change was nothing, so there is no version to keep; the one before is still there.
        Fs.renameSync(`${place.map}.new`, place.map)
        yield* change(Decision.Rename({ id, name: "John" }))
        deepStrictEqual(actions(yield* isInOrder(place)).slice(4), ["5 edit by hand", "6 rename by library"])
      })
    )
  )

  it.scopedLive(
    "in the order of the mappings alone is an edit, too; in spaces alone, or beside the mappings, it is none",
    () =>
      inHome((place) =>
        Effect.gen(function* () {
          Fs.mkdirSync(place.directory, { mode: 0o700 })
          Fs.writeFileSync(place.map, mapWith("a", "b", "c"))
          yield* change(Decision.Rename({ id: "b", name: "B" }))
          const { mappings } = JSON.parse(Fs.readFileSync(place.map, "utf8"))
          const reordered = { version: 1, mappings: { c: mappings.c, a: mappings.a, b: mappings.b } }
          Fs.writeFileSync(place.map, JSON.stringify(reordered))
          yield* change(Decision.Rename({ id: "a", name: "A" }))
          deepStrictEqual(actions(yield* isInOrder(place)).slice(2), ["3 edit by hand", "4 rename by library"])
          deepStrictEqual(
            list((yield* now).map).map(({ id }) => String(id)),
            ["c", "a", "b"]
          )
          Fs.writeFileSync(place.map, `\n${Fs.readFileSync(place.map, "utf8").replaceAll("  ", "\t")}`)
          yield* change(Decision.Rename({ id: "c", name: "C" }))
          Fs.writeFileSync(place.map, Fs.readFileSync(place.map, "utf8").replace("{", '{ "$comment": "ours",'))
          yield* change(Decision.Rename({ id: "c", name: "CC" }))
          deepStrictEqual(actions(yield* isInOrder(place)).slice(4), ["5 rename by library", "6 rename by library"])
        })
      )
  )

  it.scopedLive("can be undone as every other change", () =>
    inHome((place) =>
      Effect.gen(function* () {
        Fs.mkdirSync(place.directory, { mode: 0o700 })
        Fs.writeFileSync(place.map, mapWith("a", "b", "c"))
        yield* change(Decision.Rename({ id: "b", name: "B" }))
        const before = (yield* now).map
        Fs.rmSync(place.map)
        yield* link(phone, john)
        yield* change({ _tag: "Undo" })
        yield* change({ _tag: "Undo" })
        const after = (yield* now).map
        deepStrictEqual(Array.from(after.entries.keys()), Array.from(before.entries.keys()))
        assert.strictEqual(list(after).find(({ id }) => id === "b")?.name, "B")
        yield* isInOrder(place)
      })
    )
  )
})

describe("a journal that is not as it was left", () => {
  it.scopedLive(
    "with a last line that is no record stops every change, and says which file it is; nothing is touched",
    () =>
      inHome((place) =>
        Effect.gen(function* () {
          const { id } = yield* link(phone, john)
          const wishes = [
            Decision.Link({ identities: [mary, anna] }),
            Decision.Unlink({ id }),
            Decision.Forget({ identity: john }),
            Decision.Never({ pair: [john, mary] })
          ]
          const good = Fs.readFileSync(place.journal, "utf8")
          for (const bad of ["nonsense\n", "{}\n", '{"sequence":0}\n', good.replace('"link"', '"flink"')]) {
            Fs.writeFileSync(place.journal, good + bad)
            const files = () => [place.map, place.journal].map((path) => Fs.readFileSync(path, "utf8"))
            const before = files()
            for (const wish of wishes) {
              const error = yield* Effect.flip(change(wish))
              assert.strictEqual(error._tag, "IdentityMapUnreadable")
              assert.include(error.message, place.journal)
              assert.include(error.message, "Nothing was changed")
            }
            const error = yield* Effect.flip(Effect.flatMap(IdentityStore, ({ history }) => history))
            assert.include(error.message, `${place.journal}, line 2, column 1`)
            deepStrictEqual(files(), before)
            deepStrictEqual(
              Fs.readdirSync(place.directory).filter((name) => name.endsWith(".tmp")),
              []
            )
          }
          Fs.writeFileSync(place.journal, good)
          yield* link(mary, anna)
          yield* isInOrder(place)
        })
      )
  )

  it.scopedLive("with another line that is no record stops whoever has to read all of it, and names the line", () =>
    inHome((place) =>
      Effect.gen(function* () {
        const { id } = yield* link(phone, john)
        yield* link(mary, anna)
        const [one = "", two = ""] = Fs.readFileSync(place.journal, "utf8").split("\n")
        const text = `${one}\nnonsense\n${two}\n`
        Fs.writeFileSync(place.journal, text)
        for (const wish of [{ _tag: "Undo" } as const, Decision.Forget({ identity: john })]) {
          const error = yield* Effect.flip(change(wish))
          assert.strictEqual(error._tag, "IdentityMapUnreadable")
          assert.include(error.message, `${place.journal}, line 2, column 1`)
        }
        assert.strictEqual(Fs.readFileSync(place.journal, "utf8"), text)
        yield* change(Decision.Rename({ id, name: "John" }))
        assert.strictEqual(Fs.readFileSync(place.journal, "utf8").split("\n").length, 5)
      })
    )
  )

  it.scopedLive("that an editor has taken the last newline from goes on", () =>
    inHome((place) =>
      Effect.gen(function* () {
        yield* link(phone, john)
        Fs.writeFileSync(place.journal, Fs.readFileSync(place.journal, "utf8").trimEnd())
        deepStrictEqual(actions((yield* now).history), ["1 link by library"])
        yield* link(mary, anna)
        deepStrictEqual(actions(yield* isInOrder(place)), ["1 link by library", "2 link by library"])
      })
    )
  )

  it.scopedLive("that was moved away begins again with what there is", () =>
    inHome((place) =>
      Effect.gen(function* () {
        const { id } = yield* link(phone, john)
        Fs.rmSync(place.journal)
        deepStrictEqual((yield* now).history, [])
        yield* link(mary, anna)
        const history = yield* isInOrder(place)
        deepStrictEqual(actions(history), ["1 edit by hand", "2 link by library"])
        deepStrictEqual(idsOf(history[0]!, "after"), [id])
      })
    )
  )

  it.scopedLive("a line that a crash cut short is taken out, and what was cut short was not done", () =>
    inHome((place) =>
      Effect.gen(function* () {
        yield* link(phone, john)
        const good = Fs.readFileSync(place.journal, "utf8")
        for (const torn of ["{", '{"sequence":2,"at":"2026', good.slice(0, -10)]) {
          Fs.appendFileSync(place.journal, torn)
          const count = (yield* now).history.length
          yield* link(the("telegram", `1${count}`), the("telegram", `2${count}`))
          assert.strictEqual((yield* isInOrder(place)).length, count + 1)
        }
      })
    )
  )

  it.scopedLive("an open record counts if the map is what it made, and is no change that was made if it is not", () =>
    inHome((place) =>
      Effect.gen(function* () {
        yield* link(phone, john)
        const before = { map: Fs.readFileSync(place.map), journal: Fs.readFileSync(place.journal, "utf8") }
        yield* link(mary, anna)
        const after = { map: Fs.readFileSync(place.map), journal: Fs.readFileSync(place.journal, "utf8").trimEnd() }
        // The process ended right after the change was visible.
        Fs.writeFileSync(place.journal, after.journal)
        assert.strictEqual((yield* now).history.length, 2)
        yield* link(the("telegram", "1"), the("telegram", "2"))
        assert.strictEqual((yield* isInOrder(place)).length, 3)
        // The process ended right before.
        Fs.writeFileSync(place.map, before.map)
        Fs.writeFileSync(place.journal, after.journal)
        deepStrictEqual(actions((yield* now).history), ["1 link by library"])
        yield* link(the("telegram", "1"), the("telegram", "2"))
        const history = yield* isInOrder(place)
        deepStrictEqual(actions(history), ["1 link by library", "2 link by library"])
        assert.notInclude(Fs.readFileSync(place.journal, "utf8"), "@mary")
      })
    )
  )

  it.scopedLive("a directory in its place stops every change", () =>
    inHome((place) =>
      Effect.gen(function* () {
        Fs.mkdirSync(place.journal, { recursive: true })
        const error = yield* Effect.flip(link(phone, john))
        assert.strictEqual(error._tag, "IdentityMapUnreadable")
        assert.include(error.message, place.journal)
        assert.isFalse(Fs.existsSync(place.map))
      })
    )
  )
})

describe("to forget somebody", () => {
  it.scopedLive("leaves his name in no byte of any file", () =>
    inHome((place) =>
      Effect.gen(function* () {
        const { id } = yield* link(phone, john, mary)
        yield* change(Decision.Never({ pair: [john, anna] }))
        yield* change(Decision.Pin({ id, username: john, number: anna }))
        yield* change(Decision.Rename({ id, name: "@john and @mary" }))
        const text = Fs.readFileSync(place.map, "utf8").replace("{", '{ "$comment": "@JOHN came first",')
        Fs.writeFileSync(place.map, text)
        Fs.writeFileSync(`${place.journal}.old.tmp`, "@john")
        yield* change(Decision.Unlink({ id }))
        yield* link(phone, john)
        yield* change(Decision.Forget({ identity: john }))
        for (const name of Fs.readdirSync(place.directory)) {
          assert.notInclude(Fs.readFileSync(Path.join(place.directory, name), "latin1").toLowerCase(), "@john", name)
        }
        assert.notInclude(Fs.readdirSync(place.directory).join(), ".bak")
        const history = yield* isInOrder(place)
        assert.strictEqual(actions(history).at(-1), `${history.length} forget by library`)
        yield* link(anna, mary)
        yield* isInOrder(place)
        assert.include(Fs.readdirSync(place.directory), "identity-map.json.bak")
      })
    )
  )

  it.scopedLive("also where he is only on record, or only in the version before", () =>
    inHome((place) =>
      Effect.gen(function* () {
        const { id } = yield* link(phone, john)
        yield* change(Decision.Unlink({ id }))
        assert.include(Fs.readFileSync(`${place.map}.bak`, "utf8"), "@john")
        yield* change(Decision.Forget({ identity: john }))
        for (const name of Fs.readdirSync(place.directory)) {
          assert.notInclude(Fs.readFileSync(Path.join(place.directory, name), "latin1"), "@john", name)
        }
        yield* isInOrder(place)
      })
    )
  )
})
