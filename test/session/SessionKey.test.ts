import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Identities } from "../../src/identity/Identities.js"
import type { SenderContext } from "../../src/session/SenderContext.js"
import { SessionKey, Why } from "../../src/session/SessionKey.js"
import { the } from "../identity/arbitrary.js"
import { keyOf, layer, link, unlink } from "./routing.js"

const fresh = Effect.provide(layer)

const derive = (sender: SenderContext) => Effect.flatMap(SessionKey, (service) => service.derive("per-sender", sender))

describe("a session key", () => {
  it.effect("is `global` for everybody where the scope is global", () =>
    Effect.gen(function* () {
      yield* link(the("whatsapp", "+1234567890"), the("telegram", "@john"))
      const { derive } = yield* SessionKey
      for (const From of ["+1234567890", "@john", "", "12345@g.us", "hello"]) {
        assert.strictEqual(yield* derive("global", { From }), "global")
      }
      assert.strictEqual(yield* derive("global", {}), "global")
      assert.strictEqual(yield* derive("global", { From: "x", chatType: "group" }), "global")
    }).pipe(fresh)
  )

  it.effect.each<readonly [SenderContext, string]>([
    [{ From: "12345-678@g.us" }, "group:12345-678@g.us"],
    [{ From: "group:12345-678@g.us" }, "group:12345-678@g.us"],
    [{ From: "group:12345-678@g.us", chatType: "group" }, "group:12345-678@g.us"],
    [{ From: "12345-678@g.us", chatType: "group", provider: "whatsapp" }, "group:12345-678@g.us"],
    [{ From: "telegram:-100123", chatType: "group" }, "group:telegram:-100123"],
    [{ From: "group:telegram:-100123", provider: "telegram" }, "group:telegram:-100123"],
    [{ From: "12345@g.us", chatType: "direct" }, "group:12345@g.us"],
    [{ From: "+1234567890", chatType: "group" }, "group:+1234567890"]
  ])("%j is a group: %j", ([sender, key]) =>
    Effect.map(derive(sender), (found) => assert.strictEqual(found, key)).pipe(fresh)
  )

  it.effect("of a group is never looked up in the map", () =>
    Effect.gen(function* () {
      yield* link(the("whatsapp", "+1234567890"), the("telegram", "@john"))
      assert.strictEqual(yield* keyOf("+1234567890", { chatType: "group" }), "group:+1234567890")
      assert.strictEqual(
        yield* keyOf("12345@g.us", { aliases: ["+1234567890"], provider: "whatsapp" }),
        "group:12345@g.us"
      )
      assert.strictEqual(yield* keyOf("group:@john", { provider: "telegram" }), "group:@john")
    }).pipe(fresh)
  )

  it.effect("is `unknown` where nobody is named", () =>
    Effect.gen(function* () {
      yield* link(the("whatsapp", "+1234567890"), the("telegram", "@john"))
      assert.strictEqual(yield* derive({}), "unknown")
      assert.strictEqual(yield* derive({ provider: "telegram", aliases: ["@john"] }), "unknown")
      for (const From of ["", " ", "\t\n", "\u00a0"]) assert.strictEqual(yield* keyOf(From), "unknown")
    }).pipe(fresh)
  )

  it.effect.each<readonly [SenderContext, string]>([
    [{ From: "@john" }, "telegram:@john"],
    [{ From: "@John", provider: "telegram" }, "telegram:@John"],
    [{ From: "telegram:@john" }, "telegram:@john"],
    [{ From: "telegram:123456789" }, "telegram:123456789"],
    [{ From: "123456789", provider: "telegram" }, "telegram:123456789"],
    [{ From: "123456789", provider: "telegram", aliases: ["@john"] }, "telegram:123456789"],
    [{ From: "@john", provider: "telegram", aliases: ["123456789"] }, "telegram:@john"],
    [{ From: "+1234567890" }, "+1234567890"],
    [{ From: "+1234567890", provider: "whatsapp" }, "+1234567890"],
    [{ From: "+1234567890", provider: "twilio" }, "+1234567890"],
    [{ From: "whatsapp:+1234567890" }, "+1234567890"],
    [{ From: "whatsapp:+1234567890", provider: "twilio" }, "+1234567890"],
    [{ From: "sms:+1234567890" }, "+1234567890"],
    [{ From: "twilio:+1234567890" }, "+1234567890"],
    [{ From: "1234567890", provider: "whatsapp" }, "+1234567890"],
    [{ From: "1234567890:5@s.whatsapp.net" }, "+1234567890"],
    [{ From: "12345@lid" }, "whatsapp:12345@lid"],
    [{ From: "12345:7@lid", provider: "whatsapp" }, "whatsapp:12345@lid"],
    [{ From: "US.1a2b", provider: "twilio" }, "twilio:US.1a2b"],
    [{ From: "twilio:US.1a2b" }, "twilio:US.1a2b"]
  ])("of %j, who is not linked, is %j", ([sender, key]) =>
    Effect.map(derive(sender), (found) => assert.strictEqual(found, key)).pipe(fresh)
  )

  it.effect.each<readonly [SenderContext, string]>([
    [{ From: "hello" }, "unknown:hello"],
    [{ From: "whatsapp:" }, "unknown:whatsapp:"],
    [{ From: "1234567890" }, "unknown:1234567890"],
    [{ From: "1234567890", provider: "twilio" }, "unknown:1234567890"],
    [{ From: "global" }, "unknown:global"],
    [{ From: "unknown" }, "unknown:unknown"],
    [{ From: "unknown:hello" }, "unknown:unknown:hello"],
    [{ From: "constructor" }, "unknown:constructor"],
    [{ From: "__proto__" }, "unknown:__proto__"],
    [{ From: "shared-abc-123" }, "unknown:shared-abc-123"],
    [{ From: "telegram:-100123" }, "unknown:telegram:-100123"],
    [{ From: " +1234567890" }, "unknown: +1234567890"],
    [{ From: "+1234567890", provider: "telegram" }, "unknown:+1234567890"],
    [{ From: "@john", provider: "whatsapp" }, "unknown:@john"]
  ])("of %j, in which nobody is recognised, is %j", ([sender, key]) =>
    Effect.map(derive(sender), (found) => assert.strictEqual(found, key)).pipe(fresh)
  )

  it.effect("is the shared id for every account that is linked, and its own again when they are unlinked", () =>
    Effect.gen(function* () {
      const id = yield* link(the("whatsapp", "+1234567890"), the("telegram", "@john"), the("whatsapp", "5@lid"))
      assert.strictEqual(yield* keyOf("+1234567890"), id)
      assert.strictEqual(yield* keyOf("+1234567890", { provider: "whatsapp", chatType: "direct" }), id)
      assert.strictEqual(yield* keyOf("1234567890:2@s.whatsapp.net"), id)
      assert.strictEqual(yield* keyOf("5:1@lid"), id)
      assert.strictEqual(yield* keyOf("@JOHN"), id)
      assert.strictEqual(yield* keyOf("telegram:@john"), id)
      yield* unlink(id)
      assert.strictEqual(yield* keyOf("+1234567890"), "+1234567890")
      assert.strictEqual(yield* keyOf("5:1@lid"), "whatsapp:5@lid")
      assert.strictEqual(yield* keyOf("@JOHN"), "telegram:@JOHN")
    }).pipe(fresh)
  )

  it.effect("several accounts of one provider can share a conversation", () =>
    Effect.gen(function* () {
      const id = yield* link(the("whatsapp", "+1234567890"), the("whatsapp", "+1987654321"))
      assert.strictEqual(yield* keyOf("+1234567890"), id)
      assert.strictEqual(yield* keyOf("+1987654321"), id)
    }).pipe(fresh)
  )

  it.effect("a text message that claims a number does not reach that number's WhatsApp conversation, or back", () =>
    Effect.gen(function* () {
      const whatsapp = yield* link(the("whatsapp", "+1234567890"), the("telegram", "@john"))
      const twilio = yield* link(the("twilio", "+1987654321"), the("telegram", "@mary"))
      assert.strictEqual(yield* keyOf("+1234567890", { provider: "twilio" }), "+1234567890")
      assert.strictEqual(yield* keyOf("whatsapp:+1234567890", { provider: "twilio" }), "+1234567890")
      assert.strictEqual(yield* keyOf("sms:+1234567890"), "+1234567890")
      assert.strictEqual(yield* keyOf("+1987654321", { provider: "whatsapp" }), "+1987654321")
      assert.strictEqual(yield* keyOf("whatsapp:+1987654321"), "+1987654321")
      assert.strictEqual(yield* keyOf("+1234567890", { provider: "whatsapp" }), whatsapp)
      assert.strictEqual(yield* keyOf("+1987654321", { provider: "twilio" }), twilio)
    }).pipe(fresh)
  )

  it.effect("a number of which nobody says whose it is, is looked up as WhatsApp's, then as Twilio's", () =>
    Effect.gen(function* () {
      const twilio = yield* link(the("twilio", "+1234567890"), the("telegram", "@john"))
      assert.strictEqual(yield* keyOf("+1234567890"), twilio)
      const whatsapp = yield* link(the("whatsapp", "+1234567890"), the("telegram", "@mary"))
      assert.strictEqual(yield* keyOf("+1234567890"), whatsapp)
      assert.strictEqual(yield* keyOf("+1234567890", { provider: "twilio" }), twilio)
    }).pipe(fresh)
  )

  it.effect("is decided by the most stable name that is linked", () =>
    Effect.gen(function* () {
      const number = yield* link(the("telegram", "42"), the("whatsapp", "+1234567890"))
      const name = yield* link(the("telegram", "@john"), the("whatsapp", "+1987654321"))
      const provider = "telegram"
      assert.strictEqual(yield* keyOf("@john", { aliases: ["42"], provider }), number)
      assert.strictEqual(yield* keyOf("42", { aliases: ["@john"], provider }), number)
      assert.strictEqual(yield* keyOf("@john", { provider }), name)
      assert.strictEqual(yield* keyOf("43", { aliases: ["@john"], provider }), name)
      const lid = yield* link(the("whatsapp", "5@lid"), the("telegram", "7"))
      const whatsapp = { provider: "whatsapp" } as const
      assert.strictEqual(yield* keyOf("5@lid", { aliases: ["+1234567890"], ...whatsapp }), number)
      assert.strictEqual(yield* keyOf("5@lid", { aliases: ["+1555000111"], ...whatsapp }), lid)
      assert.strictEqual(yield* keyOf("+1555000111", { aliases: ["5@lid"], ...whatsapp }), lid)
    }).pipe(fresh)
  )

  it.effect("of a sender none of whose names is linked is that of the name that he came under", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* keyOf("42", { aliases: ["@john"], provider: "telegram" }), "telegram:42")
      assert.strictEqual(yield* keyOf("@john", { aliases: ["42"], provider: "telegram" }), "telegram:@john")
      assert.strictEqual(yield* keyOf("odd", { aliases: ["42"], provider: "telegram" }), "unknown:odd")
    }).pipe(fresh)
  )

  it.effect("a name that is not recognised is led to the conversation of an alias that is linked", () =>
    Effect.gen(function* () {
      const id = yield* link(the("telegram", "42"), the("whatsapp", "+1234567890"))
      assert.strictEqual(yield* keyOf("odd", { aliases: ["42"], provider: "telegram" }), id)
    }).pipe(fresh)
  )

  it.effect("comes with the mapping that decided it and the names of the sender", () =>
    Effect.gen(function* () {
      const id = yield* link(the("telegram", "@john"), the("whatsapp", "+1234567890"))
      const { route } = yield* SessionKey
      const linked = yield* route("per-sender", { From: "42", aliases: ["@john"], provider: "telegram" })
      const mapping = Option.getOrThrow(yield* Effect.flatMap(Identities, ({ get }) => get(id)))
      deepStrictEqual(linked.why, Why.Linked({ mapping, by: the("telegram", "@john") }))
      deepStrictEqual(linked.sender, [the("telegram", "42"), the("telegram", "@john")])
      const alone = yield* route("per-sender", { From: "+1987654321", provider: "whatsapp" })
      deepStrictEqual(alone.why, Why.Own({ identity: the("whatsapp", "+1987654321") }))
      deepStrictEqual(alone.sender, [the("whatsapp", "+1987654321")])
    }).pipe(fresh)
  )
})
