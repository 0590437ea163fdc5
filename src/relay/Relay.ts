import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Turns } from "../agent/Turns.js"
import { type Channel, Channels } from "../channels/Channel.js"
import type { Message } from "../channels/Message.js"
import { ProviderDetector } from "../session/ProviderDetector.js"
import { isGroup } from "../session/SenderContext.js"
import { admission } from "./Allowlist.js"
import { answer } from "./Answering.js"
import { deliver } from "./Delivery.js"
import { Inbox } from "./Inbox.js"
import { bug, logLine, who } from "./LogLine.js"
import { Mailboxes } from "./Mailboxes.js"
import * as Recent from "./Recent.js"
import { receive } from "./Reception.js"
import { RelaySettings } from "./RelaySettings.js"

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

const tooMany =
  "I have not got round to your earlier messages yet, so I cannot take more just now. Please send this again when I have answered them."

export const layer: Layer.Layer<Relay, never, Channels | Inbox | Mailboxes | Turns | ProviderDetector | RelaySettings> =
  Layer.effect(
    Relay,
    Effect.gen(function* () {
      const channels = yield* Channels
      const inbox = yield* Inbox
      const mailboxes = yield* Mailboxes
      const turns = yield* Turns
      const admit = admission(yield* RelaySettings, yield* ProviderDetector)
      const isNewStranger = yield* Recent.make(strangers)

      const turnAway = (message: Message) =>
        Effect.gen(function* () {
          const { channel, sender } = message
          if (!(yield* isNewStranger(`${channel} ${sender.From ?? ""}`))) return
          const reason = isGroup(sender)
            ? `the group ${logLine(sender.From ?? "")} is not in allowGroups`
            : "not in allowFrom"
          yield* Effect.logWarning(`${who(message)} was not answered: ${reason}`)
        })

      const delivered = (channel: Channel, message: Message, text: string) =>
        deliver(channel, message.address, text).pipe(
          Effect.catchAll((error) => Effect.logError(`${who(message)}: ${logLine(error.message)}`)),
          Effect.catchAllDefect((defect) =>
            Effect.logError(`${who(message)}: an answer was not delivered because of a bug (${bug(defect)})`)
          )
        )

      /** The answer goes back through the channel that the message came from, to the address that it came with. */
      const turn = (message: Message) =>
        Option.match(
          Option.all({
            channel: Option.fromNullable(channels.find(({ name }) => name === message.channel)),
            speaker: admit(message)
          }),
          {
            onNone: () => Effect.succeed(Effect.void),
            onSome: ({ channel, speaker }) =>
              Effect.map(answer(turns, channel, speaker, message), (text) => delivered(channel, message, text))
          }
        )

      // Untraced: a span around it would never end, and every message would be a part of it.
      const run = (stop: Effect.Effect<unknown>) =>
        Effect.gen(function* () {
          const notices = yield* FiberSet.make<void>()

          const accept = (channel: Channel) => (message: Message) =>
            Effect.gen(function* () {
              if (Option.isNone(admit(message))) return yield* turnAway(message)
              if (!(yield* inbox.accept(message))) return
              const posted = yield* mailboxes.post(message)
              if (posted === "waiting") return
              yield* Effect.logWarning(`too many messages wait, so another one was not taken: ${who(message)}`)
              // One for all that come meanwhile: two machines must not keep each other busy with it.
              if (posted === "refused") {
                yield* FiberSet.run(notices, Effect.interruptible(delivered(channel, message, tooMany)))
              }
            }).pipe(Effect.uninterruptible, Effect.asVoid)

          const stopping = yield* Effect.forkScoped(
            Effect.zipRight(stop, Effect.logInfo("stopping: what is being answered will be finished"))
          )
          const all = Effect.forEach(channels, (channel) => receive(channel, accept(channel)), {
            concurrency: "unbounded",
            discard: true
          })
          const receiving = yield* Effect.forkScoped(Effect.raceFirst(all, Fiber.await(stopping)))
          const left = yield* mailboxes.run(turn, { input: Fiber.await(receiving), stop: Fiber.await(stopping) })
          yield* Fiber.await(receiving)
          yield* FiberSet.awaitEmpty(notices)
          if (left > 0) yield* Effect.logWarning(`${left} message${left === 1 ? " was" : "s were"} left unanswered`)
        }).pipe(Effect.scoped)

      return { run }
    })
  )
