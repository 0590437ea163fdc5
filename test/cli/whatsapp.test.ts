import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as WhatsAppServer from "../support/whatsapp-server.js"
import { answerOf, refusalOf, user } from "./command.js"
import { environmentOf, login } from "./running.js"

const setup = Effect.gen(function* () {
  const whatsapp = yield* WhatsAppServer.make()
  const me = yield* user
  return { whatsapp, me, env: { ...environmentOf(whatsapp), WARELAY_AGENT_ECHO: "true" } }
})

describe("WhatsApp on the command line", () => {
  it.scopedLive("a device is linked, served, and taken off again", () =>
    Effect.gen(function* () {
      const { env, me, whatsapp } = yield* setup
      const ran = yield* login(me, whatsapp)
      assert.deepStrictEqual(
        [ran.status, ran.stdout],
        [0, "Linked with the WhatsApp account …1111. Now: warelay relay --providers whatsapp\n"]
      )
      assert.include(refusalOf(yield* me.run(["login"], { env }), 1), "linked with the WhatsApp account …1111 already")

      me.write("clawdis.json", '{ allowFrom: ["whatsapp:+1234567890"] }')
      const relay = yield* me.start(["relay"], { env })
      yield* relay.says("WhatsApp: receiving as …1111")
      yield* whatsapp.say(WhatsAppServer.mary, "Let me in")
      yield* whatsapp.say(WhatsAppServer.john, "Where am I going?")
      const { sent } = yield* whatsapp.until(({ sent }) => sent.length === 1)
      assert.include(sent[0]?.text, "You said: Where am I going?")
      assert.include(sent[0]?.openedBy ?? [], WhatsAppServer.john.phone)

      const busy = yield* me.run(["logout"], { env })
      assert.include(refusalOf(busy, 1), "another warelay is connected to WhatsApp")
      yield* relay.signal("SIGINT")
      const ended = yield* relay.ended
      assert.strictEqual(ended.status, 130)
      // libsignal would print keys, and Baileys texts and numbers.
      for (const said of [ran.stderr, ended.stdout, ended.stderr]) {
        assert.notMatch(said, /privKey|chainKey|Closing|Where am I going|Buffer/)
        assert.notMatch(said.replace(/\+15550001111/g, "").replace(/^\S+Z /gm, ""), /[0-9]{5}/)
      }
      assert.strictEqual(ended.stdout, "")

      const out = answerOf(yield* me.run(["logout"], { env }))
      assert.strictEqual(out, "The WhatsApp account …1111 is linked no more\n")
      assert.isFalse((yield* whatsapp.seen).linked)
    })
  )

  it.scopedLive("a QR code is shown, and Ctrl-C ends the waiting", () =>
    Effect.gen(function* () {
      const { env, me } = yield* setup
      const running = yield* me.start(["login"], { env })
      yield* running.says(/Linked devices > Link a device, and scan this code:\n\n[ ▀▄█\n]{1000,}/)
      yield* running.signal("SIGINT")
      const { status, stdout } = yield* running.ended
      assert.deepStrictEqual([status, stdout], [130, ""])
    })
  )

  it.scopedLive("without a network or a login it is said what to do", () =>
    Effect.gen(function* () {
      const me = yield* user
      const env = { WARELAY_WHATSAPP_URL: "ws://127.0.0.1:1/" }
      const network = "no connection to 127.0.0.1:1 (ECONNREFUSED); check the network"
      assert.strictEqual(refusalOf(yield* me.run(["login"], { env }), 1), network)
      for (const line of [["logout"], ["relay", "--providers", "whatsapp"]]) {
        assert.include(refusalOf(yield* me.run(line, { env }), 1), "warelay login")
      }
      assert.include(refusalOf(yield* me.run(["login", "--phone", "555"], { env }), 2), '--phone "555"')
    })
  )
})
