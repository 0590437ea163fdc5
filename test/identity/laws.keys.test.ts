import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { Decision } from "../../src/identity/Decision.js"
import type { Wish } from "../../src/identity/Identities.js"
import { accountOf } from "../../src/identity/Identity.js"
import { find, type IdentityMap, list } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { described, intentOf, intents, wishOf } from "./decisions.js"
import { anyMap, everybody, people, somePeople, soundMap } from "./maps.js"
import { accountsOf, named, ownersOf } from "./named.js"
import { begun, decided, keeping, through, type World, written } from "./world.js"

const runs = { fastCheck: { numRuns: 60 } }

const ownersIn = (map: IdentityMap) => everybody.map((one) => Option.getOrNull(find(map, one)))

describe("keys", () => {
  it.effect.prop(
    "nobody's changes who was not named",
    [soundMap, intents()],
    ([map, wanted]) =>
      keeping(({ edit }) =>
        Effect.zipRight(
          edit(map),
          through(wanted, ({ after, before, wish }) => {
            const meant = named(wish, before)
            for (const one of everybody.filter((one) => !meant.has(accountOf(one)))) {
              deepStrictEqual(find(after.map, one), find(before.map, one), `${one} by ${described(wish)}`)
            }
          })
        )
      ),
    runs
  )

  it.prop(
    "link then unlink restores every one, and the map byte for byte",
    [anyMap, somePeople],
    ([map, identities]) => {
      const linked = decided(begun(map), Decision.Link({ identities }))
      FastCheck.pre(Either.isRight(linked) && linked.right.map.entries.size > map.entries.size)
      const id = Option.getOrThrow(find(Either.getOrThrow(linked).map, identities[0] ?? people[0]!))
      const back = Either.getOrThrow(Either.flatMap(linked, (world) => decided(world, Decision.Unlink({ id })))).map
      assert.strictEqual(codec.encode(back), codec.encode(map))
      deepStrictEqual(back.owners, map.owners)
    }
  )

  it.prop(
    "adding somebody to a mapping and taking him out restores every one",
    [soundMap, somePeople, FastCheck.nat(3)],
    ([map, identities, n]) => {
      const id = list(map)[n]?.id ?? "nobody"
      FastCheck.pre(identities.every((one) => Option.isNone(find(map, one))))
      const linked = decided(begun(map), Decision.Link({ identities, into: id }))
      FastCheck.pre(Either.isRight(linked))
      const back = Either.flatMap(linked, (world) => decided(world, Decision.Remove({ id, identities })))
      deepStrictEqual(ownersIn(Either.getOrThrow(back).map), ownersIn(map))
    }
  )

  const single = intentOf("Link", "Unlink", "Remove", "Leave", "Rename", "Pin", "Never")

  it.prop(
    "changes that have nothing to do with each other may come in either order",
    [soundMap, single, single],
    ([map, first, second]) => {
      const world = begun(map)
      const [one, other] = [first, second].map((wanted) => wishOf(wanted, map, world.history))
      if (one === undefined || other === undefined) return
      const touched = (wish: Wish) => {
        const accounts = named(wish, world)
        const id = "id" in wish ? [wish.id] : wish._tag === "Link" ? [wish.into ?? ""] : []
        const pair = wish._tag === "Never" ? [[...accountsOf(wish.pair)].sort().join()] : []
        return [...accounts, ...ownersOf(map, accounts), ...id, ...pair]
      }
      const theirs = new Set(touched(other).filter((what) => what !== ""))
      FastCheck.pre(!touched(one).some((what) => theirs.has(what)))
      const both = (wishes: ReadonlyArray<readonly [Wish, number]>) => {
        const results = wishes.reduce<{ readonly world: World; readonly tags: Record<number, string> }>(
          ({ tags, world }, [wish, n]) =>
            Either.match(decided(world, wish, n), {
              onLeft: ({ _tag }) => ({ world, tags: { ...tags, [n]: _tag } }),
              onRight: (next) => ({ world: next, tags: { ...tags, [n]: "done" } })
            }),
          { world, tags: {} }
        )
        const { mappings, never } = written(results.world.map)
        return { mappings: Object.fromEntries(mappings), never, tags: results.tags }
      }
      deepStrictEqual(
        both([
          [one, 1],
          [other, 2]
        ]),
        both([
          [other, 2],
          [one, 1]
        ])
      )
    },
    { fastCheck: { numRuns: 200 } }
  )
})
