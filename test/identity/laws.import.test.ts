import { assert, describe, it } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { conflictPolicies, Decision } from "../../src/identity/Decision.js"
import { Identities } from "../../src/identity/Identities.js"
import { accountOf } from "../../src/identity/Identity.js"
import { find, get, type IdentityMap, list } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { fold } from "../../src/identity/Journal.js"
import { plan } from "../../src/identity/Plan.js"
import { WrittenRecord } from "../../src/identity/RecordedSchema.js"
import { intentOf, intents } from "./decisions.js"
import { isSound, people, soundMap } from "./maps.js"
import { fresh, keeping, through, type World, written } from "./world.js"

const Written = Schema.parseJson(Schema.Array(WrittenRecord))

/** What is in a store, as another one gets it: through text. */
const carried = Effect.gen(function* () {
  const { history, readable } = yield* IdentityStore
  const map = Either.getOrThrow(codec.decode(codec.encode((yield* readable).value)))
  const text = Schema.encodeSync(Written)(yield* history)
  return { map, history: Schema.decodeSync(Written)(text) }
})

const policy = FastCheck.constantFrom(...conflictPolicies)

const imported = (map: IdentityMap, other: IdentityMap, onConflict: (typeof conflictPolicies)[number], n = 1) =>
  plan(map, Decision.Import({ map: other, history: [], onConflict }), fresh(n))

