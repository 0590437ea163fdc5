import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { apply } from "../../src/identity/Change.js"
import { AlreadyUndone } from "../../src/identity/IdentityError.js"
import { empty } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { fold, unrecorded } from "../../src/identity/Journal.js"
import { absent } from "../../src/storage/Document.js"
import { intents } from "./decisions.js"
import { anyMap } from "./maps.js"
import { keeping, through, written } from "./world.js"

const now = Effect.flatMap(IdentityStore, ({ history, readable }) => Effect.all([history, readable]))

describe("what is not on record", () => {
  it("is nothing where nothing ever was", () => {
    deepStrictEqual(unrecorded([], { value: empty, revision: absent }), [])
  })

  it.effect.prop(
    "is nothing after any decision, and is what the history lacks to lead to the map after any edit",
    [anyMap, intents(undefined, 4), anyMap],
    ([map, wanted, edited]) =>
      keeping(({ edit }) =>
        Effect.gen(function* () {
          yield* edit(map)
          yield* through(wanted, () => {})
          const [history, before] = yield* now
          if (history.length > 0) deepStrictEqual(unrecorded(history, before), [])
          yield* edit(edited)
          const [same, after] = yield* now
          deepStrictEqual(same.length, history.length)
          deepStrictEqual(written(apply(fold(same), unrecorded(same, after))), written(edited))
        })
      ),
    { fastCheck: { numRuns: 30 } }
  )
})

describe("a change that is undone already", () => {
  it("says by which change, and how to have it back", () => {
    const { message } = new AlreadyUndone({ sequence: 3, by: 7 })
    assert.strictEqual(
      message,
      "change 3 is undone already, by change 7. Nothing was changed. To have it back: warelay identity undo 7"
    )
  })
})
