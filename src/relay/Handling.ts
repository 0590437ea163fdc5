import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Turns } from "../agent/Turns.js"
import type { Channel } from "../channels/Channel.js"
import type { Message } from "../channels/Message.js"
import type { WriteError } from "../storage/Document.js"
import type * as Chat from "./chat/Chat.js"
import type { admission } from "./Allowlist.js"
import { answer } from "./Answering.js"
import { deliver } from "./Delivery.js"
import { Happening } from "./Happening.js"
import type { Inbox } from "./Inbox.js"
import { bug, logLine, who } from "./LogLine.js"
import type { Turn } from "./Mailboxes.js"
import type { Overdue } from "./Overdue.js"
import type { Report } from "./Report.js"

interface Parts {
  readonly channels: ReadonlyArray<Channel>
  readonly inbox: Inbox["Type"]
  readonly turns: Turns["Type"]
  readonly report: Report["Type"]
  readonly overdue: Overdue
  readonly admit: ReturnType<typeof admission>
  /** Runs before a message is answered for the first time. */
  readonly see: (message: Message) => Effect.Effect<void>
  /** What is meant for the relay itself, and not for Claude. */
  readonly chat: ReturnType<typeof Chat.make>
  /** Runs when something has been done that others may have to be told. */
  readonly tell: Effect.Effect<void>
}

/** What was done is done: that it could not be recorded is for the operator to know. */
export const recorded = (message: Message, record: Effect.Effect<void, WriteError>): Effect.Effect<void> =>
  Effect.catchAll(record, (error) =>
    Effect.logError(`${who(message)}: may be answered again after the next start: ${logLine(error.message)}`)
  )

/**
 * What happens to a message between the inbox and its end there. Each step is on record before the next begins, so that
 * another process can go on after any of them. The answer goes back through the channel that the message came from, to
 * the address that it came with.
 */
export const handling = ({ admit, channels, chat, inbox, overdue, report, see, tell, turns }: Parts): Turn => {
  const delivered = (channel: Channel, message: Message, text: string, sent: number) =>
    deliver(channel, message.address, text, {
      sent,
      onSent: (parts) => recorded(message, inbox.sent(message, parts))
    }).pipe(
      Effect.zipRight(recorded(message, inbox.done(message))),
      Effect.zipRight(report.note(Happening.Delivered({ message }))),
      Effect.zipRight(overdue.resume(channel.name)),
      Effect.catchAll((error) =>
        Effect.logError(`${who(message)}: ${logLine(error.message)}`).pipe(
          Effect.zipRight(recorded(message, inbox.undelivered(message, logLine(error.message)))),
          Effect.zipRight(report.note(Happening.Undelivered({ message }))),
          Effect.zipRight(error.again ? overdue.add(message) : Effect.void)
        )
      ),
      Effect.catchAllDefect((defect) =>
        Effect.logError(`${who(message)}: an answer was not delivered because of a bug (${bug(defect)})`)
      )
    )

  return (message) =>
    Effect.gen(function* () {
      const left = yield* inbox.find(message)
      const channel = channels.find(({ name }) => name === message.channel)
      if (Option.isNone(left) || channel === undefined) return Effect.void
      const speaker = admit(message)
      // Who may write was changed since the message came.
      if (Option.isNone(speaker)) return recorded(message, inbox.done(message))
      if (Option.isSome(left.value.answer)) {
        const { sent, text } = left.value.answer.value
        return delivered(channel, message, text, sent)
      }
      yield* see(message)
      const [thought, reply] = yield* Effect.timed(chat(message))
      if (Option.isSome(reply)) {
        const { secret, text } = reply.value
        yield* report.note(Happening.Answered({ message, given: true, took: Duration.toMillis(thought) }))
        if (!secret) yield* recorded(message, inbox.answered(message, text))
        return Effect.zipRight(delivered(channel, message, text, 0), tell)
      }
      const [took, { given, text }] = yield* Effect.timed(answer(turns, channel, speaker.value, message))
      yield* report.note(Happening.Answered({ message, given, took: Duration.toMillis(took) }))
      yield* recorded(message, inbox.answered(message, text))
      return delivered(channel, message, text, 0)
    })
}