describe("to import", () => {
  it.effect.prop(
    "what was exported gives all of it where there was nothing, and nothing the second time",
    [soundMap, intents(), policy],
    ([map, wanted, onConflict]) =>
      Effect.gen(function* () {
        const exported: World = yield* keeping(({ edit }) =>
          Effect.gen(function* () {
            yield* edit(map)
            yield* through(wanted, () => undefined)
            return yield* carried
          })
        )
        if (exported.map.entries.size + exported.map.never.size + exported.history.length === 0) return
        yield* keeping(() =>
          Effect.gen(function* () {
            const { change } = yield* Identities
            const { history, readable } = yield* IdentityStore
            const decision = Decision.Import({ ...exported, onConflict })
            yield* change(decision)
            assert.strictEqual(codec.encode((yield* readable).value), codec.encode(exported.map))
            const records = yield* history
            deepStrictEqual(records.slice(0, -1), exported.history)
            assert.strictEqual(records.at(-1)?.action, "import")
            assert.strictEqual(records.at(-1)?.sequence, (exported.history.at(-1)?.sequence ?? 0) + 1)
            deepStrictEqual(written(fold(records)), written(exported.map))
            deepStrictEqual((yield* change(decision)).changes, [])
            deepStrictEqual(yield* history, records)
          })
        )
      }),
    { fastCheck: { numRuns: 60 } }
  )

  it.effect.prop(
    "beside what is there leaves the history that is there, and one record more",
    [soundMap, soundMap, intents(intentOf("Link", "Rename", "Never"), 3), policy],
    ([map, other, wanted, onConflict]) =>
      keeping(({ edit }) =>
        Effect.gen(function* () {
          const { change } = yield* Identities
          const { history, readable } = yield* IdentityStore
          yield* edit(map)
          yield* through(wanted, () => undefined)
          const before = { map: (yield* readable).value, history: yield* history }
          FastCheck.pre(before.map.entries.size > 0)
          const from = yield* keeping(({ edit }) =>
            Effect.gen(function* () {
              yield* edit(other)
              const [one = people[0]!, other2 = people[1]!] = people
              yield* Effect.flatMap(Identities, ({ change }) => change(Decision.Never({ pair: [one, other2] })))
              return yield* carried
            })
          )
          const result = yield* Effect.either(change(Decision.Import({ ...from, onConflict })))
          if (Either.isLeft(result)) {
            deepStrictEqual({ map: (yield* readable).value, history: yield* history }, before)
            return
          }
          const records = yield* history
          const byHand = before.history.length === 0 && records.length > 0 ? 1 : 0
          assert.isAtMost(records.length, before.history.length + byHand + 1)
          deepStrictEqual(records.slice(0, before.history.length), before.history)
          if (records.length > 0) deepStrictEqual(written(fold(records)), written((yield* readable).value))
        })
      ),
    { fastCheck: { numRuns: 40 } }
  )

  it.prop(
    "the same twice changes nothing the second time",
    [soundMap, soundMap, policy],
    ([map, other, onConflict]) => {
      const first = imported(map, other, onConflict)
      FastCheck.pre(Either.isRight(first))
      const { after } = Either.getOrThrow(first)
      const again = Either.getOrThrow(imported(after, other, onConflict, 2))
      deepStrictEqual(again.changes, [])
      assert.strictEqual(codec.encode(again.after), codec.encode(after))
    }
  )

  it.prop("is refused as a whole, if that is wanted, where anything differs", [soundMap, soundMap], ([map, other]) => {
    const differs = list(other).some(
      (one) =>
        Option.exists(
          get(map, one.id),
          () => JSON.stringify(map.entries.get(one.id)?.raw) !== JSON.stringify(other.entries.get(one.id)?.raw)
        ) || one.identities.some((identity) => Option.exists(find(map, identity), (id) => id !== one.id))
    )
    const result = imported(map, other, "refuse")
    assert.strictEqual(Either.isLeft(result), differs)
    if (Either.isLeft(result)) {
      assert.include(["IdentityAlreadyLinked", "MappingExists"], result.left._tag)
      assert.include(result.left.message, "--on-conflict")
    } else {
      for (const [id, entry] of other.entries) deepStrictEqual(result.right.after.entries.get(id), entry)
      for (const [id, entry] of map.entries) deepStrictEqual(result.right.after.entries.get(id), entry)
    }
  })

  it.prop("takes the imported mappings as they are, if that is wanted", [soundMap, soundMap], ([map, other]) => {
    const { after } = Either.getOrThrow(imported(map, other, "move"))
    assert.isTrue(isSound(after))
    for (const [id, entry] of other.entries) deepStrictEqual(after.entries.get(id), entry)
    const brought = new Set(list(other).flatMap(({ identities }) => identities.map(accountOf)))
    for (const { id, identities } of list(map).filter(({ id }) => !other.entries.has(id))) {
      const left = Option.match(get(after, id), {
        onNone: () => [],
        onSome: ({ identities }) => identities.map(accountOf)
      })
      assert.isTrue(left.every((account) => identities.map(accountOf).includes(account) && !brought.has(account)))
    }
  })

  it("takes an account over under all of its names, whichever is named first", () => {
    const mapping = (id: string, telegram: ReadonlyArray<string>) => ({
      id,
      identities: { telegram },
      createdAt: "2024-01-01T00:00:00Z",
      updatedAt: "2024-01-01T00:00:00Z"
    })
    const mapOf = (one: object) =>
      Either.getOrThrow(codec.decode(JSON.stringify({ version: 1, mappings: { [Object(one).id]: one } })))
    const here = mapOf({ ...mapping("here", ["@john", "42"]), pins: { "@john": "42" } })
    for (const names of [
      ["42", "@john"],
      ["@john", "42"]
    ]) {
      const { after } = Either.getOrThrow(imported(here, mapOf(mapping("there", names)), "move"))
      deepStrictEqual(Array.from(after.entries.keys(), String), ["there"])
    }
  })

  it.prop(
    "keeps everybody together who is together on either side, if that is wanted",
    [soundMap, soundMap],
    ([map, other]) => {
      const { after } = Either.getOrThrow(imported(map, other, "merge"))
      assert.isTrue(isSound(after))
      for (const { identities } of [...list(map), ...list(other)]) {
        const owners = new Set(identities.map((one) => Option.getOrThrow(find(after, one))))
        assert.strictEqual(owners.size, 1)
      }
      // What was said in a mapping that is gone can go on in the one that took it in.
      for (const { id, identities } of [...list(map), ...list(other)]) {
        const [first] = identities
        const owner = Option.flatMap(
          Option.flatMap(Option.fromNullable(first), (one) => find(after, one)),
          (id) => get(after, id)
        )
        const { continues = [], id: now } = Option.getOrThrow(owner)
        const all = new Set<string>([now, ...continues])
        assert.isTrue(all.has(id))
        assert.strictEqual(all.size, continues.length + 1)
      }
    }
  )

  it.prop(
    "brings decisions about pairs and what stands beside the mappings, and takes none away",
    [soundMap, soundMap],
    ([map, other]) => {
      const { after } = Either.getOrThrow(imported(map, other, "merge"))
      assert.sameMembers(
        Array.from(after.never.keys()),
        Array.from(new Set([...map.never.keys(), ...other.never.keys()]))
      )
      assertNone(
        Either.getRight(imported(codec.empty, map, "refuse")).pipe(
          Option.filter(({ after }) => codec.encode(after) !== codec.encode(map))
        )
      )
    }
  )
})
