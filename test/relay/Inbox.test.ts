import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Inbox from "../../src/relay/Inbox.js"
import * as Recent from "../../src/relay/Recent.js"
import { direct } from "../support/channel.js"

describe("Inbox", () => {
  it.effect("a message is new once, however often and from however many at once it comes", () =>
    Effect.gen(function* () {
      const { accept } = yield* Inbox.Inbox
      const message = direct("telegram", "telegram:42", "Hello")
      const all = yield* Effect.all(
        Array.from({ length: 10 }, () => accept(message)),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(all.filter((isNew) => isNew).length, 1)
      assert.isFalse(yield* accept(message))
    }).pipe(Effect.provide(Inbox.layerMemory))
  )

  it.effect("equal ids in two channels are two messages, and two equal texts are", () =>
    Effect.gen(function* () {
      const { accept } = yield* Inbox.Inbox
      assert.isTrue(yield* accept(direct("telegram", "telegram:42", "Hello", { id: "1" })))
      assert.isTrue(yield* accept(direct("twilio", "+1234567890", "Hello", { id: "1" })))
      assert.isTrue(yield* accept(direct("telegram", "telegram:42", "Hello", { id: "2" })))
    }).pipe(Effect.provide(Inbox.layerMemory))
  )

  it.effect("what is remembered is bounded, and the oldest is forgotten first", () =>
    Effect.gen(function* () {
      const isNew = yield* Recent.make(3)
      for (const name of ["a", "b", "c", "d"]) assert.isTrue(yield* isNew(name))
      assert.isFalse(yield* isNew("b"))
      assert.isFalse(yield* isNew("d"))
      assert.isTrue(yield* isNew("a"))
      assert.isTrue(yield* isNew("b"))
    })
  )
})
