import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import { SessionLock } from "../agent/SessionLock.js"
import { Turns, TurnSettings } from "../agent/Turns.js"
import { type Channel, Channels, NotTaken } from "../channels/Channel.js"
import type { Message } from "../channels/Message.js"
import { Identities } from "../identity/Identities.js"
import { Proofs } from "../identity/proof/Proofs.js"
import { ProviderDetector } from "../session/ProviderDetector.js"
import { isGroup } from "../session/SenderContext.js"
import { SessionKey } from "../session/SessionKey.js"
import { SessionSettings } from "../session/SessionSettings.js"
import { admission } from "./Allowlist.js"
import * as Chat from "./chat/Chat.js"
import * as Courier from "./chat/Courier.js"
import { sealing } from "./chat/Sealing.js"
import { deliver } from "./Delivery.js"
import { handling, recorded } from "./Handling.js"
import { Happening } from "./Happening.js"
import { Inbox } from "./Inbox.js"
import { bug, logLine, who } from "./LogLine.js"
import { Mailboxes } from "./Mailboxes.js"
import * as Overdue from "./Overdue.js"
import * as Pinning from "./Pinning.js"
import * as Recent from "./Recent.js"
import { receive } from "./Reception.js"
import { RelaySettings } from "./RelaySettings.js"
import { Report } from "./Report.js"
import * as Traces from "./Traces.js"

export class Relay extends Context.Tag("warelay/relay/Relay")<
  Relay,
  {
    /**
     * Receives and answers. When all channels have ended, what was received is answered, and it returns. When `stop`
     * completes, nothing more is received, what is being answered is answered and delivered, what waits is left, and it
     * returns. Interrupting it ends everything at once, with all that belongs to it.
     */
    readonly run: (stop: Effect.Effect<unknown>) => Effect.Effect<void>
  }
>() {}

/** So many strangers are remembered, so that each is named in the log once. */
const strangers = 1_000

const counted = (count: number): string => `${count} message${count === 1 ? " is" : "s are"}`

const tooMany =
  "I have not got round to your earlier messages yet, so I cannot take more just now. Please send this again when I have answered them."

type Needs =
  | Channels
  | Identities
  | Inbox
  | Mailboxes
  | Proofs
  | ProviderDetector
  | RelaySettings
  | Report
  | SessionKey
  | SessionLock
  | SessionSettings
  | Turns
  | TurnSettings

