import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type { Message } from "../channels/Message.js"
import { SessionKey } from "../session/SessionKey.js"
import { SessionSettings } from "../session/SessionSettings.js"
import { RelaySettings } from "./RelaySettings.js"

/** What became of a message: it waits for its turn, or too many of its sender's do; `again` if so for the one before. */
export type Posted = "waiting" | "refused" | "refused again"

/** Answers one message, and gives what is then left to do: to deliver the answer. */
export type Turn = (message: Message) => Effect.Effect<Effect.Effect<void>>

export interface Ends {
  /** Completes when nothing more will be posted. What waits is still answered. */
  readonly input: Effect.Effect<unknown>
  /** Completes when no more turns are to begin. Those that have begun are finished. */
  readonly stop: Effect.Effect<unknown>
}

/** Numbers of messages. */
export interface Load {
  readonly waiting: number
  readonly answering: number
  readonly delivering: number
}

export class Mailboxes extends Context.Tag("warelay/relay/Mailboxes")<
  Mailboxes,
  {
    /** Puts a message behind all others of its conversation. Does not wait for its turn. */
    readonly post: (message: Message) => Effect.Effect<Posted>
    /** Puts back messages that were taken before, in their order and however many they are. */
    readonly restore: (messages: ReadonlyArray<Message>) => Effect.Effect<void>
    /**
     * Gives each message its turn, until one of the ends; answers how many are left waiting. In one conversation, as the
     * map is when a turn could begin, a turn begins when the one before is delivered; so it is for one sender. So many
     * conversations as the settings say are answered side by side; what is being delivered does not count.
     */
    readonly run: (turn: Turn, ends: Ends) => Effect.Effect<number>
    /** How many messages wait, are being answered, and have an answer that is being delivered. */
    readonly load: Effect.Effect<Load>
  }
>() {}

/** The author's own order holds even where linking has moved the author to another conversation in between. */
const senderLane = ({ channel, sender }: Message): string => `from ${channel} ${sender.From ?? ""}`

/**
 * All that waits stands in one line in the order of arrival, and a conversation is nothing but the messages that have the
 * same key when the line is looked through. So a mailbox need not be kept, moved or emptied: an idle one does not exist, and
 * whoever is linked or unlinked while messages wait changes nothing but what the next look finds.
 */
export const layerMemory: Layer.Layer<Mailboxes, never, SessionKey | SessionSettings | RelaySettings> = Layer.effect(
  Mailboxes,
  Effect.gen(function* () {
    const keys = yield* SessionKey
    const { scope } = yield* SessionSettings
    const { maxTurns, maxWaiting } = yield* RelaySettings
    const changed = yield* Queue.sliding<void>(1)
    const waiting: Array<Message> = []
    /** The senders whose last message was refused. */
    const refused = new Set<string>()
    const counts = { answering: 0, delivering: 0 }

    const notify = Queue.offer(changed, undefined)
    const keyLane = (message: Message) => Effect.map(keys.derive(scope, message.sender), (key) => `in ${key}`)

    const isFull = ({ channel, sender }: Message): boolean =>
      waiting.length >= maxWaiting &&
      waiting.filter((other) => other.channel === channel && other.sender.From === sender.From).length >= maxWaiting

    const post: Mailboxes["Type"]["post"] = (message) =>
      Effect.suspend(() => {
        const sender = senderLane(message)
        if (isFull(message)) {
          if (refused.has(sender)) return Effect.succeed("refused again")
          refused.add(sender)
          return Effect.succeed("refused")
        }
        refused.delete(sender)
        waiting.push(message)
        return Effect.as(notify, "waiting")
      })

    /** The messages whose turn it is, at most so many: none overtakes one that it has to come after. */
    const due = (busy: ReadonlySet<string>, atMost: number) =>
      Effect.gen(function* () {
        const taken = new Set(busy)
        const found: Array<{ readonly message: Message; readonly lanes: ReadonlyArray<string> }> = []
        for (const message of [...waiting]) {
          if (found.length >= atMost) break
          const lanes = [yield* keyLane(message), senderLane(message)]
          if (!lanes.some((lane) => taken.has(lane))) found.push({ message, lanes })
          for (const lane of lanes) taken.add(lane)
        }
        return found
      })

    const run: Mailboxes["Type"]["run"] = (turn, ends) =>
      Effect.gen(function* () {
        const turns = yield* FiberSet.make<void>()
        /** Conversations and senders with a turn that is not delivered yet. */
        const busy = new Set<string>()
        const ended = { input: false, stop: false }

        for (const end of ["input", "stop"] as const) {
          const note = Effect.suspend(() => {
            ended[end] = true
            return notify
          })
          yield* Effect.forkScoped(Effect.zipRight(ends[end], note))
        }

        const begin = (message: Message, lanes: ReadonlyArray<string>) => {
          // Before the fork: the next look at the line must not find it again.
          waiting.splice(waiting.indexOf(message), 1)
          for (const lane of lanes) busy.add(lane)
          counts.answering += 1
          const answered = Effect.suspend(() => {
            counts.answering -= 1
            counts.delivering += 1
            return notify
          })
          const delivered = Effect.suspend(() => {
            counts.delivering -= 1
            for (const lane of lanes) busy.delete(lane)
            return notify
          })
          const whole = turn(message).pipe(Effect.ensuring(answered), Effect.flatten, Effect.ensuring(delivered))
          return FiberSet.run(turns, whole)
        }

        const isIdle = () => counts.answering === 0 && counts.delivering === 0
        yield* notify
        while (true) {
          yield* Queue.take(changed)
          const found = yield* due(busy, maxTurns - counts.answering)
          for (const { lanes, message } of ended.stop ? [] : found) yield* begin(message, lanes)
          if (isIdle() && (ended.stop || (ended.input && waiting.length === 0))) return waiting.length
        }
      }).pipe(Effect.scoped)

    const restore: Mailboxes["Type"]["restore"] = (messages) =>
      Effect.suspend(() => {
        waiting.push(...messages)
        return notify
      })

    return { post, restore, run, load: Effect.sync(() => ({ waiting: waiting.length, ...counts })) }
  })
)
