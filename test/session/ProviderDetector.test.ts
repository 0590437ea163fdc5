import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import type { Provider } from "../../src/identity/Provider.js"
import * as ProviderDetector from "../../src/session/ProviderDetector.js"
import type { SenderContext } from "../../src/session/SenderContext.js"
import { accepted } from "../identity/arbitrary.js"

const detector = <A>(use: (service: ProviderDetector.ProviderDetector["Type"]) => A) =>
  Effect.provide(Effect.map(ProviderDetector.ProviderDetector, use), ProviderDetector.layer)

const candidates = (sender: SenderContext & { readonly From: string }) =>
  detector(({ read }) => read(sender).candidates.map(String))

describe("the detection of a provider", () => {
  it.each<readonly [string, Provider]>([
    ["telegram:123", "telegram"],
    ["telegram:@john", "telegram"],
    ["telegram:", "telegram"],
    ["@john", "telegram"],
    ["@", "telegram"],
    ["twilio:+1234567890", "twilio"],
    ["sms:+1234567890", "twilio"],
    ["whatsapp:+1234567890", "whatsapp"],
    ["+1234567890", "whatsapp"],
    ["1234567890", "whatsapp"],
    ["12345@lid", "whatsapp"],
    ["12345@s.whatsapp.net", "whatsapp"],
    ["", "whatsapp"],
    ["hello", "whatsapp"],
    ["Telegram:123", "whatsapp"],
    [" @john", "whatsapp"],
    ["constructor", "whatsapp"]
  ])("%j means %s", (from, provider) => assert.strictEqual(ProviderDetector.detect(from), provider))

  it.effect("the service detects as the function does", () =>
    Effect.map(
      detector(({ detect }) => detect),
      (detect) => assert.strictEqual(detect, ProviderDetector.detect)
    )
  )
})

describe("a name that a transport gives", () => {
  it.effect.each<readonly [Provider, string, string]>([
    ["whatsapp", "+1234567890", "whatsapp:+1234567890"],
    ["whatsapp", "whatsapp:+1234567890", "whatsapp:+1234567890"],
    ["whatsapp", "1234567890", "whatsapp:+1234567890"],
    ["whatsapp", "whatsapp:1234567890", "whatsapp:+1234567890"],
    ["whatsapp", "1234567890@s.whatsapp.net", "whatsapp:+1234567890"],
    ["whatsapp", "1234567890:17@s.whatsapp.net", "whatsapp:+1234567890"],
    ["whatsapp", "+1234567890:17", "whatsapp:+1234567890"],
    ["whatsapp", "1234567890:17", "whatsapp:+1234567890"],
    ["whatsapp", "12345@lid", "whatsapp:12345@lid"],
    ["whatsapp", "12345:2@lid", "whatsapp:12345@lid"],
    ["whatsapp", "whatsapp:12345:2@lid", "whatsapp:12345@lid"],
    ["whatsapp", "+1 234-567-890", "whatsapp:+1234567890"],
    ["telegram", "@john", "telegram:@john"],
    ["telegram", "telegram:@john", "telegram:@john"],
    ["telegram", "42", "telegram:42"],
    ["telegram", "telegram:42", "telegram:42"],
    ["twilio", "+1234567890", "twilio:+1234567890"],
    ["twilio", "twilio:+1234567890", "twilio:+1234567890"],
    ["twilio", "sms:+1234567890", "twilio:+1234567890"],
    ["twilio", "whatsapp:+1234567890", "twilio:+1234567890"],
    ["twilio", "US.1a2b", "twilio:US.1a2b"],
    ["twilio", "whatsapp:US.1a2b", "twilio:US.1a2b"]
  ])("from %s, %j is %s", ([provider, name, expected]) =>
    Effect.map(
      detector(({ account }) => account(provider, name)),
      (identity) => assert.strictEqual(Option.getOrUndefined(Option.map(identity, String)), expected)
    )
  )

  it.effect.each<readonly [Provider, string]>([
    ["whatsapp", ""],
    ["whatsapp", "whatsapp:"],
    ["whatsapp", "123"],
    ["whatsapp", "0123456789"],
    ["whatsapp", "0123456789@s.whatsapp.net"],
    ["whatsapp", "123@s.whatsapp.net"],
    ["whatsapp", "+1234567890@s.whatsapp.net"],
    ["whatsapp", "+12345@lid"],
    ["whatsapp", "12345@g.us"],
    ["whatsapp", "whatsapp:whatsapp:+1234567890"],
    ["whatsapp", "telegram:@john"],
    ["whatsapp", "sms:+1234567890"],
    ["whatsapp", "1 234 567 890"],
    ["telegram", "-100123"],
    ["telegram", "telegram:-100123"],
    ["telegram", "telegram:telegram:42"],
    ["telegram", "+1234567890"],
    ["telegram", "whatsapp:42"],
    ["twilio", "1234567890"],
    ["twilio", "sms:1234567890"],
    ["twilio", "sms:twilio:+1234567890"],
    ["twilio", "telegram:+1234567890"],
    ["twilio", "12345@lid"],
    ["twilio", "+1234567890:3"]
  ])("from %s, %j is nobody", ([provider, name]) =>
    Effect.map(
      detector(({ account }) => account(provider, name)),
      (identity) => deepStrictEqual(identity, Option.none())
    )
  )

  it.effect.prop(
    "in the form accepted when linking is that identity, with and without its provider in front",
    [accepted],
    ([[provider, id]]) =>
      Effect.map(
        detector(({ account }) => [account(provider, id), account(provider, `${provider}:${id}`)]),
        (both) => {
          for (const one of both)
            assert.strictEqual(Option.getOrUndefined(Option.map(one, String)), `${provider}:${id}`)
        }
      )
  )
})

