import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { SenderContext } from "../../src/session/SenderContext.js"
import * as SessionIds from "../../src/session/SessionIds.js"
import { sessionFields } from "../../src/session/SessionSettings.js"
import { SessionId } from "../../src/session/SessionId.js"

const settings = Schema.decodeUnknownEither(Schema.Struct(sessionFields))
const context = Schema.decodeUnknownEither(SenderContext)

describe("the settings of the sessions", () => {
  it("are a conversation per sender, and an hour until it is over, where nothing is set", () => {
    deepStrictEqual(settings({}), Either.right({ scope: "per-sender", idleMinutes: 60 } as const))
  })

  it("can be set to what there is, and to nothing else", () => {
    assert.isTrue(Either.isRight(settings({ scope: "global", idleMinutes: 1 })))
    for (const wrong of [{ scope: "mine" }, { idleMinutes: 0.9 }, { idleMinutes: -1 }, { idleMinutes: "60" }]) {
      assert.isTrue(Either.isLeft(settings(wrong)), JSON.stringify(wrong))
    }
    const mine = settings({ scope: "mine" })
    assert.include(Either.isLeft(mine) ? mine.left.message : "", '"per-sender" or "global" is expected')
    const short = settings({ idleMinutes: 0.9 })
    assert.include(Either.isLeft(short) ? short.left.message : "", "a number of minutes from 1 on")
  })
})

describe("what a transport knows of a sender", () => {
  it("may be nothing, and has no provider and no kind of chat that we do not know", () => {
    const all = { From: "+1234567890", provider: "twilio", chatType: "direct", aliases: ["US.1a"] } as const
    deepStrictEqual(context(all), Either.right(all))
    deepStrictEqual(context({}), Either.right({}))
    for (const wrong of [
      { From: 5 },
      { provider: "signal" },
      { chatType: "channel" },
      { aliases: "x" },
      { aliases: [5] }
    ]) {
      assert.isTrue(Either.isLeft(context(wrong)), JSON.stringify(wrong))
    }
  })
})

describe("a session's id", () => {
  it.effect("is a UUID that no session has had", () =>
    Effect.gen(function* () {
      const { mint } = yield* SessionIds.SessionIds
      const ids = yield* Effect.replicateEffect(mint, 100)
      assert.strictEqual(new Set(ids).size, 100)
      for (const id of ids) assert.isTrue(Schema.is(SessionId)(id))
    }).pipe(Effect.provide(SessionIds.layer))
  )
})

describe("a session's id", () => {
  it("is the same in either case", () => {
    const lower = "aaaaaaaa-1111-4111-8111-111111111111"
    assert.strictEqual(Schema.decodeSync(SessionId)(lower.toUpperCase()), Schema.decodeSync(SessionId)(lower))
  })
})
