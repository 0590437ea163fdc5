import { readdirSync, readFileSync, statSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import * as Brand from "effect/Brand"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { Address } from "../../../src/channels/Message.js"
import * as WhatsAppChannel from "../../../src/channels/whatsapp/WhatsAppChannel.js"
import * as WhatsAppLogin from "../../../src/channels/whatsapp/WhatsAppLogin.js"
import * as WhatsAppStore from "../../../src/channels/whatsapp/WhatsAppStore.js"
import { Home } from "../../../src/config/Home.js"
import type { PhoneNumber } from "../../../src/identity/Identity.js"
import * as WhatsAppServer from "../../support/whatsapp-server.js"
import { atHome, linked, passing, settingsFor, setup } from "./fixture.js"

const phoneNumber = Brand.nominal<PhoneNumber>()

const account = WhatsAppStore.linked
const nothing: WhatsAppLogin.Prompts = { scan: () => Effect.void, type: () => Effect.void }

describe("a login", () => {
  it.effect("by QR code links a device, and keeps what others need to write to it", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make({ preKeys: 0 })
      assert.strictEqual(yield* linked(whatsapp), "…1111")
      const seen = yield* whatsapp.seen
      assert.deepStrictEqual([seen.linked, seen.logins, seen.preKeys >= 812], [true, 1, true])
      assertSome(yield* account, "15550001111:3@s.whatsapp.net")
      const store = yield* WhatsAppStore.open
      const ids = Array.from({ length: 812 }, (_, index) => `${index + 1}`)
      assert.strictEqual(store.keys("pre-key", ids).size, 812)
    }).pipe(atHome)
  )

  it.effect("by a code that is typed on the phone does the same", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make()
      const code = yield* Deferred.make<string>()
      const prompts = { ...nothing, type: (text: string) => Effect.asVoid(Deferred.succeed(code, text)) }
      const phone = phoneNumber("+15550001111")
      const login = yield* Effect.fork(WhatsAppLogin.login(whatsapp.url, Option.some(phone), prompts))
      const shown = yield* Deferred.await(code)
      assert.match(shown, /^[0-9A-Z]{8}$/)
      yield* whatsapp.typeCode(shown)
      assert.strictEqual(yield* Fiber.join(login), "…1111")
      assert.isTrue((yield* whatsapp.seen).linked)
    }).pipe(atHome)
  )

  it.effect("with another code than the one that is shown links nothing", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make()
      const prompts = { ...nothing, type: () => whatsapp.typeCode("WRONGCOD") }
      const phone = Option.some(phoneNumber("+15550001111"))
      yield* Effect.flip(WhatsAppLogin.login(whatsapp.url, phone, prompts))
      assert.isFalse((yield* whatsapp.seen).linked)
      assertNone(yield* account)
    }).pipe(atHome)
  )

  it.effect("is refused where one is linked, and names no more than the end of its number", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make()
      yield* linked(whatsapp)
      const { message } = yield* Effect.flip(linked(whatsapp))
      assert.include(message, "with the WhatsApp account …1111 already")
      assert.include(message, "warelay logout")
      assert.strictEqual((yield* whatsapp.seen).connections, 2)
    }).pipe(atHome)
  )

  it.effect("that nobody has confirmed in time is over, and leaves nothing", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make()
      const prompts = { ...nothing, scan: () => whatsapp.endStream(408) }
      const { message } = yield* Effect.flip(WhatsAppLogin.login(whatsapp.url, Option.none(), prompts))
      assert.include(message, "nobody has used the code")
      assertNone(yield* account)
    }).pipe(atHome)
  )

  it.effect("that is broken off leaves nothing", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make()
      const shown = yield* Deferred.make<void>()
      const prompts = { ...nothing, scan: () => Effect.asVoid(Deferred.succeed(shown, undefined)) }
      const login = yield* Effect.fork(WhatsAppLogin.login(whatsapp.url, Option.none(), prompts))
      yield* Deferred.await(shown)
      yield* Fiber.interrupt(login)
      yield* whatsapp.until(({ open }) => !open)
      const { whatsapp: directory } = yield* Home
      for (const name of readdirSync(directory)) assert.strictEqual(statSync(`${directory}/${name}`).size, 0)
    }).pipe(atHome)
  )

  it.effect("without a network says so", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(WhatsAppLogin.login("ws://127.0.0.1:1/", Option.none(), nothing))
      assert.strictEqual(message, "no connection to 127.0.0.1:1 (ECONNREFUSED); check the network")
    }).pipe(atHome)
  )

  it.effect("keeps its files from everybody else", () =>
    Effect.gen(function* () {
      const before = process.umask(0)
      yield* Effect.addFinalizer(() => Effect.sync(() => void process.umask(before)))
      yield* setup()
      const { whatsapp } = yield* Home
      assert.strictEqual(statSync(whatsapp).mode & 0o777, 0o700)
      for (const name of readdirSync(whatsapp)) assert.strictEqual(statSync(`${whatsapp}/${name}`).mode & 0o777, 0o600)
      assert.include(readFileSync(`${whatsapp}/credentials.ndjson`, "utf8"), "noiseKey")
    }).pipe(atHome)
  )
})

describe("a logout", () => {
  it.effect("takes the device off the account and leaves nothing of it", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make()
      yield* linked(whatsapp)
      assert.strictEqual(yield* WhatsAppLogin.logout(whatsapp.url, false), "…1111")
      assert.isFalse((yield* whatsapp.seen).linked)
      const { whatsapp: directory } = yield* Home
      for (const name of readdirSync(directory)) assert.strictEqual(statSync(`${directory}/${name}`).size, 0)
      yield* linked(whatsapp)
    }).pipe(atHome)
  )

  it.effect("without a network changes nothing, unless it is to be forgotten here alone", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make()
      yield* linked(whatsapp)
      const { message } = yield* Effect.flip(WhatsAppLogin.logout("ws://127.0.0.1:1/", false))
      assert.include(message, "check the network")
      assertSome(yield* account, "15550001111:3@s.whatsapp.net")
      yield* WhatsAppLogin.logout("ws://127.0.0.1:1/", true)
      assertNone(yield* account)
      assert.isTrue((yield* whatsapp.seen).linked)
    }).pipe(atHome)
  )

  it.effect("where nothing is linked says so", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(WhatsAppLogin.logout("ws://127.0.0.1:1/", false))
      assert.include(message, "warelay login")
    }).pipe(atHome)
  )

  it.effect("after the phone has removed the device needs no network", () =>
    Effect.gen(function* () {
      const { channel, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(() => Effect.void))
      yield* whatsapp.until(({ active }) => active)
      yield* whatsapp.removeDevice
      yield* whatsapp.until(({ open }) => !open)
      // What has ended is written down a moment later.
      yield* Effect.repeat(Effect.zipRight(passing("1 second"), account), { until: Option.isNone })
      assert.strictEqual(yield* WhatsAppLogin.logout("ws://127.0.0.1:1/", false), "…1111")
    }).pipe(atHome)
  )

  it.effect("is seen by a channel, which says what to do", () =>
    Effect.gen(function* () {
      const whatsapp = yield* WhatsAppServer.make()
      const channel = yield* WhatsAppChannel.make(settingsFor(whatsapp.url))
      yield* linked(whatsapp)
      yield* WhatsAppLogin.logout(whatsapp.url, false)
      const to = Address.make("1234567890@s.whatsapp.net")
      assert.include((yield* Effect.flip(channel.send(to, "Hello"))).message, "warelay login")
    }).pipe(atHome)
  )
})
