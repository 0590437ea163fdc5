import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { accountOf, type Identity } from "../../src/identity/Identity.js"
import { empty, find, type IdentityMap, list } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { timestampOf } from "../../src/identity/IdentityMapping.js"
import { WrittenSharedId, WrittenTimestamp } from "../../src/identity/IdentityMappingSchema.js"
import { apply, invert } from "../../src/identity/Change.js"
import { Decision } from "../../src/identity/Decision.js"
import { unconfigured } from "../../src/identity/LinkingSettings.js"
import { plan } from "../../src/identity/Plan.js"
import type { Fresh } from "../../src/identity/plan/Next.js"
import { fewIdentities, identity } from "./arbitrary.js"

const fresh = (id: string): Fresh => ({
  now: WrittenTimestamp.make("2026-01-01T00:00:00.000Z"),
  by: "test",
  id: WrittenSharedId.make(id),
  limits: unconfigured
})

const linkOf = (identities: ReadonlyArray<Identity>) => Decision.Link({ identities })

const done = (map: IdentityMap, decision: Decision, id: string): Either.Either<IdentityMap, string> =>
  Either.mapBoth(plan(map, decision, fresh(id)), {
    onLeft: ({ _tag }) => _tag,
    onRight: ({ changes }) => apply(map, changes)
  })

const must = <A>(result: Either.Either<A, string>): A => Either.getOrThrowWith(result, (tag) => new Error(tag))

const groups = FastCheck.array(FastCheck.subarray([...fewIdentities], { minLength: 2 }), { maxLength: 5 })

/** The map after as many of these links as are not refused. */
const mapOf = (all: ReadonlyArray<ReadonlyArray<Identity>>): IdentityMap =>
  all.reduce((map, identities, index) => Either.getOrElse(done(map, linkOf(identities), `m${index}`), () => map), empty)

describe("a change of the identity map", () => {
  it.prop(
    "link then unlink gives the map back, byte for byte",
    [groups, FastCheck.subarray([...fewIdentities])],
    ([before, identities]) => {
      const map = mapOf(before)
      const linked = done(map, linkOf(identities), "new")
      FastCheck.pre(Either.isRight(linked) && linked.right.entries.size > map.entries.size)
      const back = must(done(must(linked), Decision.Unlink({ id: "new" }), "unused"))
      assert.strictEqual(codec.encode(back), codec.encode(map))
      deepStrictEqual(back.owners, map.owners)
    }
  )

  it.prop("an identity belongs to one mapping at most, whatever was linked", [groups], ([all]) => {
    const map = mapOf(all)
    const accounts = list(map).flatMap(({ identities }) => identities.map(accountOf))
    assert.strictEqual(new Set(accounts).size, accounts.length)
    for (const mapping of list(map)) {
      for (const one of mapping.identities) deepStrictEqual(find(map, one), Option.some(mapping.id))
    }
  })

  it.prop(
    "links that share no identity commute",
    [FastCheck.uniqueArray(identity, { minLength: 4, maxLength: 10, selector: accountOf }), FastCheck.nat()],
    ([identities, cut]) => {
      const at = 2 + (cut % (identities.length - 3))
      const [one, other] = [linkOf(identities.slice(0, at)), linkOf(identities.slice(at))]
      const forth = must(done(must(done(empty, one, "a")), other, "b"))
      const back = must(done(must(done(empty, other, "b")), one, "a"))
      deepStrictEqual(new Map(forth.owners), new Map(back.owners))
      for (const every of identities) deepStrictEqual(find(forth, every), find(back, every))
    }
  )

  it.prop(
    "nobody's mapping changes who was not named",
    [groups, FastCheck.subarray([...fewIdentities])],
    ([before, identities]) => {
      const map = mapOf(before)
      const after = Either.getOrElse(done(map, linkOf(identities), "new"), () => map)
      const named = new Set(identities.map(accountOf))
      for (const one of fewIdentities) {
        if (!named.has(accountOf(one))) deepStrictEqual(find(after, one), find(map, one))
      }
    }
  )

  it.prop("what is taken out of the middle leaves the others in their order", [FastCheck.nat(3)], ([at]) => {
    const pairs = [0, 2, 4, 6].map((start) => fewIdentities.slice(start, start + 2))
    const map = mapOf(pairs)
    const rest = [0, 1, 2, 3].filter((index) => index !== at).map((index) => `m${index}`)
    const after = must(done(map, Decision.Unlink({ id: `m${at}` }), "unused"))
    deepStrictEqual(
      list(after).map(({ id }) => String(id)),
      rest
    )
    // And a mapping that comes back to its place stands there again.
    const planned = Either.getOrThrow(plan(map, Decision.Unlink({ id: `m${at}` }), fresh("unused")))
    assert.strictEqual(codec.encode(apply(after, invert(planned.changes))), codec.encode(map))
  })

  it("a new mapping comes last", () => {
    const map = mapOf([fewIdentities.slice(0, 2), fewIdentities.slice(3, 5)])
    deepStrictEqual(
      list(map).map(({ id }) => String(id)),
      ["m0", "m1"]
    )
  })
})

describe("a plan", () => {
  it("is not made for what could not be read: by that, nobody would be linked any more", () => {
    const identities = fewIdentities.slice(0, 2)
    const year10000 = timestampOf(DateTime.unsafeMake(Date.UTC(10_000, 0)))
    assert.throws(() => plan(empty, linkOf(identities), { ...fresh("a"), now: year10000 }), "this is no mapping")
    const map = must(done(empty, linkOf(identities), "a"))
    assert.throws(
      () => plan(map, Decision.Rename({ id: "a", name: "x" }), { ...fresh("b"), now: year10000 }),
      "no mapping"
    )
  })
})
