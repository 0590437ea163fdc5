import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Identity } from "../../../src/identity/Identity.js"
import { Address } from "../../../src/channels/Message.js"
import { addressBetween, Ends, endsOf } from "../../../src/channels/twilio/TwilioAddress.js"
import { the } from "../../identity/arbitrary.js"
import { channelOf } from "./fixture.js"

const phone = the("twilio", "+1234567890")
const scoped = the("twilio", "US.13491208655302741918")
const others = [the("whatsapp", "+1234567890"), the("whatsapp", "123@lid"), the("telegram", "123456789")]

const reached = (identity: Identity, from: string) =>
  Effect.map(channelOf({}, from), (channel) => Option.getOrNull(Option.flatMap(channel.addressOf(identity), endsOf)))

describe("TwilioAddress", () => {
  it.prop("an address keeps both ends", [Ends], ([ends]) => {
    assert.deepEqual(Option.getOrNull(endsOf(addressBetween(ends))), ends)
  })

  it.prop("what is no address of Twilio's has no ends", [Schema.String], ([text]) => {
    assert.isTrue(Option.isNone(endsOf(Address.make(text))))
  })

  it.effect("a phone is reached from the sender that is configured", () =>
    Effect.gen(function* () {
      assert.deepEqual(yield* reached(phone, "+15005550006"), { to: "+1234567890", from: "+15005550006" })
      const service = `MG${"0".repeat(32)}`
      assert.deepEqual(yield* reached(phone, service), { to: "+1234567890", from: service })
    })
  )

  it.effect("a WhatsApp sender reaches phones and business-scoped ids on WhatsApp", () =>
    Effect.gen(function* () {
      const from = "whatsapp:+14155238886"
      assert.deepEqual(yield* reached(phone, from), { to: "whatsapp:+1234567890", from })
      assert.deepEqual(yield* reached(scoped, from), { to: "whatsapp:US.13491208655302741918", from })
    })
  )

  it.effect("nobody else is reached", () =>
    Effect.gen(function* () {
      assert.isNull(yield* reached(scoped, "+15005550006"))
      for (const identity of others)
        for (const from of ["+15005550006", "whatsapp:+14155238886"]) assert.isNull(yield* reached(identity, from))
    })
  )
})
