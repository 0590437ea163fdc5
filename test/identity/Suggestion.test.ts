import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { Decision } from "../../src/identity/Decision.js"
import { accountOf, type Identity } from "../../src/identity/Identity.js"
import { empty, find, get, type IdentityMap, list, make } from "../../src/identity/IdentityMap.js"
import type { IdentityMapping } from "../../src/identity/IdentityMapping.js"
import { WrittenSharedId, WrittenTimestamp } from "../../src/identity/IdentityMappingSchema.js"
import { type Limits, unconfigured } from "../../src/identity/LinkingSettings.js"
import { nameOf, type Pair } from "../../src/identity/Pair.js"
import { plan } from "../../src/identity/Plan.js"
import { otherSpelling } from "../../src/identity/Spelling.js"
import { Likeness, type Suggestion, suggestions } from "../../src/identity/Suggestion.js"
import { the } from "./arbitrary.js"

const now = WrittenTimestamp.make("2026-01-01T00:00:00.000Z")

const long = "+5511987654321"
const short = "+551187654321"

/** Accounts of few phone lines, and some without. */
const pool: ReadonlyArray<Identity> = [
  ...[long, short, "+5215512345678", "+525512345678", "+12345670001", "+551134567890"].flatMap((number) => [
    the("whatsapp", number),
    the("twilio", number)
  ]),
  the("telegram", "@john"),
  the("whatsapp", "5511987654321@lid"),
  the("telegram", "5511987654321")
]

const entryOf = (id: string, identities: ReadonlyArray<Identity>) => {
  const mapping = { id: WrittenSharedId.make(id), identities, createdAt: now, updatedAt: now }
  return [mapping.id, { mapping, raw: {} }] as const
}

/** A map of these mappings, `m0` and so on. */
const mapOf = (groups: ReadonlyArray<ReadonlyArray<Identity>>, never: ReadonlyArray<Pair> = []): IdentityMap =>
  make(
    new Map(groups.map((group, index) => entryOf(`m${index}`, group))),
    new Map(never.map((pair) => [nameOf(pair), pair])),
    {}
  )

const sharesLine = (one: Identity, other: Identity): boolean =>
  one.id.startsWith("+") &&
  (one.id === other.id || Option.exists(otherSpelling(one.id), ({ phone }) => phone === other.id))

const together = (map: IdentityMap, one: Identity, other: Identity): boolean => {
  const owner = find(map, one)
  return Option.isSome(owner) && Option.contains(find(map, other), owner.value)
}

const planned = (map: IdentityMap, decision: Decision, limits: Limits) =>
  plan(map, decision, { now, by: "test", id: WrittenSharedId.make(`new${map.entries.size}`), limits })

/** The map after all suggestions, each as far as it is not so already. */
const followed = (map: IdentityMap, all: ReadonlyArray<Suggestion>, limits: Limits): IdentityMap =>
  all.reduce((map, { pair }, index) => {
    const decision = Decision.Link({ identities: pair, onConflict: "merge" })
    const fresh = { now, by: "test", id: WrittenSharedId.make(`new${index}`), limits }
    return Either.getOrThrowWith(plan(map, decision, fresh), ({ message }) => new Error(message)).after
  }, map)

const pairOf = FastCheck.tuple(FastCheck.constantFrom(...pool), FastCheck.constantFrom(...pool)).filter(
  ([one, other]) => accountOf(one) !== accountOf(other)
)

/** The pool dealt out: to which mapping, or to which stranger, or to nobody. */
const world = FastCheck.record({
  places: FastCheck.array(FastCheck.integer({ min: -5, max: 3 }), { minLength: pool.length, maxLength: pool.length }),
  never: FastCheck.array(pairOf, { maxLength: 4 }),
  limits: FastCheck.record({
    maxIdentities: FastCheck.constantFrom(2, 3, 4, 20),
    neverLink: FastCheck.oneof(
      FastCheck.constant<ReadonlyArray<Identity>>([]),
      FastCheck.subarray([...pool], { maxLength: 2 })
    )
  })
}).map(({ limits, never, places }) => {
  const at = (place: number) => pool.filter((_, index) => places[index] === place)
  const dealt = (all: ReadonlyArray<number>) => all.map(at).filter((group) => group.length > 0)
  // A stranger is one of the accounts of one number.
  const strangers = dealt([-1, -2, -3]).flatMap((accounts) =>
    Array.from(new Set(accounts.map(({ id }) => id)), (id) => accounts.filter((one) => one.id === id))
  )
  const groups = dealt([0, 1, 2, 3])
  return { map: mapOf(groups, never), strangers, limits, never }
})

