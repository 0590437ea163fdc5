import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { Decision } from "../../src/identity/Decision.js"
import { Identities, type Wish } from "../../src/identity/Identities.js"
import { empty as noMap, find, get, list } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import type { Recorded } from "../../src/identity/Recorded.js"
import { entryOf } from "../../src/identity/plan/Draft.js"
import { the } from "./arbitrary.js"
import { described, type Intent, intentOf, intents, kinds, wishOf } from "./decisions.js"
import { people, soundMap } from "./maps.js"
import { begun, decided, keeping, timeless, through, type World } from "./world.js"

/** Everything but to forget somebody, which nobody can undo. */
const revertible = intentOf(...kinds.filter((kind) => kind !== "Forget"))
const other = intentOf(...kinds.filter((kind) => kind !== "Forget" && kind !== "Undo"))

const wished = (world: World, intent: Intent): Wish => wishOf(intent, world.map, world.history)

/** The world after as many of these as are not refused. */
const after = (world: World, wanted: ReadonlyArray<Intent>): World =>
  wanted.reduce((now, intent) => Either.getOrElse(decided(now, wished(now, intent)), () => now), world)

const must = <A, E extends { readonly message: string }>(result: Either.Either<A, E>): A =>
  Either.getOrThrowWith(result, ({ message }) => new Error(message))

const undo = (world: World, sequence?: number) => decided(world, { _tag: "Undo", sequence })

const last = ({ history }: World): Recorded => {
  const record = history.at(-1)
  if (record === undefined) throw new Error("nothing is on record")
  return record
}

/** The world after this was undone; where another stands in its way, that one instead. */
const cleared = (world: World, sequence: number): ReturnType<typeof undo> => {
  const result = undo(world, sequence)
  if (Either.isRight(result) || result.left._tag !== "UndoBlocked" || result.left.later === undefined) return result
  assert.isAbove(result.left.later.sequence, sequence)
  return cleared(world, result.left.later.sequence)
}

/** Without what the relay adds by itself and leaves where it is, by which a mapping comes to be spelled as we do. */
const withoutPins = ({ map }: World) => ({
  mappings: Array.from(map.entries.values(), ({ mapping, raw }) => {
    const { pins: _, updatedAt: __, ...rest } = entryOf(mapping, raw).raw
    return rest
  }),
  never: timeless(map).never
})

