import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { mappingsIn } from "../../src/identity/Change.js"
import { Identities } from "../../src/identity/Identities.js"
import { accountOf } from "../../src/identity/Identity.js"
import { find, type JsonObject, list } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { fold } from "../../src/identity/Journal.js"
import { Actor } from "../../src/identity/Recorded.js"
import { described, intent, intentOf, intents, wishOf } from "./decisions.js"
import { anyMap, isSound, people, soundMap } from "./maps.js"
import { accountsOf } from "./named.js"
import { keeping, through, type World, written } from "./world.js"

const runs = { fastCheck: { numRuns: 60 } }

const foreign = (raw: object, ...ours: ReadonlyArray<string>) =>
  Object.fromEntries(Object.entries(raw).filter(([name]) => !ours.includes(name)))

const foreignIn = (raw: JsonObject) => ({
  beside: foreign(raw, "id", "name", "identities", "keep", "continues", "pins", "createdAt", "updatedAt"),
  within: foreign(Object(raw["identities"]), "whatsapp", "telegram", "twilio")
})

describe("one owner", () => {
  it.effect.prop(
    "an identity belongs to one mapping at most, whatever is decided in which order",
    [soundMap, intents()],
    ([map, wanted]) =>
      keeping(({ edit }) =>
        Effect.zipRight(
          edit(map),
          through(wanted, ({ after, wish }) => {
            assert.isTrue(isSound(after.map), described(wish))
            for (const mapping of list(after.map)) {
              for (const one of mapping.identities) deepStrictEqual(find(after.map, one), Option.some(mapping.id))
            }
          })
        )
      ),
    runs
  )

  it.effect.prop(
    "where an edit by hand broke that, no decision puts anybody into more mappings than he was in",
    [anyMap, intents(intentOf("Link", "Unlink", "Remove", "Leave", "Rename", "Pin", "Forget", "Import"), 6)],
    ([map, wanted]) =>
      keeping(({ edit }) =>
        Effect.zipRight(
          edit(map),
          through(wanted, ({ after, before, result, wish }) => {
            for (const one of people) {
              const held = ({ map }: World) =>
                list(map).filter(({ identities }) => accountsOf(identities).includes(accountOf(one))).length
              assert.isAtMost(held(after), Math.max(1, held(before)), `${one} by ${described(wish)}`)
            }
            if (wish._tag !== "Link" || wish.onConflict !== "move" || Either.isLeft(result)) return
            if (result.right.changes.length === 0) return
            for (const one of wish.identities) {
              deepStrictEqual(
                find(after.map, one),
                Option.map(result.right.mapping, ({ id }) => id)
              )
            }
          })
        )
      ),
    runs
  )
})

describe("a change and its record", () => {
  it.effect.prop(
    "what is refused changes nothing, what is so already neither, and all else is one record that says what it did",
    [anyMap, intents()],
    ([map, wanted]) =>
      keeping(({ edit }) =>
        Effect.zipRight(
          edit(map),
          through(wanted, ({ after, before, result, wish }) => {
            const what = described(wish)
            const made = Either.getOrUndefined(result)
            if (made === undefined || (made.changes.length === 0 && made.action !== "forget")) {
              assert.strictEqual(codec.encode(after.map), codec.encode(before.map), what)
              deepStrictEqual(after.history, before.history, what)
              return
            }
            // The edit that the map began with is on record with the first change.
            const edits = before.history.length === 0 && before.map.entries.size + before.map.never.size > 0 ? 1 : 0
            deepStrictEqual(
              after.history.map(({ sequence }) => sequence),
              Array.from({ length: before.history.length + edits + 1 }, (_, n) => n + 1),
              what
            )
            const record = after.history.at(-1)
            deepStrictEqual([record?.action, record?.by, record?.at], [made.action, "somebody", made.at], what)
            deepStrictEqual(record?.undoes, Option.getOrUndefined(made.undoes), what)
            for (const change of mappingsIn(record?.changes ?? [])) {
              for (const [place, { map }] of [
                [change.before, before],
                [change.after, after]
              ] as const) {
                const entries = Array.from(map.entries.values())
                const position = entries.findIndex(({ mapping }) => mapping.id === change.id)
                const expected = entries[position]
                if (made.action === "forget" && map === before.map) continue
                deepStrictEqual(
                  Option.getOrUndefined(place),
                  expected === undefined ? undefined : { mapping: expected.mapping, raw: expected.raw, position },
                  what
                )
              }
            }
          })
        )
      ).pipe(Effect.provideService(Actor, "somebody")),
    runs
  )

  it.effect.prop(
    "the history leads to the map, whatever was decided, and edited by hand between",
    [anyMap, FastCheck.array(FastCheck.tuple(anyMap, intents(intent, 4)), { minLength: 1, maxLength: 4 })],
    ([map, parts]) =>
      keeping(({ edit }) =>
        Effect.gen(function* () {
          yield* edit(map)
          for (const [edited, wanted] of parts) {
            let unrecorded = true
            yield* through(wanted, ({ after, before, wish }) => {
              unrecorded = unrecorded && after.history.length === before.history.length
              if (!unrecorded) deepStrictEqual(written(fold(after.history)), written(after.map), described(wish))
            })
            yield* edit(edited)
          }
        })
      ),
    runs
  )

  it.effect.prop(
    "what is not ours stays beside all mappings, in each of them and among its identities",
    [anyMap, intents(intentOf("Link", "Remove", "Leave", "Rename", "Pin", "Never", "Unlink"))],
    ([map, wanted]) =>
      keeping(({ edit }) =>
        Effect.zipRight(
          edit(map),
          through(wanted, ({ after, before, wish }) => {
            deepStrictEqual(foreign(after.map.raw, "mappings", "never"), foreign(before.map.raw, "mappings", "never"))
            for (const [id, { raw }] of after.map.entries) {
              const was = before.map.entries.get(id)?.raw
              if (was !== undefined) deepStrictEqual(foreignIn(raw), foreignIn(was), described(wish))
            }
          })
        )
      ),
    runs
  )

  it.effect.prop(
    "what is said to come is what comes",
    [anyMap, intents()],
    ([map, wanted]) =>
      keeping(({ edit, minted, rewind }) =>
        Effect.gen(function* () {
          const { change, preview } = yield* Identities
          yield* edit(map)
          let world: World = { map, history: [] }
          for (const one of wanted) {
            const wish = wishOf(one, world.map, world.history)
            const count = minted()
            const foreseen = yield* Effect.either(preview(wish))
            rewind(count)
            const done = yield* Effect.either(change(wish))
            const shown = Either.mapLeft(({ message }: { readonly message: string }) => message)
            deepStrictEqual(shown(done), shown(foreseen), described(wish))
            if (Either.isRight(done)) world = { map: done.right.after, history: yield* (yield* Identities).history }
          }
        })
      ),
    runs
  )
})
