import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as TestServices from "effect/TestServices"
import type { Message } from "../../../src/channels/Message.js"
import * as WhatsAppChannel from "../../../src/channels/whatsapp/WhatsAppChannel.js"
import * as WhatsAppLogin from "../../../src/channels/whatsapp/WhatsAppLogin.js"
import { WhatsAppSettings } from "../../../src/channels/whatsapp/WhatsAppSettings.js"
import type { Home } from "../../../src/config/Home.js"
import type { Disk } from "../../../src/storage/Disk.js"
import type { FileLock } from "../../../src/storage/FileLock.js"
import * as home from "../../support/home.js"
import * as WhatsAppServer from "../../support/whatsapp-server.js"

export const { john, mary, stranger } = WhatsAppServer

export const settingsFor = (url: string, more: Partial<WhatsAppSettings> = {}): WhatsAppSettings => ({
  ...Schema.decodeSync(WhatsAppSettings)({ url }),
  ...more
})

/** Logs in by QR code with the phone of the server's account. */
export const linked = (whatsapp: WhatsAppServer.WhatsAppServer) =>
  WhatsAppLogin.login(whatsapp.url, Option.none(), {
    scan: (code) => whatsapp.scan(code),
    type: () => Effect.void
  })

/** A server, a device that is linked with its account, and the channel of that device. */
export const setup = (more: Partial<WhatsAppSettings> = {}) =>
  Effect.gen(function* () {
    const whatsapp = yield* WhatsAppServer.make()
    yield* linked(whatsapp)
    const channel = yield* WhatsAppChannel.make(settingsFor(whatsapp.url, more))
    const inbox = yield* Queue.unbounded<Message>()
    return { whatsapp, channel, inbox, accept: (message: Message) => Effect.asVoid(Queue.offer(inbox, message)) }
  })

/** One turn of the event loop, in which sockets make progress; the clock of the test stands still. */
const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** So many turns that everything would have happened that was going to. */
export const turns = Effect.replicateEffect(turn, 50)

/** As long as it would take at least, if something went over the network that should not. */
export const moment = TestServices.provideLive(Effect.sleep("300 millis"))

export const family: WhatsAppServer.Group = { id: "12345-678@g.us", members: [john, mary] }

/** In a home of the test's own, in which nothing is left running when it goes. */
export const atHome = <A, E>(test: Effect.Effect<A, E, Home | Disk | FileLock | Scope.Scope>): Effect.Effect<A, E> =>
  test.pipe(Effect.scoped, Effect.provide(home.layer))

/** Time passes in small steps, in each of which what was waiting for it goes on. */
export const passing = (duration: Duration.DurationInput) => {
  const steps = 12
  const step = Duration.millis(Math.ceil(Duration.toMillis(duration) / steps))
  return Effect.replicateEffect(Effect.zipRight(TestClock.adjust(step), turns), steps)
}