describe("undo", () => {
  it.prop(
    "of any change restores the map value for value, in the same place, except its times",
    [soundMap, intents(revertible), other],
    ([map, wanted, intent]) => {
      const before = after(begun(map), wanted)
      const made = decided(before, wished(before, intent))
      FastCheck.pre(Either.isRight(made) && made.right.history.length > before.history.length)
      const changed = must(made)
      const back = must(undo(changed, last(changed).sequence))
      const what = described(wished(before, intent))
      deepStrictEqual(timeless(back.map), timeless(before.map), what)
      deepStrictEqual(new Map(back.map.owners), new Map(before.map.owners), what)
      assert.strictEqual(last(back).undoes, last(changed).sequence)
      assert.strictEqual(last(back).action, "undo")
      // And once more brings the change back.
      const again = must(undo(back, last(back).sequence))
      deepStrictEqual(timeless(again.map), timeless(changed.map), what)
      deepStrictEqual(new Map(again.map.owners), new Map(changed.map.owners), what)
      // What nobody touched has its times, too.
      const touched = new Set(last(changed).changes.flatMap((one) => (one._tag === "Mapping" ? [one.id] : [])))
      for (const { id, updatedAt } of list(before.map).filter(({ id }) => !touched.has(id))) {
        assert.strictEqual(Option.getOrUndefined(get(back.map, id))?.updatedAt, updatedAt)
      }
    },
    { fastCheck: { numRuns: 200 } }
  )

  it.prop(
    "of a change after others that have nothing to do with it leaves these, and nothing of it",
    [soundMap, other, intents(intentOf("Link", "Unlink", "Remove", "Leave", "Rename", "Never"))],
    ([map, intent, others]) => {
      const start = begun(map)
      const wish = wished(start, intent)
      FastCheck.pre(wish._tag !== "Import" && wish._tag !== "Undo")
      const made = decided(start, wish, 50)
      FastCheck.pre(Either.isRight(made) && made.right.history.length > 1)
      const { sequence } = last(must(made))
      let [withIt, without] = [must(made), start]
      const about = new Set(last(must(made)).changes.map((one) => (one._tag === "Mapping" ? one.id : "")))
      for (const [n, one] of others.entries()) {
        const wish = wished(without, one)
        const [left, right] = [decided(without, wish, n + 1), decided(withIt, wish, n + 1)]
        // Whatever comes out otherwise with the change than without has to do with it.
        if (Either.isLeft(left) || Either.isLeft(right)) continue
        const added = (now: World, then: World) =>
          now.history.slice(then.history.length).flatMap(({ changes }) => changes)
        const [here, there] = [added(right.right, withIt), added(left.right, without)]
        if (here.length !== there.length) continue
        if ([...here, ...there].some((one) => one._tag === "Mapping" && about.has(one.id))) continue
        ;[without, withIt] = [left.right, right.right]
      }
      const undone = undo(withIt, sequence)
      // Somebody may have been linked elsewhere meanwhile.
      if (Either.isLeft(undone)) return assert.strictEqual(undone.left._tag, "UndoBlocked")
      deepStrictEqual(timeless(undone.right.map), timeless(without.map), described(wish))
    },
    { fastCheck: { numRuns: 200 } }
  )

  it.prop(
    "is refused when a later change stands in the way, and undoing what is named, again and again, clears the way",
    [soundMap, intents(revertible, 12), FastCheck.nat()],
    ([map, wanted, n]) => {
      const world = after(begun(map), wanted)
      const { sequence } = world.history[n % world.history.length] ?? last(world)
      let now = world
      for (let round = 0; round <= 4 * world.history.length; round++) {
        const result = undo(now, sequence)
        if (Either.isRight(result)) return
        if (result.left._tag !== "UndoBlocked") {
          // It was on the way, or an undo has brought it back already.
          return assert.strictEqual(result.left._tag, "AlreadyUndone")
        }
        const { later } = result.left
        assert.isDefined(later, result.left.message)
        if (later === undefined) return
        assert.isAbove(later.sequence, sequence)
        assert.include(result.left.message, `change ${later.sequence} (${later.action})`)
        now = must(cleared(now, later.sequence))
      }
      assert.fail(`${sequence} is never free`)
    },
    { fastCheck: { numRuns: 200 } }
  )

  it.effect.prop(
    "without a number goes back step by step, to where everything began",
    [intents(other, 6)],
    ([wanted]) =>
      keeping(() =>
        Effect.gen(function* () {
          const { change } = yield* Identities
          const { readable } = yield* IdentityStore
          const worlds: Array<World> = []
          yield* through(wanted, ({ after, before }) => {
            const [made] = after.history.slice(before.history.length)
            if (made !== undefined && made.action !== "pin") worlds.push(before)
          })
          for (const world of worlds.toReversed()) {
            const { undoes } = yield* change({ _tag: "Undo" })
            assert.isTrue(Option.isSome(undoes))
            deepStrictEqual(withoutPins({ map: (yield* readable).value, history: [] }), withoutPins(world))
          }
          const nothing = yield* Effect.flip(change({ _tag: "Undo" }))
          assert.strictEqual(nothing._tag, "ChangeNotFound")
          assert.include(nothing.message, "no change to undo")
          assert.strictEqual((yield* readable).value.entries.size, 0)
        })
      ),
    { fastCheck: { numRuns: 40 } }
  )
})

const [phone, other1, lid, john, mary] = people
const done = (world: World, wish: Wish) => must(decided(world, wish))

