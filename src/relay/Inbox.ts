import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Message } from "../channels/Message.js"
import type { WriteError } from "../storage/Document.js"
import * as Log from "../storage/Log.js"
import { DocumentUnreadable } from "../storage/StorageError.js"
import * as InboxContents from "./InboxContents.js"
import { decodeLine, encodeLine, type InboxLine } from "./InboxLine.js"
import { logLine } from "./LogLine.js"

export class Inbox extends Context.Tag("warelay/relay/Inbox")<
  Inbox,
  {
    /**
     * Takes a message over from its channel, as it is and without a key, and says whether it is new: however often a
     * provider delivers a message, this is true once. When it has succeeded, the provider need not deliver it again.
     */
    readonly accept: (message: Message) => Effect.Effect<boolean, WriteError>
    /** What is not done with, in the order in which it was accepted. */
    readonly left: Effect.Effect<ReadonlyArray<InboxContents.Left>>
    /** How far a message has come; none if it is done with, or was never accepted. */
    readonly find: (message: Message) => Effect.Effect<Option.Option<InboxContents.Left>>
    /** There is an answer, which need not be asked for again. */
    readonly answered: (message: Message, text: string) => Effect.Effect<void, WriteError>
    /** So many parts of the answer were taken by the provider, and more follow. Outlives the process, not a power cut. */
    readonly sent: (message: Message, parts: number) => Effect.Effect<void, WriteError>
    /** The answer is kept for the operator, and for another attempt after the next start at the latest. */
    readonly undelivered: (message: Message, reason: string) => Effect.Effect<void, WriteError>
    /** Nothing is left to do. The message is known for as long as it may be delivered again. */
    readonly done: (message: Message) => Effect.Effect<void, WriteError>
  }
>() {}

interface Entry {
  readonly line: InboxLine
  readonly durable: boolean
  readonly written: Deferred.Deferred<void, WriteError>
}

/** A log of so few characters is not worth making shorter. Counted are these and not lines, of which one can be very long. */
const short = 256 * 1024

const sizeOf = (lines: ReadonlyArray<string>): number => lines.reduce((size, line) => size + line.length + 1, 0)

const read = (log: Log.Log) =>
  Effect.gen(function* () {
    const contents = InboxContents.make()
    const { closed, open } = yield* log.all
    for (const [index, text] of closed.entries()) {
      const at = { line: index + 1, column: 1 }
      const reason = "this is nothing that happens to a message"
      contents.take(
        yield* Either.mapLeft(decodeLine(text), () => new DocumentUnreadable({ file: log.name, reason, at }))
      )
    }
    return { closed, contents, open }
  })

/** What is not done with, for those who only look. */
export const leftIn = (log: Log.Log): Effect.Effect<ReadonlyArray<InboxContents.Left>, WriteError> =>
  Effect.map(read(log), ({ contents }) => Array.from(contents.left.values()))

/** An inbox on whatever keeps lines. Nobody else writes to it. What waits for the same device is written in one go. */
export const make = (log: Log.Log): Effect.Effect<Inbox["Type"], WriteError> =>
  Effect.gen(function* () {
    const { closed, contents, open } = yield* read(log)
    // What a killed process was writing was not acknowledged; and a log that is new has to be there after a power cut.
    if (Option.isSome(open) || closed.length === 0) yield* log.replace(closed)

    const oneAtATime = yield* Effect.makeSemaphore(1)
    const waiting: Array<Entry> = []
    const accepting = new Map<string, Deferred.Deferred<void, WriteError>>()
    /** What is done with, though it could not be written down. It is with what is written next, so that it is not done again. */
    let owed: ReadonlyArray<InboxLine> = []
    let size = sizeOf(closed)
    let largest = short

    const shorten = Effect.gen(function* () {
      const lines = contents.lines(yield* Clock.currentTimeMillis).map((line) => encodeLine(line))
      largest = 2 * sizeOf(lines) + short
      yield* log.replace(lines)
      size = sizeOf(lines)
    }).pipe(
      Effect.catchAll(({ message }) => {
        // Where there is no room for a shorter one, not every message is to be in vain for one.
        largest = size + short
        return Effect.logWarning(`the inbox could not be made shorter: ${logLine(message)}`)
      }),
      Effect.when(() => size > largest)
    )

    const writeWaiting = Effect.suspend(() => {
      const entries = waiting.splice(0)
      if (entries.length === 0) return Effect.void
      const all = [...owed, ...entries.map(({ line }) => line)]
      const lines = all.map((line) => encodeLine(line))
      return log
        .append(
          lines,
          entries.some(({ durable }) => durable)
        )
        .pipe(
          Effect.tap(() => {
            for (const line of all) contents.take(line)
            owed = []
            size += sizeOf(lines)
          }),
          Effect.onError(() =>
            Effect.sync(() => {
              owed = all.filter((line) => "done" in line)
            })
          ),
          Effect.exit,
          Effect.flatMap((exit) =>
            Effect.forEach(entries, ({ written }) => Deferred.done(written, exit), { discard: true })
          ),
          Effect.zipRight(shorten)
        )
    }).pipe(oneAtATime.withPermits(1), Effect.uninterruptible)

    const write = (line: InboxLine, durable: boolean): Effect.Effect<void, WriteError> =>
      Effect.gen(function* () {
        const written = yield* Deferred.make<void, WriteError>()
        waiting.push({ line, durable, written })
        yield* writeWaiting
        yield* Deferred.await(written)
      })

    const accept = (message: Message): Effect.Effect<boolean, WriteError> =>
      Effect.gen(function* () {
        const name = InboxContents.nameOf(message)
        if (contents.knows(name)) return false
        const underway = accepting.get(name)
        if (underway !== undefined) return yield* Effect.as(Deferred.await(underway), false)
        const accepted = yield* Deferred.make<void, WriteError>()
        accepting.set(name, accepted)
        const received = { received: message, at: yield* Clock.currentTimeMillis }
        const exit = yield* Effect.exit(write(received, true))
        accepting.delete(name)
        yield* Deferred.done(accepted, exit)
        return yield* Effect.as(exit, true)
      }).pipe(Effect.uninterruptible)

    return {
      accept,
      left: Effect.sync(() => Array.from(contents.left.values())),
      find: (message) => Effect.sync(() => Option.fromNullable(contents.left.get(InboxContents.nameOf(message)))),
      answered: (message, text) => write({ answered: InboxContents.nameOf(message), text }, true),
      sent: (message, parts) => write({ sent: InboxContents.nameOf(message), parts }, false),
      undelivered: (message, reason) => write({ undelivered: InboxContents.nameOf(message), reason }, true),
      done: (message) =>
        Effect.flatMap(Clock.currentTimeMillis, (at) => write({ done: InboxContents.nameOf(message), at }, false))
    }
  })

/** Forgotten at the end of the process. */
export const layerMemory: Layer.Layer<Inbox> = Layer.effect(Inbox, Effect.orDie(Effect.flatMap(Log.memory, make)))
