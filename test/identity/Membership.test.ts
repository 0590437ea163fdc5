import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { type ConflictPolicy, Decision } from "../../src/identity/Decision.js"
import { accountOf, type Identity } from "../../src/identity/Identity.js"
import { empty, find, type IdentityMap } from "../../src/identity/IdentityMap.js"
import { WrittenSharedId, WrittenTimestamp } from "../../src/identity/IdentityMappingSchema.js"
import { unconfigured } from "../../src/identity/LinkingSettings.js"
import { joinedBy, lastOf, memberships } from "../../src/identity/Membership.js"
import { plan } from "../../src/identity/Plan.js"
import type { Recorded } from "../../src/identity/Recorded.js"
import { absent } from "../../src/storage/Document.js"
import { fewIdentities, the } from "./arbitrary.js"

interface Told {
  readonly map: IdentityMap
  readonly history: ReadonlyArray<Recorded>
}

/** What becomes of an empty map by these decisions, without those that are refused or change nothing. */
const told = (decisions: ReadonlyArray<Decision>): Told =>
  decisions.reduce<Told>(
    ({ history, map }, decision, index) => {
      const fresh = {
        now: WrittenTimestamp.make("2026-01-01T00:00:00.000Z"),
        by: "test",
        id: WrittenSharedId.make(`m${index}`),
        limits: unconfigured
      }
      const planned = plan(map, decision, fresh)
      if (Either.isLeft(planned) || planned.right.changes.length === 0) return { map, history }
      const { action, after, at, by, changes } = planned.right
      const record = { sequence: history.length + 1, at, by, action, base: absent, result: absent, changes }
      return { map: after, history: [...history, record] }
    },
    { map: empty, history: [] }
  )

const john = the("telegram", "@john")
const phone = the("whatsapp", "+12345670001")
const text = the("twilio", "+12345670001")
const mary = the("telegram", "@Mary")

const decision = FastCheck.oneof(
  FastCheck.record({
    identities: FastCheck.subarray([...fewIdentities], { minLength: 2 }),
    onConflict: FastCheck.constantFrom<ConflictPolicy>("refuse", "move", "merge")
  }).map((link) => Decision.Link(link)),
  FastCheck.nat(8).map((index) => Decision.Unlink({ id: `m${index}` })),
  FastCheck.tuple(FastCheck.nat(8), FastCheck.subarray([...fewIdentities], { minLength: 1 })).map(
    ([index, identities]) => Decision.Remove({ id: `m${index}`, identities })
  ),
  FastCheck.tuple(FastCheck.nat(8), FastCheck.constantFrom("7", "42")).map(([index, number]) =>
    Decision.Pin({ id: WrittenSharedId.make(`m${index}`), username: john, number: the("telegram", number) })
  )
)

describe("the record of who is where", () => {
  it.prop(
    "says of everybody in a mapping by which change, and of nobody else",
    [FastCheck.array(decision, { maxLength: 12 })],
    ([decisions]) => {
      const { history, map } = told(decisions)
      const all = memberships(history)
      for (const one of [...fewIdentities, the("telegram", "7")]) {
        const owner = find(map, one)
        for (const id of ["m0", "m1", "m2", "m3"].map((id) => WrittenSharedId.make(id))) {
          const record = joinedBy(all, one, id)
          if (Option.contains(owner, id)) assert.isTrue(Option.isSome(record))
        }
        assert.strictEqual(
          Option.exists(lastOf(all, one), ({ joined }) => joined),
          Option.isSome(owner)
        )
        // Whoever is in, came in by the last change that was about him, in which he was not there before.
        for (const id of Option.toArray(owner)) {
          for (const { changes } of Option.toArray(joinedBy(all, one, id))) {
            const [change] = changes.filter((each) => each._tag === "Mapping" && each.id === id)
            assert.isTrue(change?._tag === "Mapping" && Option.isSome(change.after))
            if (change?._tag !== "Mapping") return
            const names = (placed: typeof change.before) =>
              Option.toArray(placed).flatMap(({ mapping }) => [
                ...mapping.identities.map(accountOf),
                ...Object.values(mapping.pins ?? {}).map((number) => `telegram:${number}`)
              ])
            assert.include(names(change.after), accountOf(one))
            assert.notInclude(names(change.before), accountOf(one))
          }
        }
      }
    }
  )

  const sequences = (history: ReadonlyArray<Recorded>, identity: Identity) =>
    (memberships(history).get(accountOf(identity)) ?? []).map(({ id, joined, record }) => [record.sequence, id, joined])

  it.each([
    ["m0", "m1"],
    ["m1", "m0"]
  ])("has a move from %s to %s as a leaving and then a joining", (from, to) => {
    const groups = [
      [phone, mary],
      [text, the("whatsapp", "1@lid")]
    ].map((group, index) => (`m${index}` === from ? [...group, john] : group))
    const { history } = told([
      ...groups.map((identities) => Decision.Link({ identities })),
      Decision.Link({ identities: [john], into: to, onConflict: "move" })
    ])
    deepStrictEqual(sequences(history, john), [
      [from === "m0" ? 1 : 2, from, true],
      [3, from, false],
      [3, to, true]
    ])
    assertNone(joinedBy(memberships(history), john, WrittenSharedId.make(from)))
  })

  it("takes a pin for a joining of the account's number, which leaves with the name", () => {
    const number = the("telegram", "42")
    const { history } = told([
      Decision.Link({ identities: [phone, john] }),
      Decision.Pin({ id: WrittenSharedId.make("m0"), username: john, number }),
      Decision.Remove({ id: "m0", identities: [john] })
    ])
    deepStrictEqual(sequences(history, number), [
      [2, "m0", true],
      [3, "m0", false]
    ])
  })

  it("keeps the change that somebody came in by through changes about others", () => {
    const { history } = told([
      Decision.Link({ identities: [phone, john] }),
      Decision.Rename({ id: "m0", name: "John" }),
      Decision.Link({ identities: [mary], into: "m0" }),
      Decision.Never({ pair: [text, mary] })
    ])
    assert.lengthOf(history, 4)
    assertSome(
      Option.map(joinedBy(memberships(history), phone, WrittenSharedId.make("m0")), ({ sequence }) => sequence),
      1
    )
    assertSome(
      Option.map(joinedBy(memberships(history), mary, WrittenSharedId.make("m0")), ({ sequence }) => sequence),
      3
    )
    assertNone(lastOf(memberships(history), text))
  })
})