describe("what undo goes by", () => {
  const people = [phone, john, mary, lid, other1].flatMap((one) => one ?? [])
  const [a, b, c, d, e] = people
  assert(a !== undefined && b !== undefined && c !== undefined && d !== undefined && e !== undefined)
  const empty: World = { map: noMap, history: [] }

  it("a change that nobody has made is not found", () => {
    const refusal = Either.getOrThrow(Either.flip(undo(empty, 99)))
    assert.strictEqual(refusal._tag, "ChangeNotFound")
    assert.include(refusal.message, "99")
  })

  it("what was undone and brought back is undone again, before what came before it", () => {
    const one = done(empty, Decision.Link({ identities: [a, b] }))
    const two = done(one, Decision.Link({ identities: [c, d] }))
    const undone = must(undo(two))
    const redone = must(undo(undone, last(undone).sequence))
    deepStrictEqual(timeless(redone.map), timeless(two.map))
    deepStrictEqual(timeless(must(undo(redone)).map), timeless(one.map))
  })

  it("of all changes that stand in the way the newest is named, and none that was undone itself", () => {
    const linked = done(empty, Decision.Link({ identities: [a, b, c] }))
    const id = list(linked.map)[0]?.id
    assert(id !== undefined)
    const names = ["One", "Two", "Three"]
    const renamed = names.reduce((world, name) => done(world, Decision.Rename({ id, name })), linked)
    const aside = done(renamed, Decision.Link({ identities: [d, e] }))
    const pinned = done(aside, Decision.Pin({ id, username: b, number: the("telegram", "42") }))
    const inTheWay = (world: World) => {
      const refusal = Either.getOrThrow(Either.flip(undo(world, last(linked).sequence)))
      assert(refusal._tag === "UndoBlocked")
      assert.strictEqual(refusal.subject, id)
      return refusal.later
    }
    const { sequence } = last(renamed)
    deepStrictEqual(inTheWay(pinned), { sequence, action: "rename" })
    deepStrictEqual(inTheWay(must(undo(pinned, sequence))), { sequence: sequence - 1, action: "rename" })
    // Whom the change would bring back is linked elsewhere.
    const gone = done(linked, Decision.Unlink({ id }))
    const elsewhere = done(gone, Decision.Link({ identities: [a, e] }))
    const refusal = Either.getOrThrow(Either.flip(undo(elsewhere, last(gone).sequence)))
    assert(refusal._tag === "UndoBlocked")
    deepStrictEqual(refusal.later, { sequence: last(elsewhere).sequence, action: "link" })
  })

  it("of all changes that build on what was built on it the newest is named, and the way goes back from there", () => {
    const [one, two] = [Decision.Link({ identities: [a, b] }), Decision.Link({ identities: [c, d] })]
    const start = begun(done(done(empty, one), two).map)
    const [first, second] = list(start.map)
    assert(first !== undefined && second !== undefined)
    const moved = must(decided(start, Decision.Link({ identities: [a, b, e], onConflict: "move" }), 9))
    const into = list(moved.map).at(-1)?.id ?? ""
    assert.isFalse(Option.isSome(get(moved.map, first.id)))
    const joined = [
      Decision.Unlink({ id: second.id }),
      Decision.Link({ into, identities: [c] }),
      Decision.Unlink({ id: into })
    ].reduce(done, moved)
    let now = joined
    for (const later of [5, 4, 3, 2]) {
      const refusal = Either.getOrThrow(Either.flip(undo(now, 1)))
      assert(refusal._tag === "UndoBlocked")
      assert.strictEqual(refusal.later?.sequence, later)
      assert.strictEqual(refusal.subject, later === 3 ? second.id : first.id)
      now = must(undo(now, later))
    }
    deepStrictEqual(list(must(undo(now, 1)).map), [])
  })

  it("a pin is not named where another change stands in the way", () => {
    const linked = done(empty, Decision.Link({ identities: [a, b, c] }))
    const id = list(linked.map)[0]?.id ?? ""
    const moved = done(linked, Decision.Link({ identities: [b, d], onConflict: "move" }))
    const renamed = done(moved, Decision.Rename({ id, name: "John" }))
    const to = list(moved.map).at(-1)?.id
    assert(to !== undefined)
    const pinned = done(renamed, Decision.Pin({ id: to, username: b, number: the("telegram", "42") }))
    const refusal = Either.getOrThrow(Either.flip(undo(pinned, last(moved).sequence)))
    assert(refusal._tag === "UndoBlocked")
    deepStrictEqual(refusal.later, { sequence: last(renamed).sequence, action: "rename" })
  })

  it("what is undone already is not undone twice, and who undid it is said", () => {
    const linked = done(empty, Decision.Link({ identities: [a, b] }))
    const undone = must(undo(linked))
    const refusal = Either.getOrThrow(Either.flip(undo(undone, last(linked).sequence)))
    assert.strictEqual(refusal._tag, "AlreadyUndone")
    assert.include(refusal.message, String(last(undone).sequence))
    assert.isTrue(Either.isRight(undo(must(undo(undone, last(undone).sequence)), last(linked).sequence)))
  })

  it("a mapping comes back between those that it stood between, though others have gone and come", () => {
    const linked = [
      [a, b],
      [c, d]
    ].reduce((world, identities) => done(world, Decision.Link({ identities })), empty)
    const third = done(linked, Decision.Link({ identities: [e, the("telegram", "900000003")] }))
    const [one, two, three] = list(third.map).map(({ id }) => id)
    assert(one !== undefined && two !== undefined && three !== undefined)
    const middle = done(third, Decision.Unlink({ id: two }))
    const first = done(middle, Decision.Unlink({ id: one }))
    const more = done(first, Decision.Link({ identities: [a, b] }))
    const newest = list(more.map).at(-1)?.id
    deepStrictEqual(
      list(must(undo(more, last(middle).sequence)).map).map(({ id }) => id),
      [two, three, newest]
    )
    const renamed = done(third, Decision.Rename({ id: two, name: "Two" }))
    const moved = done(renamed, Decision.Unlink({ id: one }))
    deepStrictEqual(
      list(must(undo(moved, last(renamed).sequence)).map).map(({ id }) => id),
      [two, three]
    )
  })

  it("a pin that came since stays, one that is undone goes, and neither stands in the way", () => {
    const linked = done(empty, Decision.Link({ identities: [a, b, c], name: "All" }))
    const id = list(linked.map)[0]?.id
    assert(id !== undefined)
    const renamed = done(linked, Decision.Rename({ id, name: "Some" }))
    const pinned = done(renamed, Decision.Pin({ id, username: b, number: the("telegram", "42") }))
    const pins = (world: World) => Option.getOrUndefined(get(world.map, id))?.pins
    deepStrictEqual(pins(pinned), { "@john": "42" })
    const named = must(undo(pinned, last(renamed).sequence))
    assert.strictEqual(Option.getOrUndefined(get(named.map, id))?.name, "All")
    deepStrictEqual(pins(named), { "@john": "42" })
    deepStrictEqual(pins(must(undo(pinned, last(pinned).sequence))), undefined)
    // Without a number it is what a person did.
    assert.strictEqual(last(must(undo(pinned))).undoes, last(renamed).sequence)
  })

  it("a number comes back to where it was listed, though a username was pinned to it since", () => {
    const number = the("telegram", "42")
    const linked = done(empty, Decision.Link({ identities: [a, number] }))
    const gone = done(linked, Decision.Unlink({ id: list(linked.map)[0]?.id ?? "" }))
    const again = done(gone, Decision.Link({ identities: [b, c] }))
    const pinned = done(again, Decision.Pin({ id: list(again.map)[0]!.id, username: b, number }))
    deepStrictEqual(find(pinned.map, number), find(pinned.map, b))
    const back = must(undo(pinned, last(gone).sequence))
    deepStrictEqual(find(back.map, number), find(linked.map, number))
  })

  it("an edit by hand that is not on record yet is said to stand in the way", () => {
    const linked = done(empty, Decision.Link({ identities: [a, b] }))
    const edited: World = { ...linked, map: done(linked, Decision.Unlink({ id: list(linked.map)[0]?.id ?? "" })).map }
    const refusal = Either.getOrThrow(Either.flip(undo(edited, last(linked).sequence)))
    assert.strictEqual(refusal._tag, "UndoBlocked")
    assert.include(refusal.message, "by hand")
  })

  it("what was forgotten stays so, and is not passed over for what came before", () => {
    const linked = done(empty, Decision.Link({ identities: [a, b, c] }))
    const forgotten = done(linked, Decision.Forget({ identity: b }))
    for (const sequence of [undefined, last(forgotten).sequence]) {
      const refusal = Either.getOrThrow(Either.flip(undo(forgotten, sequence)))
      assert.strictEqual(refusal._tag, "ForgottenForGood")
      assert.include(refusal.message, `change ${last(forgotten).sequence} removed an identity for good`)
    }
  })
})
