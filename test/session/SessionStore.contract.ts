import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Key } from "../../src/session/Key.js"
import { SessionStore } from "../../src/session/SessionStore.js"
import type { Session } from "../../src/session/SessionTable.js"
import { SessionId } from "../../src/session/SessionId.js"

export const uuid = (n: number) => SessionId.make(`00000000-0000-4000-9000-${String(n).padStart(12, "0")}`)

const mom = Key.make("+1234567890")
const dad = Key.make("telegram:@dad")

const session = (n: number, rest: Partial<Session> = {}): Session => ({
  sessionId: uuid(n),
  updatedAt: 1000 + n,
  ...rest
})

const swap = (key: Key, before: Session | undefined, after: Session) =>
  Effect.flatMap(SessionStore, (store) => store.swap(key, Option.fromNullable(before), after))

const table = Effect.flatMap(SessionStore, ({ all }) => Effect.map(all, (all) => Object.fromEntries(all)))

/** What every store of sessions does, wherever it keeps them. Each test gets a store of its own, empty. */
export const storeContract = (name: string, layer: Layer.Layer<SessionStore>): void => {
  const provided = Effect.provide(layer)

  describe(`SessionStore in ${name}`, () => {
    it.scoped("is empty at first", () => Effect.map(table, (all) => deepStrictEqual(all, {})).pipe(provided))

    it.scoped("everybody sees a swap as soon as it is acknowledged", () =>
      Effect.gen(function* () {
        yield* swap(mom, undefined, session(1))
        deepStrictEqual(yield* table, { [mom]: session(1) })
        yield* swap(dad, undefined, session(2))
        yield* swap(mom, session(1), session(3))
        deepStrictEqual(yield* table, { [mom]: session(3), [dad]: session(2) })
      }).pipe(provided)
    )

    it.scoped("a session that is not what it was taken for is not replaced", () =>
      Effect.gen(function* () {
        yield* swap(mom, undefined, session(1))
        const wrong = [undefined, session(2), session(1, { updatedAt: 7 }), session(1, { forkOf: uuid(9) })]
        for (const before of wrong) {
          const refused = yield* Effect.flip(swap(mom, before, session(3)))
          assert.strictEqual(refused._tag, "SessionChanged")
          assert.notInclude(refused.message, "34567890")
        }
        assert.strictEqual((yield* Effect.flip(swap(dad, session(1), session(3))))._tag, "SessionChanged")
        deepStrictEqual(yield* table, { [mom]: session(1) })
      }).pipe(provided)
    )

    it.scoped("no two keys ever point at one session", () =>
      Effect.gen(function* () {
        yield* swap(mom, undefined, session(1))
        assert.strictEqual((yield* Effect.flip(swap(dad, undefined, session(1))))._tag, "SessionChanged")
        yield* swap(dad, undefined, session(2))
        assert.strictEqual((yield* Effect.flip(swap(dad, session(2), session(1))))._tag, "SessionChanged")
        yield* swap(mom, session(1), session(1, { updatedAt: 5 }))
        deepStrictEqual(yield* table, { [mom]: session(1, { updatedAt: 5 }), [dad]: session(2) })
      }).pipe(provided)
    )

    it.scoped("a session that somebody has ended meanwhile is not what it was taken for", () =>
      Effect.gen(function* () {
        yield* swap(mom, undefined, session(1))
        yield* swap(mom, session(1), session(1, { over: true }))
        assert.strictEqual((yield* Effect.flip(swap(mom, session(1), session(2))))._tag, "SessionChanged")
        deepStrictEqual(yield* table, { [mom]: session(1, { over: true }) })
      }).pipe(provided)
    )

    it.scoped("of swaps at the same time every one that fits is made, and no other", () =>
      Effect.gen(function* () {
        const keys = Array.from({ length: 50 }, (_, n) => Key.make(`telegram:${n + 1}`))
        const swaps = keys.flatMap((key, n) => [
          swap(key, undefined, session(n)),
          swap(key, undefined, session(n + 100))
        ])
        const exits = yield* Effect.forEach(swaps, Effect.exit, { concurrency: "unbounded" })
        assert.strictEqual(exits.filter(Exit.isSuccess).length, 50)
        const all = yield* table
        assert.sameMembers(Object.keys(all), keys)
        assert.strictEqual(new Set(Object.values(all).map(({ sessionId }) => sessionId)).size, 50)
      }).pipe(provided)
    )

    it.scoped("of keys that ask for one session at the same time one gets it", () =>
      Effect.gen(function* () {
        const keys = Array.from({ length: 20 }, (_, n) => Key.make(`telegram:${n + 1}`))
        const exits = yield* Effect.forEach(keys, (key) => Effect.exit(swap(key, undefined, session(1))), {
          concurrency: "unbounded"
        })
        assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
        assert.strictEqual(Object.keys(yield* table).length, 1)
      }).pipe(provided)
    )

    it.scoped("what is taken out is gone, however a username is spelt, and the others stay", () =>
      Effect.gen(function* () {
        const { remove } = yield* SessionStore
        yield* swap(mom, undefined, session(1))
        yield* swap(dad, undefined, session(2))
        yield* remove([Key.make("telegram:@DAD"), Key.make("telegram:42")])
        deepStrictEqual(yield* table, { [mom]: session(1) })
        yield* remove([dad])
        deepStrictEqual(yield* table, { [mom]: session(1) })
        yield* swap(dad, undefined, session(2))
        deepStrictEqual(yield* table, { [mom]: session(1), [dad]: session(2) })
      }).pipe(provided)
    )

    it.scoped("fields that it does not know are kept", () =>
      Effect.gen(function* () {
        const odd = { ...session(1), systemSent: true, note: { deep: [1, null, "x"] } }
        yield* swap(mom, undefined, odd)
        yield* swap(dad, undefined, session(2))
        deepStrictEqual(yield* table, { [mom]: odd, [dad]: session(2) })
      }).pipe(provided)
    )
  })
}
