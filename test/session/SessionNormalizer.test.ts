import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Provider } from "../../src/identity/Provider.js"
import { ownKey } from "../../src/session/Key.js"
import { denormalize, SessionNormalizer } from "../../src/session/SessionNormalizer.js"
import { accepted, identity, the } from "../identity/arbitrary.js"
import { layer, link, normalized, wild } from "./routing.js"

const fresh = Effect.provide(layer)

describe("a normalised session id", () => {
  it.effect.each<readonly [Provider, string, string]>([
    ["telegram", "123456", "telegram:123456"],
    ["telegram", "123456789", "telegram:123456789"],
    ["telegram", "@john", "telegram:@john"],
    ["telegram", "@John", "telegram:@John"],
    ["telegram", "telegram:@username", "telegram:@username"],
    ["whatsapp", "+1234567890", "+1234567890"],
    ["whatsapp", "whatsapp:+1234567890", "+1234567890"],
    ["whatsapp", "1234567890@s.whatsapp.net", "+1234567890"],
    ["whatsapp", "12345@lid", "whatsapp:12345@lid"],
    ["twilio", "+1234567890", "+1234567890"],
    ["twilio", "whatsapp:+1234567890", "+1234567890"],
    ["twilio", "US.1a2b3c", "twilio:US.1a2b3c"],
    ["whatsapp", "+1234", "unknown:+1234"],
    ["whatsapp", "hello", "unknown:hello"],
    ["telegram", "-100123", "unknown:-100123"],
    ["twilio", "", "unknown:"],
    ["telegram", "constructor", "unknown:constructor"]
  ])("of %s's %j, not linked, is %j", ([provider, id, key]) =>
    Effect.map(normalized(provider, id), (found) => assert.strictEqual(found, key)).pipe(fresh)
  )

  it.effect("is the mapping's id for everybody in it", () =>
    Effect.gen(function* () {
      const id = yield* link(
        the("telegram", "123456"),
        the("whatsapp", "+1234567890"),
        the("twilio", "+1987654321"),
        the("telegram", "@John")
      )
      assert.match(id, /^shared-[0-9a-f]{8}-[0-9a-f]{8}$/)
      assert.strictEqual(yield* normalized("telegram", "123456"), id)
      assert.strictEqual(yield* normalized("whatsapp", "+1234567890"), id)
      assert.strictEqual(yield* normalized("whatsapp", "1234567890:3@s.whatsapp.net"), id)
      assert.strictEqual(yield* normalized("twilio", "whatsapp:+1987654321"), id)
      assert.strictEqual(yield* normalized("telegram", "@jOHN"), id)
      assert.strictEqual(yield* normalized("twilio", "+1234567890"), "+1234567890")
      assert.strictEqual(yield* normalized("whatsapp", "+1987654321"), "+1987654321")
    }).pipe(fresh)
  )

  it.effect.prop("normalising a recognised sender's own form twice changes nothing", [accepted], ([[provider, id]]) =>
    Effect.gen(function* () {
      const once = yield* normalized(provider, id)
      assert.strictEqual(yield* normalized(provider, once), once)
    }).pipe(fresh)
  )
})

describe("a denormalised key", () => {
  it.prop("is the provider's id of whoever is not linked", [identity], ([one]) => {
    deepStrictEqual(denormalize(one.provider, ownKey(one)), Option.some<string>(one.id))
  })

  it.effect.prop("normalises to the key again, and no other text does", [accepted, wild], ([[provider], text]) =>
    Effect.gen(function* () {
      const id = denormalize(provider, text)
      if (Option.isSome(id)) assert.strictEqual(yield* normalized(provider, id.value), text)
    }).pipe(fresh)
  )

  it.each<readonly [Provider, string]>([
    ["whatsapp", "shared-abc-123"],
    ["telegram", "shared-abc-123"],
    ["twilio", "shared-a1b2c3d4-e5f60718"],
    ["whatsapp", "global"],
    ["whatsapp", "unknown"],
    ["whatsapp", "unknown:+1234567890"],
    ["whatsapp", "group:12345@g.us"],
    ["whatsapp", "telegram:@john"],
    ["whatsapp", "whatsapp:+1234567890"],
    ["whatsapp", "+1 234 567 890"],
    ["whatsapp", "1234567890"],
    ["whatsapp", "12345@lid"],
    ["telegram", "+1234567890"],
    ["telegram", "@john"],
    ["telegram", "42"],
    ["telegram", "whatsapp:12345@lid"],
    ["twilio", "US.abc"],
    ["twilio", "twilio:+1234567890"],
    ["twilio", "telegram:42"],
    ["twilio", ""]
  ])("for %s there is none in %j", (provider, key) => {
    deepStrictEqual(denormalize(provider, key), Option.none())
  })

  it.effect("the service denormalises as the function does", () =>
    Effect.map(SessionNormalizer, (service) => assert.strictEqual(service.denormalize, denormalize)).pipe(fresh)
  )
})
