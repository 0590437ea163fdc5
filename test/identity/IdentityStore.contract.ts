import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { apply, invert } from "../../src/identity/Change.js"
import { Decision } from "../../src/identity/Decision.js"
import * as Identities from "../../src/identity/Identities.js"
import type { Identity } from "../../src/identity/Identity.js"
import { find, type IdentityMap, list } from "../../src/identity/IdentityMap.js"
import { WrittenSharedId, WrittenTimestamp } from "../../src/identity/IdentityMappingSchema.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import * as Journal from "../../src/identity/Journal.js"
import { unconfigured } from "../../src/identity/LinkingSettings.js"
import { plan } from "../../src/identity/Plan.js"
import type { Fresh } from "../../src/identity/plan/Next.js"
import { Actor } from "../../src/identity/Recorded.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import { the } from "./arbitrary.js"

const phone = the("whatsapp", "+1234567890")
const john = the("telegram", "@john")
const sms = the("twilio", "+1234567890")
const mary = the("telegram", "@mary")

const fresh = (id: string): Fresh => ({
  now: WrittenTimestamp.make("2026-01-01T00:00:00.000Z"),
  by: "test",
  id: WrittenSharedId.make(id),
  limits: unconfigured
})

const linkOf = (identities: ReadonlyArray<Identity>, name?: string, keep?: Identity | "none") =>
  Decision.Link({ identities, name, keep })

const planned = (decision: Decision, id: string) =>
  Effect.gen(function* () {
    const { readable } = yield* IdentityStore
    const { revision, value } = yield* readable
    return { revision, plan: yield* plan(value, decision, fresh(id)) }
  })

const entriesOf = (map: IdentityMap) => Array.from(map.entries, ([id, { mapping, raw }]) => ({ id, mapping, raw }))

const idsNow = Effect.gen(function* () {
  const { current, readable } = yield* IdentityStore
  const [routed, decided] = [yield* current, (yield* readable).value]
  deepStrictEqual(list(routed), list(decided))
  return list(routed).map(({ id }) => String(id))
})

/** What every store of the identity map does, wherever it keeps it. Each test gets a store of its own, empty. */
export const storeContract = (name: string, layer: Layer.Layer<IdentityStore>): void => {
  const provided = Effect.provide(layer)

  describe(`IdentityStore in ${name}`, () => {
    it.scoped("is empty at first", () => Effect.map(idsNow, (ids) => deepStrictEqual(ids, [])).pipe(provided))

    it.scoped("everybody sees a change as soon as it is acknowledged", () =>
      Effect.gen(function* () {
        const { commit, current } = yield* IdentityStore
        const first = yield* planned(linkOf([phone, john]), "a")
        yield* commit(first.revision, first.plan)
        deepStrictEqual(yield* idsNow, ["a"])
        deepStrictEqual(find(yield* current, john), Option.some(WrittenSharedId.make("a")))
        const second = yield* planned(linkOf([sms, mary]), "b")
        yield* commit(second.revision, second.plan)
        deepStrictEqual(yield* idsNow, ["a", "b"])
        const third = yield* planned(Decision.Unlink({ id: "a" }), "unused")
        yield* commit(third.revision, third.plan)
        deepStrictEqual(yield* idsNow, ["b"])
        deepStrictEqual(find(yield* current, john), Option.none())
      }).pipe(provided)
    )

    it.scoped("a plan is made on the map that it was made for, and on no other", () =>
      Effect.gen(function* () {
        const { commit } = yield* IdentityStore
        const one = yield* planned(linkOf([phone, john]), "a")
        const other = yield* planned(linkOf([sms, mary]), "b")
        yield* commit(one.revision, one.plan)
        const refused = yield* Effect.flip(commit(other.revision, other.plan))
        assert.strictEqual(refused._tag, "IdentityMapChanged")
        deepStrictEqual(yield* idsNow, ["a"])
        const again = yield* planned(linkOf([sms, mary]), "b")
        yield* commit(again.revision, again.plan)
        deepStrictEqual(yield* idsNow, ["a", "b"])
      }).pipe(provided)
    )

    it.scoped("a plan without changes is done, whatever happened to the map meanwhile", () =>
      Effect.gen(function* () {
        const { commit } = yield* IdentityStore
        const first = yield* planned(linkOf([phone, john]), "a")
        yield* commit(first.revision, first.plan)
        const nothing = yield* planned(linkOf([john, phone]), "unused")
        deepStrictEqual(nothing.plan.changes, [])
        const second = yield* planned(linkOf([sms, mary]), "b")
        yield* commit(second.revision, second.plan)
        yield* commit(nothing.revision, nothing.plan)
        deepStrictEqual(yield* idsNow, ["a", "b"])
      }).pipe(provided)
    )

    it.scoped("of plans made for one map exactly one is carried out", () =>
      Effect.gen(function* () {
        const { commit } = yield* IdentityStore
        const plans = yield* Effect.forEach([0, 1, 2, 3, 4, 5], (n) =>
          planned(linkOf([the("telegram", `${n + 10}`), the("telegram", `${n + 20}`)]), `m${n}`)
        )
        const exits = yield* Effect.forEach(plans, ({ plan, revision }) => Effect.exit(commit(revision, plan)), {
          concurrency: "unbounded"
        })
        assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
        assert.strictEqual((yield* idsNow).length, 1)
      }).pipe(provided)
    )
  })
}

