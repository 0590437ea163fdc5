import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { Decision } from "../../src/identity/Decision.js"
import { type Identity, parse } from "../../src/identity/Identity.js"
import { find, get, type IdentityMap, list } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { plan } from "../../src/identity/Plan.js"
import { the } from "./arbitrary.js"
import { person, somePeople, soundMap } from "./maps.js"
import { accountsOf, membersOf, ownersOf, withNames } from "./named.js"
import { fresh } from "./world.js"

describe("somebody who is in another mapping", () => {
  const into = FastCheck.option(FastCheck.nat(3), { nil: undefined })
  const asked = [soundMap, somePeople, into] as const

  const linkOf = (map: IdentityMap, identities: ReadonlyArray<Identity>, at: number | undefined) => {
    const id = at === undefined ? undefined : (list(map)[at]?.id ?? undefined)
    return { identities, into: id }
  }

  it.prop("is left there, and who asks is told where that is", [...asked], ([map, identities, at]) => {
    const link = linkOf(map, identities, at)
    const result = plan(map, Decision.Link(link), fresh(1))
    const elsewhere = identities.filter((one) => Option.exists(find(map, one), (id) => id !== link.into))
    if (Either.isLeft(result) && result.left._tag === "IdentityAlreadyLinked") {
      const { id, identity } = result.left
      assert.include(elsewhere.map(String), identity)
      deepStrictEqual(
        Option.map(find(map, elsewhere.find((one) => String(one) === identity)!), String),
        Option.some(id)
      )
    } else if (Either.isRight(result) && result.right.changes.length > 0) deepStrictEqual(elsewhere, [])
  })

  it.prop("is moved alone, under all of his names, and the others stay", [...asked], ([map, identities, at]) => {
    const link = linkOf(map, identities, at)
    const result = plan(map, Decision.Link({ ...link, onConflict: "move" }), fresh(1))
    FastCheck.pre(Either.isRight(result) && result.right.changes.length > 0)
    const { after, mapping } = Either.getOrThrow(result)
    const target = Option.getOrThrow(mapping)
    const had = link.into === undefined ? [] : membersOf(map, link.into)
    assert.sameMembers(
      [...accountsOf(target.identities)],
      Array.from(
        new Set([
          ...accountsOf(Option.toArray(get(map, target.id)).flatMap(({ identities }) => identities)),
          ...accountsOf(identities)
        ])
      )
    )
    const moved = withNames(map, accountsOf(identities))
    for (const { id, identities, pins = {} } of list(map).filter(({ id }) => id !== target.id)) {
      const left = Option.match(get(after, id), { onNone: () => [], onSome: ({ identities }) => identities })
      const his = Object.entries(pins).flatMap(([username, number]) =>
        link.identities.some((one) => one.provider === "telegram" && one.id === number)
          ? [`telegram:${username.toLowerCase()}`]
          : []
      )
      for (const account of accountsOf(identities)) {
        if (!moved.has(account)) assert.include(accountsOf(left), account)
        else if ([...accountsOf(link.identities), ...his].includes(account)) {
          assert.notInclude(accountsOf(left), account)
        }
      }
      assert.strictEqual(Option.isSome(get(after, id)), left.length > 0)
    }
    // A username is pinned to the number to which it was pinned, wherever it goes.
    for (const { pins = {} } of list(map)) {
      for (const [username, number] of Object.entries(pins)) {
        const owner = Option.flatMap(parse("telegram", username), (one) => find(after, one))
        if (Option.isSome(owner)) {
          const pins = Option.flatMap(get(after, owner.value), ({ pins }) => Option.fromNullable(pins))
          assert.strictEqual(Option.getOrUndefined(pins)?.[username], number)
        }
      }
    }
    assert.isTrue(had.every((account) => membersOf(after, target.id).includes(account)))
  })

  it("is moved also out of where an edit by hand has put him a second time", () => {
    const mapping = (id: string, telegram: ReadonlyArray<string>) => ({
      id,
      identities: { telegram },
      createdAt: "2024-01-01T00:00:00Z",
      updatedAt: "2024-01-01T00:00:00Z"
    })
    const mappings = { a: mapping("a", ["@john", "1"]), b: mapping("b", ["2", "@JOHN"]), c: mapping("c", ["@John"]) }
    const map = Either.getOrThrow(codec.decode(JSON.stringify({ version: 1, mappings })))
    const identities = [the("telegram", "@john"), the("telegram", "3")]
    const { after } = Either.getOrThrow(plan(map, Decision.Link({ identities, onConflict: "move" }), fresh(1)))
    deepStrictEqual(
      list(after).map(({ id, identities }) => [id, ...accountsOf(identities)].join(" ")),
      ["a telegram:1", "b telegram:2", "new-1 telegram:@john telegram:3"]
    )
  })

  it.prop(
    "brings everybody with him: to whose conversation is kept, else to the oldest",
    [
      soundMap,
      somePeople,
      FastCheck.option(FastCheck.oneof(person, FastCheck.constant("none" as const)), { nil: undefined })
    ],
    ([map, identities, keep]) => {
      const result = plan(map, Decision.Link({ identities, keep, onConflict: "merge" }), fresh(1))
      FastCheck.pre(Either.isRight(result) && result.right.changes.length > 0)
      const { after, mapping } = Either.getOrThrow(result)
      const one = Option.getOrThrow(mapping)
      const met = new Set(ownersOf(map, accountsOf(identities)))
      const before = list(map).filter(({ id }) => met.has(id))
      assert.sameMembers(
        [...accountsOf(one.identities)],
        Array.from(new Set(accountsOf([...before.flatMap(({ identities }) => identities), ...identities])))
      )
      const fallback = keep === "none" ? "new-1" : undefined
      const kept = keep === undefined || keep === "none" ? undefined : Option.getOrElse(find(map, keep), () => "new-1")
      assert.strictEqual(String(one.id), fallback ?? kept ?? before[0]?.id ?? "new-1")
      assert.sameMembers(
        [...(one.continues ?? [])],
        Array.from(new Set(before.flatMap(({ continues = [], id }) => [id, ...continues]))).filter(
          (id) => id !== one.id
        )
      )
      for (const { id } of before) assert.strictEqual(Option.isSome(get(after, id)), id === one.id)
      assert.strictEqual(list(after).length, list(map).length - before.length + 1)
    }
  )
})
