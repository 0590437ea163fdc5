import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { LinkingSettings, unconfigured } from "../../src/identity/LinkingSettings.js"
import { linkingFields } from "../../src/identity/LinkingSettingsSchema.js"
import { the } from "./arbitrary.js"

const decode = Schema.decodeUnknownEither(Schema.Struct(linkingFields))

describe("the limits of linking", () => {
  it.effect("are 20 identities and nobody excluded where nothing is configured", () =>
    Effect.gen(function* () {
      deepStrictEqual(unconfigured, { maxIdentities: 20, neverLink: [] })
      const { limits } = yield* LinkingSettings
      deepStrictEqual(yield* limits, unconfigured)
    })
  )

  it("are what is configured", () => {
    deepStrictEqual(
      decode({ maxIdentities: 2, neverLink: ["whatsapp:+1 234 567 890"] }),
      Either.right({ maxIdentities: 2, neverLink: [the("whatsapp", "+1234567890")] })
    )
  })

  it.each([
    [{ maxIdentities: 1 }, "a whole number from 2 on"],
    [{ maxIdentities: 2.5 }, "integer"],
    [{ neverLink: ["+1234567890"] }, "an identity such as whatsapp:+1234567890"]
  ])("are not %j, and why is said", (settings, reason) => {
    assert.include(String(Either.getOrThrow(Either.flip(decode(settings)))), reason)
  })
})