export const layer: Layer.Layer<Relay, never, Needs> = Layer.effect(
  Relay,
  Effect.gen(function* () {
    const channels = yield* Channels
    const inbox = yield* Inbox
    const mailboxes = yield* Mailboxes
    const turns = yield* Turns
    const report = yield* Report
    const settings = yield* RelaySettings
    const { chat: commands } = settings
    const detector = yield* ProviderDetector
    const admit = admission(settings, detector)
    const { scope } = yield* SessionSettings
    const sessions = yield* SessionLock
    const see = yield* Pinning.make(yield* SessionKey, scope, yield* Identities)
    const traces = Traces.make()
    const proofs = yield* Proofs
    const { resetTriggers: resets } = yield* TurnSettings
    const chat = Chat.make({ proofs, channels, detector, commands, resets, scope })
    const seal = sealing({ proofs, detector, commands })
    // Where all have one conversation together, nobody is asked to share one.
    const notices = scope === "global" ? Effect.void : Courier.make({ proofs, channels, commands })
    /** Somebody may have to be told something. */
    const news = yield* Queue.sliding<void>(1)
    const tell = Effect.asVoid(Queue.offer(news, undefined))
    const overdue = Overdue.make(mailboxes.restore)
    const turn = traces.traced(handling({ admit, channels, chat, inbox, overdue, report, see, tell, turns }))
    const isNewStranger = yield* Recent.make(strangers)

    const turnAway = (message: Message) =>
      Effect.gen(function* () {
        const { channel, sender } = message
        yield* report.note(Happening.TurnedAway({ message }))
        if (!(yield* isNewStranger(`${channel} ${sender.From ?? ""}`))) return
        const reason = isGroup(sender)
          ? `the group ${logLine(sender.From ?? "")} is not in allowGroups`
          : "not in allowFrom"
        yield* Effect.logWarning(`${who(message)} was not answered: ${reason}`)
      })

    const say = (channel: Channel, message: Message, text: string) =>
      deliver(channel, message.address, text).pipe(
        Effect.catchAll((error) => Effect.logError(`${who(message)}: ${logLine(error.message)}`)),
        Effect.catchAllDefect((defect) => Effect.logError(`${who(message)}: nothing was said: a bug (${bug(defect)})`))
      )

    /** What the last relay did not come to is answered first, where its channel is served. */
    const restore = Effect.gen(function* () {
      const evicted = yield* sessions.evict
      if (evicted > 0)
        yield* Effect.logWarning(`${evicted} of the answers that were being written last time were stopped`)
      const names = new Set(channels.map(({ name }) => name))
      const messages = (yield* inbox.left).map(({ message }) => message)
      const here = messages.filter(({ channel }) => names.has(channel))
      if (here.length > 0) yield* Effect.logInfo(`${counted(here.length)} left from last time`)
      const elsewhere = messages.length - here.length
      if (elsewhere > 0) yield* Effect.logWarning(`${counted(elsewhere)} left for channels that are not served now`)
      yield* mailboxes.restore(here)
    })

    // Untraced: a span around it would never end, and every message would be a part of it.
    const run = (stop: Effect.Effect<unknown>) =>
      Effect.gen(function* () {
        const asides = yield* FiberSet.make<void>()
        yield* restore
        yield* tell
        const telling = Effect.zipRight(Queue.take(news), FiberSet.run(asides, Effect.interruptible(notices)))
        yield* Effect.forkScoped(Effect.forever(telling))

        const accept = (channel: Channel) => (received: Message) =>
          Effect.gen(function* () {
            if (Option.isNone(admit(received))) return yield* turnAway(received)
            if (Chat.isIgnored(commands, received)) return
            const message = yield* seal(received)
            const came = yield* Clock.currentTimeNanos
            if (!(yield* inbox.accept(message))) return
            yield* traces.received(message, came)
            yield* report.note(Happening.Received({ message }))
            const posted = yield* mailboxes.post(message)
            if (posted === "waiting") return
            yield* Effect.logWarning(`too many messages wait, so another one was not taken: ${who(message)}`)
            yield* report.note(Happening.Refused({ message }))
            yield* traces.dropped(message)
            yield* recorded(message, inbox.done(message))
            // One for all that come meanwhile: two machines must not keep each other busy with it.
            if (posted === "refused") {
              yield* FiberSet.run(asides, Effect.interruptible(say(channel, message, tooMany)))
            }
          }).pipe(
            Effect.mapError((error) => new NotTaken({ reason: logLine(error.message) })),
            Effect.catchAllDefect((defect) => new NotTaken({ reason: `a bug in the relay (${bug(defect)})` })),
            Effect.uninterruptible
          )

        const stopping = yield* Effect.forkScoped(
          stop.pipe(
            Effect.zipRight(report.note(Happening.Stopping())),
            Effect.zipRight(Effect.logInfo("stopping: what is being answered will be finished"))
          )
        )
        const all = Effect.forEach(channels, (channel) => receive(channel, accept(channel), report), {
          concurrency: "unbounded",
          discard: true
        })
        const receiving = yield* Effect.forkScoped(Effect.raceFirst(all, Fiber.await(stopping)))
        const left = yield* mailboxes.run(turn, { input: Fiber.await(receiving), stop: Fiber.await(stopping) })
        yield* Fiber.await(receiving)
        yield* FiberSet.awaitEmpty(asides)
        // Of what the last turns have done.
        yield* notices
        if (left > 0) yield* Effect.logWarning(`${counted(left)} left for the next start`)
      }).pipe(Effect.scoped)

    return { run }
  })
)