describe("what is suggested", () => {
  it.prop("are two accounts of one phone line that are apart, and what is said of them is true", [world], ([one]) => {
    const { limits, map, strangers } = one
    for (const { likeness, mappings, pair } of suggestions(map, strangers, limits)) {
      const [first, second] = pair
      assert.isTrue(sharesLine(first, second))
      assert.isFalse(together(map, first, second))
      deepStrictEqual<ReadonlyArray<Option.Option<IdentityMapping>>>(
        mappings,
        pair.map((each) => Option.flatMap(find(map, each), (id) => get(map, id)))
      )
      assert.strictEqual(Likeness.$is("SamePhone")(likeness), first.id === second.id)
      for (const each of pair) {
        const isStranger = strangers.some((accounts) => accounts.includes(each))
        assert.isTrue(Option.isSome(find(map, each)) || isStranger)
      }
    }
  })

  it.prop("can be done, and then they are together", [world], ([{ limits, map, strangers }]) => {
    for (const { decision, pair } of suggestions(map, strangers, limits)) {
      const { after } = Either.getOrThrowWith(planned(map, decision, limits), ({ message }) => new Error(message))
      assert.isTrue(together(after, ...pair))
      // Everybody in both mappings, and nobody else, is there.
      const owner = Option.getOrThrow(Option.flatMap(find(after, pair[0]), (id) => get(after, id)))
      const named = [
        ...pair,
        ...list(map).flatMap(({ identities }) => (identities.some((each) => pair.includes(each)) ? identities : []))
      ]
      deepStrictEqual(new Set(owner.identities.map(accountOf)), new Set(named.map(accountOf)))
    }
  })

  it.prop(
    "never brings together whom somebody wants apart, not even all of it in a row",
    [world],
    ([{ limits, map, never, strangers }]) => {
      const all = suggestions(map, strangers, limits)
      const after = followed(map, all, limits)
      for (const [one, other] of never) {
        if (together(after, one, other)) assert.isTrue(together(map, one, other))
      }
      for (const { identities } of list(after)) {
        const isOld = list(map).some(
          (each) =>
            each.identities.length === identities.length && each.identities.every((one) => identities.includes(one))
        )
        if (isOld) continue
        assert.isAtMost(identities.length, limits.maxIdentities)
        for (const one of limits.neverLink) assert.notInclude(identities.map(accountOf), accountOf(one))
      }
    }
  )

  it.prop("is nothing more, once all was done", [world], ([{ limits, map, strangers }]) => {
    const known = strangers.map((accounts) => accounts.slice(0, 1))
    const after = followed(map, suggestions(map, known, limits), limits)
    deepStrictEqual(suggestions(after, known, limits), [])
  })

  it.prop("leaves out nobody, if nothing is in the way", [world], ([{ map: whole, strangers }]) => {
    const map = make(whole.entries, new Map(), {})
    const after = followed(map, suggestions(map, strangers, unconfigured), unconfigured)
    const members = [...list(map).flatMap(({ identities }) => identities), ...strangers.flat()]
    for (const one of members) {
      for (const other of members) {
        const isOne = strangers.some((accounts) => accounts.includes(one) && accounts.includes(other))
        if (isOne || !sharesLine(one, other) || one === other) continue
        // Of a stranger, one account is linked at most: that by which he was suggested.
        const met = (each: Identity) =>
          [each, ...strangers.flatMap((accounts) => (accounts.includes(each) ? accounts : []))].flatMap((account) =>
            Option.toArray(find(after, account))
          )
        assert.isTrue(
          met(one).some((id) => met(other).includes(id)),
          `${one} ${other}`
        )
      }
    }
  })

  it.prop("is not suggested again after a never, nor by another pair of the two", [world], ([one]) => {
    const { limits, map, strangers } = one
    for (const { mappings, pair } of suggestions(map, strangers, limits)) {
      const silenced = make(map.entries, new Map([...map.never, [nameOf(pair), pair]]), {})
      const membersOf = (each: Identity, mapping: Option.Option<IdentityMapping>) =>
        Option.match(mapping, {
          onNone: () => strangers.filter((accounts) => accounts.includes(each)).flat(),
          onSome: ({ identities }) => identities
        })
      const [first, second] = [membersOf(pair[0], mappings[0]), membersOf(pair[1], mappings[1])]
      for (const {
        pair: [left, right]
      } of suggestions(silenced, strangers, limits)) {
        assert.isFalse(first.includes(left) && second.includes(right))
        assert.isFalse(first.includes(right) && second.includes(left))
      }
    }
  })

  const whatsapp = the("whatsapp", long)
  const twilio = the("twilio", long)
  const john = the("telegram", "@john")
  const jane = the("telegram", "@jane")

  const decisions = (map: IdentityMap, ...strangers: ReadonlyArray<ReadonlyArray<Identity>>) =>
    suggestions(map, strangers, unconfigured).map(({ decision }) => decision)

  it("is linked anew, added, or merged, as it is linked so far", () => {
    deepStrictEqual(decisions(empty, [whatsapp], [the("twilio", short)]), [
      Decision.Link({ identities: [whatsapp, the("twilio", short)] })
    ])
    const one = mapOf([[whatsapp, john]])
    const into = WrittenSharedId.make("m0")
    deepStrictEqual(decisions(one, [twilio]), [Decision.Link({ identities: [twilio], into })])
    deepStrictEqual(
      decisions(
        mapOf([
          [whatsapp, john],
          [twilio, jane]
        ])
      ),
      [Decision.Link({ identities: [whatsapp, twilio], onConflict: "merge" })]
    )
  })

  it("passes over a stranger who is linked by now", () => {
    deepStrictEqual(
      decisions(
        mapOf([
          [whatsapp, john],
          [twilio, jane]
        ]),
        [twilio]
      ).length,
      1
    )
    deepStrictEqual(decisions(mapOf([[whatsapp, twilio]]), [twilio], [whatsapp, twilio]), [])
  })

  it("is an account of the same provider, where the stranger's is not known", () => {
    const unknown = [the("whatsapp", short), the("twilio", short)]
    deepStrictEqual(
      suggestions(mapOf([[twilio, john]]), [unknown], unconfigured).map(({ pair }) => pair),
      [[twilio, the("twilio", short)]]
    )
  })

  it("is the same number rather than the other spelling, of the same provider even", () => {
    const map = mapOf([
      [the("twilio", short), whatsapp, john],
      [twilio, jane]
    ])
    deepStrictEqual(
      suggestions(map, [], unconfigured).map(({ pair }) => pair),
      [[whatsapp, twilio]]
    )
  })

  it("takes two numbers for WhatsApp's, where nothing is known of either, as a bare number is taken everywhere", () => {
    const unknown = [long, short].map((number) => [the("whatsapp", number), the("twilio", number)])
    deepStrictEqual(decisions(empty, ...unknown), [Decision.Link({ identities: [whatsapp, the("whatsapp", short)] })])
  })

  it("is as many as may share a conversation, and no more", () => {
    const limits = (maxIdentities: number) => ({ maxIdentities, neverLink: [] })
    const map = mapOf([[whatsapp, john]])
    assert.lengthOf(suggestions(map, [[twilio]], limits(3)), 1)
    assert.lengthOf(suggestions(map, [[twilio]], limits(2)), 0)
    assert.lengthOf(suggestions(map, [[twilio], [the("whatsapp", short)]], limits(3)), 1)
  })

  it("is made once, however many lines two mappings have in common", () => {
    const other = [the("whatsapp", "+12345670001"), the("twilio", "+12345670001")] as const
    assert.lengthOf(
      suggestions(
        mapOf([
          [whatsapp, other[0]],
          [twilio, other[1]]
        ]),
        [],
        unconfigured
      ),
      1
    )
  })

  it("goes by the first mapping of an account that stands in two", () => {
    const map = mapOf([
      [whatsapp, john],
      [whatsapp, jane],
      [twilio, the("telegram", "7")]
    ])
    deepStrictEqual(decisions(map), [Decision.Link({ identities: [whatsapp, twilio], onConflict: "merge" })])
    deepStrictEqual(
      suggestions(map, [], unconfigured).map(({ mappings }) => mappings.map(Option.map(({ id }) => String(id)))),
      [[Option.some("m0"), Option.some("m2")]]
    )
  })

  it("takes no longer than to look at each of 100,000 mappings", () => {
    const numbers = Array.from({ length: 100_000 }, (_, index) => String(index).padStart(7, "0"))
    const entries = new Map(
      numbers.map((number, index) =>
        entryOf(`m${index}`, [
          the("whatsapp", `+55119${number.replace(/^./, "8")}1`),
          the("telegram", `@user${number}`)
        ])
      )
    )
    const map = make(
      entries,
      new Map(
        numbers.slice(1).map((number): [string, Pair] => {
          const pair: Pair = [the("telegram", `@user${number}`), the("telegram", "@user0000000")]
          return [nameOf(pair), pair]
        })
      ),
      {}
    )
    const strangers = numbers.slice(0, 1_000).map((number) => [the("twilio", `+5511${number.replace(/^./, "8")}1`)])
    const before = process.cpuUsage()
    const found = suggestions(map, strangers, unconfigured)
    const { user } = process.cpuUsage(before)
    assert.lengthOf(found, 1_000)
    assert.isBelow(user / 1_000, 1_000)
  })
})