describe("the names under which a sender may be linked", () => {
  it.effect("come in the order of their stability, whichever the transport gave first", () =>
    Effect.gen(function* () {
      const telegram = { provider: "telegram" } as const
      const john = ["telegram:42", "telegram:@john"]
      deepStrictEqual(yield* candidates({ From: "@john", aliases: ["42"], ...telegram }), john)
      deepStrictEqual(yield* candidates({ From: "telegram:42", aliases: ["@john"], ...telegram }), john)
      const whatsapp = ["whatsapp:+1234567890", "whatsapp:5@lid"]
      const phone = "1234567890@s.whatsapp.net"
      deepStrictEqual(yield* candidates({ From: "5@lid", aliases: [phone], provider: "whatsapp" }), whatsapp)
      deepStrictEqual(yield* candidates({ From: phone, aliases: ["5:1@lid"], provider: "whatsapp" }), whatsapp)
    })
  )

  it.effect("of equal stability the one named first comes first", () =>
    Effect.gen(function* () {
      const found = yield* candidates({ From: "@mary", aliases: ["@john", "7", "6"], provider: "telegram" })
      deepStrictEqual(found, ["telegram:7", "telegram:6", "telegram:@mary", "telegram:@john"])
    })
  )

  it.effect("a phone number of which nobody says whose it is may be WhatsApp's, then Twilio's", () =>
    Effect.gen(function* () {
      const both = ["whatsapp:+1234567890", "twilio:+1234567890"]
      deepStrictEqual(yield* candidates({ From: "+1234567890" }), both)
    })
  )

  it.effect("where the transport or a prefix says whose it is, it is no other's", () =>
    Effect.gen(function* () {
      const From = "+1234567890"
      deepStrictEqual(yield* candidates({ From, provider: "whatsapp" }), ["whatsapp:+1234567890"])
      deepStrictEqual(yield* candidates({ From, provider: "twilio" }), ["twilio:+1234567890"])
      deepStrictEqual(yield* candidates({ From, provider: "telegram" }), [])
      deepStrictEqual(yield* candidates({ From: `whatsapp:${From}` }), ["whatsapp:+1234567890"])
      deepStrictEqual(yield* candidates({ From: `twilio:${From}` }), ["twilio:+1234567890"])
      deepStrictEqual(yield* candidates({ From: `sms:${From}` }), ["twilio:+1234567890"])
      deepStrictEqual(yield* candidates({ From: "5@lid" }), ["whatsapp:5@lid"])
      deepStrictEqual(yield* candidates({ From: "@john" }), ["telegram:@john"])
    })
  )

  it.effect("digits alone are a phone number only where the transport says WhatsApp", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* candidates({ From: "1234567890" }), [])
      deepStrictEqual(yield* candidates({ From: "1234567890", provider: "twilio" }), [])
      deepStrictEqual(yield* candidates({ From: "1234567890", provider: "whatsapp" }), ["whatsapp:+1234567890"])
      deepStrictEqual(yield* candidates({ From: "1234567890", provider: "telegram" }), ["telegram:1234567890"])
    })
  )

  it.effect.prop(
    "every one is of the provider that the transport says",
    [FastCheck.array(FastCheck.tuple(accepted, FastCheck.boolean()), { minLength: 1, maxLength: 4 }), accepted],
    ([names, [provider]]) =>
      Effect.gen(function* () {
        const [From = "", ...aliases] = names.map(([[prefix, id], full]) => (full ? `${prefix}:${id}` : id))
        for (const one of yield* candidates({ From, aliases, provider })) assert.include(one, `${provider}:`)
      })
  )
})
