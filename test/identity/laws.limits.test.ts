import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { ConfigInvalid } from "../../src/config/ConfigFile.js"
import { Decision } from "../../src/identity/Decision.js"
import { Identities, type Wish } from "../../src/identity/Identities.js"
import { accountOf } from "../../src/identity/Identity.js"
import { get, list } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { type Limits, LinkingSettings, unconfigured } from "../../src/identity/LinkingSettings.js"
import { plan } from "../../src/identity/Plan.js"
import { described, intents, wishOf } from "./decisions.js"
import { people, soundMap } from "./maps.js"
import { accountsOf } from "./named.js"
import { begun, decided, fresh, informed, keeping, type World } from "./world.js"

/** A configuration that a test changes; with none, one that cannot be read. */
const state: { limits: Limits | undefined } = { limits: unconfigured }
const settings = {
  limits: Effect.suspend(() =>
    state.limits === undefined
      ? Effect.fail(new ConfigInvalid({ problems: [{ source: "clawdis.json", reason: "it is not" }] }))
      : Effect.succeed(state.limits)
  )
}

const outcome = (wish: Wish) =>
  Effect.match(
    Effect.flatMap(Identities, ({ change }) => change(wish)),
    { onFailure: ({ _tag }) => _tag, onSuccess: () => "done" as const }
  )

const soundOf = (decision: Decision) => Either.getOrThrow(decided({ map: codec.empty, history: [] }, decision)).map

describe("limits", () => {
  const limits = FastCheck.record({
    maxIdentities: FastCheck.integer({ min: 2, max: 5 }),
    neverLink: FastCheck.subarray([...people], { maxLength: 3 })
  })

  it.prop(
    "hold wherever somebody comes to share a conversation, by whichever decision",
    [soundMap, soundMap, intents(), limits],
    ([map, other, wanted, { maxIdentities, neverLink }]) => {
      const world = wanted.reduce<World>(
        (world, one) => Either.getOrElse(decided(world, wishOf(one, world.map, world.history)), () => world),
        begun(map)
      )
      for (const [n, one] of wanted.entries()) {
        const wish = wishOf({ ...one, map: other }, world.map, world.history)
        const made = plan(world.map, informed(wish, world.history), fresh(n, { maxIdentities, neverLink }))
        const free = plan(world.map, informed(wish, world.history), fresh(n))
        if (Either.isLeft(made)) {
          // Nothing but the limits is in the way of what would be allowed without.
          if (Either.isRight(free)) assert.include(["TooManyIdentities", "IdentityNeverLinked"], made.left._tag)
          continue
        }
        for (const { id, identities } of list(made.right.after)) {
          const was = Option.match(get(world.map, id), { onNone: () => [], onSome: ({ identities }) => identities })
          const joined = accountsOf(identities).filter((account) => !accountsOf(was).includes(account))
          if (joined.length === 0) continue
          assert.isAtMost(identities.length, maxIdentities, described(wish))
          for (const never of neverLink) assert.notInclude(accountsOf(identities), accountOf(never), described(wish))
        }
      }
    }
  )

  it("what was linked before they were set may still be taken apart and renamed", () => {
    const identities = people.slice(0, 5)
    const strict = { maxIdentities: 2, neverLink: identities.slice(0, 1) }
    const linked = Either.getOrThrow(plan(begun(codec.empty).map, Decision.Link({ identities }), fresh(1))).after
    for (const decision of [
      Decision.Rename({ id: "new-1", name: "All" }),
      Decision.Remove({ id: "new-1", identities: identities.slice(1, 2) }),
      Decision.Leave({ id: "new-1", identity: people[0]! }),
      Decision.Unlink({ id: "new-1" }),
      Decision.Link({ identities: identities.slice(0, 2) }),
      Decision.Link({ identities, name: "All", into: "new-1" })
    ]) {
      assert.isTrue(Either.isRight(plan(linked, decision, fresh(2, strict))), described(decision))
    }
  })

  it.effect("come from the configuration, which nothing needs to be valid for that joins nobody", () =>
    keeping(() =>
      Effect.gen(function* () {
        const { change } = yield* Identities
        const [a, b, c, d] = people
        assert(a !== undefined && b !== undefined && c !== undefined && d !== undefined)
        const { mapping } = yield* change(Decision.Link({ identities: [a, b] }))
        const { id } = Option.getOrThrow(mapping)
        const other = soundOf(Decision.Link({ identities: [c, d] }))
        state.limits = { maxIdentities: 2, neverLink: [c, a] }
        const refused = [
          Decision.Link({ identities: [c, d] }),
          Decision.Link({ identities: [d], into: id }),
          Decision.Import({ map: other, history: [], onConflict: "move" })
        ]
        for (const wish of refused) {
          assert.include(["TooManyIdentities", "IdentityNeverLinked"], yield* outcome(wish))
        }
        yield* change(Decision.Unlink({ id }))
        assert.strictEqual(yield* outcome({ _tag: "Undo" }), "IdentityNeverLinked")
        state.limits = unconfigured
        yield* change({ _tag: "Undo" })
        state.limits = undefined
        for (const wish of [...refused, { _tag: "Undo" } as const]) {
          assert.strictEqual(yield* outcome(wish), "ConfigInvalid")
        }
        yield* change(Decision.Never({ pair: [c, d] }))
        yield* change(Decision.Pin({ id, username: d, number: people[6] ?? c }))
        yield* change(Decision.Rename({ id, name: "Both" }))
        yield* change(Decision.Remove({ id, identities: [a] }))
        yield* change(Decision.Leave({ id, identity: b }))
        yield* change(Decision.Unlink({ id }))
        yield* change(Decision.Forget({ identity: a }))
      })
    ).pipe(Effect.provideService(LinkingSettings, settings))
  )

  it("say who may not, and how many are too many", () => {
    const identities = people.slice(0, 3)
    const refusal = (limits: Partial<typeof unconfigured>) =>
      Either.getOrThrow(
        Either.flip(plan(codec.empty, Decision.Link({ identities }), fresh(1, { ...unconfigured, ...limits })))
      )
    assert.include(refusal({ maxIdentities: 2 }).message, "3 identities")
    assert.include(refusal({ maxIdentities: 2 }).message, "at most 2")
    assert.include(refusal({ neverLink: identities.slice(1, 2) }).message, "whatsapp:…0002")
  })
})
