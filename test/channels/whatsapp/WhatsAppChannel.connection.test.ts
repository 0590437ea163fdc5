import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { Address } from "../../../src/channels/Message.js"
import * as WhatsAppChannel from "../../../src/channels/whatsapp/WhatsAppChannel.js"
import type * as WhatsAppServer from "../../support/whatsapp-server.js"
import { withLogs } from "../../support/logs.js"
import { resolver } from "../../support/names.js"
import { atHome, john, linked, moment, passing, settingsFor, setup, turns } from "./fixture.js"

type Server = WhatsAppServer.WhatsAppServer

/** Runs until the channel fails, and says why. */
const reasonOf = (running: Effect.Effect<void, { readonly reason: string }>) =>
  Effect.map(Effect.flip(running), ({ reason }) => reason)

describe("WhatsAppChannel's connection", () => {
  it.effect("is made again at once when WhatsApp asks for that", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.until(({ active, logins }) => logins === 2 && active)
      yield* whatsapp.endStream(515, "restart")
      yield* whatsapp.until(({ active, logins }) => logins === 3 && active)
      yield* whatsapp.say(john, "Still there?")
      assert.strictEqual((yield* Queue.take(inbox)).text, "Still there?")
    }).pipe(atHome)
  )

  it.effect("is not made again for ever by that", () =>
    Effect.gen(function* () {
      const { accept, channel, whatsapp } = yield* setup()
      yield* whatsapp.refuse(515)
      assert.include(yield* reasonOf(channel.run(accept)), "again and again")
      assert.strictEqual((yield* whatsapp.seen).connections, 2 + 4)
    }).pipe(atHome)
  )

  it.effect.each([
    ["is cut", (whatsapp: Server) => whatsapp.cut, /has closed the connection/],
    ["is taken over", (whatsapp: Server) => whatsapp.endStream(440, "conflict"), /another program .*\(440\)/],
    ["brings what nobody encrypted", (whatsapp: Server) => whatsapp.sendGarbage, /the connection to .* broke/],
    ["ends because the service is down", (whatsapp: Server) => whatsapp.endStream(503), /not available/]
  ] as const)("fails when it %s, so that it is tried again later", ([, breakIt, reason]) =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      const running = yield* Effect.fork(reasonOf(channel.run(accept)))
      yield* whatsapp.until(({ active }) => active)
      yield* breakIt(whatsapp)
      assert.match(yield* Fiber.join(running), reason)
      yield* whatsapp.until(({ open }) => !open)
      yield* whatsapp.say(john, "Back?")
      yield* Effect.fork(channel.run(accept))
      assert.strictEqual((yield* Queue.take(inbox)).text, "Back?")
    }).pipe(atHome)
  )

  it.effect("fails, and the process does not, when a stanza makes no sense", () =>
    Effect.gen(function* () {
      const { accept, channel, whatsapp } = yield* setup()
      const running = yield* Effect.fork(reasonOf(channel.run(accept)))
      yield* whatsapp.until(({ active }) => active)
      const content = [{ tag: "pair-device", attrs: {}, content: [{ tag: "ref", attrs: {} }] }]
      yield* whatsapp.send({ tag: "iq", attrs: { id: "x", type: "set", from: "s.whatsapp.net" }, content })
      assert.match(yield* Fiber.join(running), /the connection to .* broke/)
    }).pipe(atHome)
  )

  it.effect("fails where there is no server, and says what to look at", () =>
    Effect.gen(function* () {
      const { accept } = yield* setup()
      const channel = yield* WhatsAppChannel.make(settingsFor("ws://127.0.0.1:1/ws/chat"))
      assert.strictEqual(
        yield* reasonOf(channel.run(accept)),
        "no connection to 127.0.0.1:1 (ECONNREFUSED); check the network"
      )
    }).pipe(atHome)
  )

  it.effect.each(["ENOTFOUND", "EAI_AGAIN"] as const)(
    "fails while there is no name server, and not after (%s)",
    (code) =>
      Effect.gen(function* () {
        const { accept, inbox, whatsapp } = yield* setup()
        const names = yield* resolver
        const url = whatsapp.url.replace("127.0.0.1", "web.test")
        const channel = yield* WhatsAppChannel.make(settingsFor(url))
        const first = yield* Effect.fork(reasonOf(channel.run(accept)))
        yield* whatsapp.until(({ active }) => active)
        yield* names.fail(code)
        yield* whatsapp.cut
        assert.match(yield* Fiber.join(first), /has closed the connection/)
        assert.match(
          yield* reasonOf(channel.run(accept)),
          new RegExp(`^no connection to web\\.test:\\d+ \\(${code}\\)`)
        )
        yield* names.recover
        yield* Effect.fork(channel.run(accept))
        yield* whatsapp.say(john, "Back?")
        assert.strictEqual((yield* Queue.take(inbox)).text, "Back?")
      }).pipe(atHome)
  )

  it.effect("says that the version is too old when WhatsApp does", () =>
    Effect.gen(function* () {
      const { accept, channel, whatsapp } = yield* setup()
      yield* whatsapp.refuse(405)
      assert.include(yield* reasonOf(channel.run(accept)), "install a newer warelay")
    }).pipe(atHome)
  )

  it.effect(
    "is not tried again after a logout on the phone, until somebody has logged in; a restart is not needed",
    () =>
      withLogs((lines) =>
        Effect.gen(function* () {
          const { accept, channel, inbox, whatsapp } = yield* setup()
          yield* Effect.fork(channel.run(accept))
          yield* whatsapp.until(({ active }) => active)
          yield* whatsapp.removeDevice
          yield* whatsapp.until(({ open }) => !open)
          yield* passing("1 hour")
          assert.strictEqual((yield* whatsapp.seen).connections, 3)
          const said = lines.filter((line) => line.includes("logged this device out"))
          assert.strictEqual(said.length, 1)
          assert.include(said[0], "warelay login")

          yield* linked(whatsapp)
          yield* whatsapp.say(john, "Hello again")
          const message = yield* Effect.fork(Queue.take(inbox))
          yield* passing("6 seconds")
          assert.strictEqual((yield* Fiber.join(message)).text, "Hello again")
        })
      ).pipe(atHome)
  )

  it.effect.each([
    ["refuses the account", 403, {}, "WhatsApp refuses this account (403)"],
    ["refuses it with a code", 403, { code: "1" }, "WhatsApp refuses this account (403)"],
    ["has logged the device out with a code", 401, { code: "1" }, "WhatsApp has logged this device out"],
    ["has banned the account for a time", 402, { code: "101", expire: "86400" }, "banned this account for a time (402)"]
  ] as const)("is not tried again when WhatsApp %s", ([, status, more, reason]) =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { accept, channel, whatsapp } = yield* setup()
        yield* whatsapp.refuse(status, more)
        yield* Effect.fork(channel.run(accept))
        yield* whatsapp.until(({ connections, open }) => connections === 3 && !open)
        yield* moment
        yield* passing("1 hour")
        assert.strictEqual((yield* whatsapp.seen).connections, 3)
        assert.include(lines.join("\n"), reason)
      })
    ).pipe(atHome)
  )

  it.effect("is one for receiving and sending, and is there for the last answers after receiving has stopped", () =>
    Effect.gen(function* () {
      const { accept, channel, whatsapp } = yield* setup()
      const running = yield* Effect.fork(channel.run(accept))
      yield* whatsapp.until(({ active }) => active)
      const to = Address.make("1234567890@s.whatsapp.net")
      yield* channel.send(to, "one")
      yield* Fiber.interrupt(running)
      yield* channel.send(to, "two")
      assert.strictEqual((yield* whatsapp.seen).connections, 3)
      yield* passing("31 seconds")
      yield* whatsapp.until(({ open }) => !open)
    }).pipe(atHome)
  )

  it.effect("belongs to one process at a time", () =>
    Effect.gen(function* () {
      const { accept, channel, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.until(({ active }) => active)
      const other = yield* WhatsAppChannel.make(settingsFor(whatsapp.url))
      const refused = yield* Effect.fork(Effect.flip(other.send(Address.make("1234567890@s.whatsapp.net"), "Hello")))
      yield* turns
      yield* passing("2 seconds")
      const { again, message } = yield* Fiber.join(refused)
      assert.include(message, "another warelay is connected to WhatsApp")
      assert.isFalse(again)
    }).pipe(atHome)
  )
})