/** What changing and asking comes to over any store. */
export const identitiesContract = (name: string, store: Layer.Layer<IdentityStore>): void => {
  const provided = <A, E>(effect: Effect.Effect<A, E, Identities.Identities | IdentityStore>) =>
    effect.pipe(Effect.provide(Identities.layer), Effect.provide(SharedIds.layerTest), Effect.provide(store))

  const change = (wish: Identities.Wish) => Effect.flatMap(Identities.Identities, ({ change }) => change(wish))
  const readable = Effect.flatMap(IdentityStore, ({ readable }) => readable)
  const done = (decision: Identities.Wish) => Effect.map(change(decision), ({ mapping }) => Option.getOrThrow(mapping))
  const all = Effect.flatMap(Identities.Identities, ({ list }) => list)

  describe(`Identities in ${name}`, () => {
    it.scoped("a new mapping has what was decided, and was created when it was last changed", () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(1_704_067_200_123)
        const mapping = yield* done(linkOf([john, phone], "John Doe", john))
        deepStrictEqual(yield* all, [mapping])
        deepStrictEqual([mapping.id, mapping.name, mapping.keep, mapping.createdAt].map(String), [
          "shared-00000000-00000001",
          "John Doe",
          "telegram:@john",
          "2024-01-01T00:00:00.123Z"
        ])
        assert.strictEqual(mapping.updatedAt, mapping.createdAt)
        assert.sameDeepMembers([...mapping.identities], [phone, john])
      }).pipe(provided)
    )

    it.scoped("a mapping is found by its id and by each identity in it", () =>
      Effect.gen(function* () {
        const { find, get } = yield* Identities.Identities
        const mapping = yield* done(linkOf([phone, john]))
        deepStrictEqual(yield* get(mapping.id), Option.some(mapping))
        deepStrictEqual(yield* find(phone), Option.some(mapping))
        deepStrictEqual(yield* find(the("telegram", "@JOHN")), Option.some(mapping))
        deepStrictEqual(yield* find(sms), Option.none())
        for (const id of ["", "nobody", "constructor", "__proto__", "toString", mapping.id.toUpperCase()]) {
          deepStrictEqual(yield* get(id), Option.none(), id)
        }
      }).pipe(provided)
    )

    it.scoped("mappings are listed oldest first, and unlinking gives the one that is gone", () =>
      Effect.gen(function* () {
        const one = yield* done(linkOf([phone, john]))
        const other = yield* done(linkOf([sms, mary]))
        deepStrictEqual(yield* all, [one, other])
        const gone = yield* done(Decision.Unlink({ id: one.id }))
        deepStrictEqual(gone, one)
        deepStrictEqual(yield* all, [other])
      }).pipe(provided)
    )

    it.scoped("fewer than two different accounts are refused", () =>
      Effect.gen(function* () {
        for (const identities of [[], [phone], [phone, phone], [john, the("telegram", "@JOHN")]]) {
          const refusal = yield* Effect.flip(change(linkOf(identities)))
          assert.strictEqual(refusal._tag, "TooFewIdentities")
          assert.include(refusal.message, "two different identities")
        }
        deepStrictEqual(yield* all, [])
      }).pipe(provided)
    )

    it.scoped("an identity belongs to one mapping, and who asks for more is told which", () =>
      Effect.gen(function* () {
        const mapping = yield* done(linkOf([phone, john], "John"))
        const asked = [
          linkOf([phone, mary]),
          linkOf([mary, the("telegram", "@JOHN")]),
          linkOf([phone, john, mary]),
          linkOf([phone, john], "Johnny"),
          linkOf([phone, john], "John", "none")
        ]
        for (const decision of asked) {
          const refusal = yield* Effect.flip(change(decision))
          assert.strictEqual(refusal._tag, "IdentityAlreadyLinked")
          assert.include(refusal.message, mapping.id)
          assert.include(refusal.message, "Nothing was changed")
        }
        deepStrictEqual(yield* all, [mapping])
      }).pipe(provided)
    )

    it.scoped("what is so already is done", () =>
      Effect.gen(function* () {
        const mapping = yield* done(linkOf([phone, john, sms], "John", "none"))
        const same = [
          linkOf([phone, john, sms]),
          linkOf([the("telegram", "@JOHN"), phone]),
          linkOf([phone, john, phone], "John"),
          linkOf([john, phone], "John", "none"),
          // Some of those who share a conversation do.
          linkOf([sms, phone]),
          Decision.Link({ identities: [john], into: mapping.id })
        ]
        for (const decision of same) {
          const plan = yield* change(decision)
          deepStrictEqual(plan.changes, [])
          deepStrictEqual(plan.mapping, Option.some(mapping))
        }
        deepStrictEqual(yield* all, [mapping])
      }).pipe(provided)
    )

    it.scoped("the history to keep is that of somebody in the mapping, or nobody's", () =>
      Effect.gen(function* () {
        const refusal = yield* Effect.flip(change(linkOf([phone, john], "John", sms)))
        assert.strictEqual(refusal._tag, "IdentityNotInMapping")
        assert.include(refusal.message, "twilio:+1234567890")
        const mapping = yield* done(linkOf([phone, john], undefined, the("telegram", "@JOHN")))
        assert.strictEqual(mapping.keep, "telegram:@john")
        const other = yield* done(linkOf([sms, mary], undefined, "none"))
        assert.strictEqual(other.keep, "none")
      }).pipe(provided)
    )

    it.scoped("an unknown mapping cannot be unlinked, and any text may be asked for", () =>
      Effect.gen(function* () {
        yield* change(linkOf([phone, john]))
        for (const id of ["nobody", "", "constructor", "__proto__", "\u001b[2J"]) {
          const refusal = yield* Effect.flip(change(Decision.Unlink({ id })))
          assert.strictEqual(refusal._tag, "MappingNotFound")
          assert.include(refusal.message, JSON.stringify(id))
        }
        assert.strictEqual((yield* all).length, 1)
      }).pipe(provided)
    )

    it.scoped("an id that is in use is not given twice", () =>
      Effect.gen(function* () {
        const used = (yield* done(linkOf([phone, john]))).id
        const ids = [used, used, WrittenSharedId.make("shared-00000000-0000000f")].values()
        const repeating = SharedIds.SharedIds.of({ mint: Effect.sync(() => ids.next().value ?? used) })
        const mapping = yield* done(linkOf([sms, mary])).pipe(
          Effect.provide(Identities.layer),
          Effect.provideService(SharedIds.SharedIds, repeating)
        )
        assert.strictEqual(String(mapping.id), "shared-00000000-0000000f")
      }).pipe(provided)
    )

    it.scoped("every change is one record: its number, when, by whom, what, and everything before and after", () =>
      Effect.gen(function* () {
        const { history } = yield* Identities.Identities
        deepStrictEqual(yield* history, [])
        const anna = the("telegram", "@anna")
        const { id } = yield* done(linkOf([phone, john], "John"))
        const wishes: ReadonlyArray<readonly [action: string, wish: Identities.Wish]> = [
          ["rename", Decision.Rename({ id, name: "Johnny" })],
          ["link", Decision.Link({ identities: [sms], into: id })],
          ["pin", Decision.Pin({ id, username: john, number: the("telegram", "42") })],
          ["never", Decision.Never({ pair: [sms, mary] })],
          ["unlink", Decision.Remove({ id, identities: [sms] })],
          ["undo", { _tag: "Undo" }],
          ["unlink", Decision.Leave({ id, identity: john })],
          ["link", linkOf([mary, anna])],
          ["link", Decision.Link({ identities: [anna, john], onConflict: "merge" })],
          ["unlink", Decision.Unlink({ id })]
        ]
        for (const [n, [action, wish]] of wishes.entries()) {
          yield* TestClock.adjust("1 minute")
          const before = (yield* readable).value
          const plan = yield* change(wish).pipe(Effect.provideService(Actor, `person ${n}`))
          const after = (yield* readable).value
          const records = yield* history
          assert.strictEqual(records.length, n + 2)
          const record = records.at(-1)
          deepStrictEqual(
            [record?.sequence, record?.at, record?.by, record?.action, record?.undoes],
            [n + 2, plan.at, `person ${n}`, action, action === "undo" ? n + 1 : undefined]
          )
          deepStrictEqual(record?.changes, plan.changes)
          deepStrictEqual(entriesOf(apply(before, record?.changes ?? [])), entriesOf(after))
          deepStrictEqual(entriesOf(apply(after, invert(record?.changes ?? []))), entriesOf(before))
          deepStrictEqual([record?.base, record?.result], [records.at(-2)?.result, (yield* readable).revision])
          const folded = Journal.fold(records)
          deepStrictEqual([entriesOf(folded), folded.never], [entriesOf(after), after.never])
        }
      }).pipe(provided)
    )

    it.scoped("what is refused and what is so already leave no record", () =>
      Effect.gen(function* () {
        const { history } = yield* Identities.Identities
        const { id } = yield* done(linkOf([phone, john], "John", "none"))
        yield* change(Decision.Never({ pair: [sms, mary] }))
        const before = yield* history
        const refused: ReadonlyArray<Identities.Wish> = [
          linkOf([phone, mary]),
          linkOf([sms]),
          Decision.Link({ identities: [sms], into: "nobody" }),
          Decision.Link({ identities: [sms], into: id, keep: sms }),
          Decision.Unlink({ id: "nobody" }),
          Decision.Remove({ id, identities: [mary] }),
          Decision.Leave({ id, identity: mary }),
          Decision.Rename({ id: "nobody", name: "Nobody" }),
          Decision.Never({ pair: [john, the("telegram", "@JOHN")] }),
          { _tag: "Undo", sequence: 99 }
        ]
        for (const wish of refused) {
          const result = yield* Effect.either(change(wish))
          assert.isTrue(Either.isLeft(result) && result.left.message.length > 20, wish._tag)
        }
        const already: ReadonlyArray<Identities.Wish> = [
          linkOf([john, phone], "John", "none"),
          Decision.Link({ identities: [john], into: id }),
          Decision.Remove({ id, identities: [] }),
          Decision.Rename({ id, name: "John" }),
          Decision.Never({ pair: [mary, sms] }),
          Decision.Pin({ id, username: mary, number: the("telegram", "42") }),
          Decision.Import({ map: (yield* readable).value, history: before, onConflict: "refuse" })
        ]
        for (const wish of already) deepStrictEqual((yield* change(wish)).changes, [], wish._tag)
        deepStrictEqual(yield* history, before)
      }).pipe(provided)
    )

    it.scoped("to forget somebody is on record without him, and so is all that came before", () =>
      Effect.gen(function* () {
        const { history } = yield* Identities.Identities
        const { id } = yield* done(linkOf([phone, john, sms], "John", john))
        yield* change(Decision.Rename({ id, name: "the one called @john" }))
        yield* change(Decision.Never({ pair: [john, mary] }))
        const { action, mapping } = yield* change(Decision.Forget({ identity: the("telegram", "@JOHN") }))
        assert.strictEqual(action, "forget")
        assert.strictEqual(Option.getOrUndefined(mapping)?.id, id)
        const records = yield* history
        deepStrictEqual(
          records.map(({ action, sequence }) => `${sequence} ${action}`),
          ["1 link", "2 rename", "3 never", "4 forget"]
        )
        assert.notInclude(JSON.stringify(records).toLowerCase(), "@john")
        deepStrictEqual(entriesOf(Journal.fold(records)), entriesOf((yield* readable).value))
        const [left] = yield* all
        assert.strictEqual(left?.name, "the one called [forgotten]")
        assert.isUndefined(left?.keep)
        deepStrictEqual(yield* Effect.flatMap(Identities.Identities, ({ find }) => find(john)), Option.none())
        // Who was never there leaves a record of the wish alone.
        yield* change(Decision.Forget({ identity: the("telegram", "@nobody") }))
        deepStrictEqual((yield* history).at(-1)?.changes, [])
        assert.strictEqual((yield* Effect.flip(change({ _tag: "Undo" })))._tag, "ForgottenForGood")
      }).pipe(provided)
    )

    it.scoped("what would be done is said, and not done", () =>
      Effect.gen(function* () {
        const { history, preview } = yield* Identities.Identities
        const { id } = yield* done(linkOf([phone, john]))
        const before = yield* history
        const wishes: ReadonlyArray<Identities.Wish> = [
          Decision.Link({ identities: [sms], into: id }),
          Decision.Unlink({ id }),
          Decision.Forget({ identity: john }),
          { _tag: "Undo" }
        ]
        for (const wish of wishes) {
          const plan = yield* preview(wish)
          assert.isAbove(plan.changes.length, 0)
          deepStrictEqual(plan.before, (yield* readable).value)
        }
        assert.strictEqual((yield* Effect.flip(preview(Decision.Unlink({ id: "nobody" }))))._tag, "MappingNotFound")
        assert.strictEqual((yield* all).length, 1)
        deepStrictEqual(yield* history, before)
      }).pipe(provided)
    )

    it.scopedLive("changes made at the same time all land", () =>
      Effect.gen(function* () {
        const numbers = Array.from({ length: 60 }, (_, n) => n + 1)
        yield* Effect.forEach(
          numbers,
          (n) => change(linkOf([the("telegram", `${n}`), the("telegram", `${n + 100}`)])),
          {
            concurrency: "unbounded"
          }
        )
        const mappings = yield* all
        assert.strictEqual(mappings.length, 60)
        yield* Effect.forEach(mappings, ({ id }) => change(Decision.Unlink({ id })), { concurrency: "unbounded" })
        deepStrictEqual(yield* all, [])
      }).pipe(provided)
    )

    it.scopedLive("of two who link one identity at the same time one is refused", () =>
      Effect.gen(function* () {
        const both = yield* Effect.forEach(
          [linkOf([phone, john]), linkOf([phone, mary])],
          (decision) => Effect.either(change(decision)),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(both.filter(Either.isRight).length, 1)
        const [refused] = both.filter(Either.isLeft)
        assert.strictEqual(refused?.left._tag, "IdentityAlreadyLinked")
        assert.strictEqual((yield* all).length, 1)
      }).pipe(provided)
    )
  })
}
