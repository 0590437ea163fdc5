import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { archive } from "../../src/cli/run/archive.js"
import { empty } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { revisionOf } from "../../src/storage/Document.js"

/** A store that others change at each of the first so many looks. */
const busy = (looks: number) => {
  let count = 0
  return Effect.provideService(archive, IdentityStore, {
    current: Effect.succeed(empty),
    readable: Effect.sync(() => ({ value: empty, revision: revisionOf(String(Math.min((count += 1), looks))) })),
    history: Effect.succeed([]),
    commit: () => Effect.void
  })
}

describe("the map and its history", () => {
  it.effect("are those of one moment, however often they are changed meanwhile", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* busy(30)).snapshot.revision, revisionOf("30"))
    })
  )

  it.effect("are not shown at all where no such moment is met", () =>
    Effect.gen(function* () {
      const found = yield* Effect.either(busy(1_000))
      assert.strictEqual(Either.isLeft(found) ? found.left._tag : "", "IdentityMapChanged")
    })
  )
})
