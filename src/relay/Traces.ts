import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { Message } from "../channels/Message.js"
import { nameOf } from "./InboxContents.js"
import { who } from "./LogLine.js"
import type { Turn } from "./Mailboxes.js"

/** The trace of a message that is not done with: all of it, and the part in which it waits for its turn. */
interface Trace {
  readonly whole: Tracer.Span
  readonly wait: Tracer.Span
}

const nobody = Context.empty()

const opened = (name: string, parent: Option.Option<Tracer.Span>, at: bigint) =>
  Effect.map(Effect.tracer, (tracer) => tracer.span(name, parent, nobody, [], at, "internal"))

/** One trace for each message, from its receipt to the end of its delivery. Whoever wrote it is masked. */
export const make = () => {
  const traces = new Map<string, Trace>()

  const begin = (message: Message, received: bigint, restored: boolean) =>
    Effect.gen(function* () {
      const whole = yield* opened("message", Option.none(), received)
      whole.attribute("warelay.channel", message.channel)
      whole.attribute("warelay.sender", who(message))
      whole.attribute("warelay.restored", restored)
      const wait = yield* opened("wait", Option.some(whole), yield* Clock.currentTimeNanos)
      const trace = { whole, wait }
      traces.set(nameOf(message), trace)
      return trace
    })

  /** One that was left from last time was received by another process; its trace begins with its turn. */
  const entered = (message: Message) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeNanos
      const trace = traces.get(nameOf(message)) ?? (yield* begin(message, now, true))
      trace.wait.end(now, Exit.void)
      return trace.whole
    })

  const ended = (message: Message, exit: Exit.Exit<unknown>) =>
    Effect.map(Clock.currentTimeNanos, (now) => {
      const trace = traces.get(nameOf(message))
      traces.delete(nameOf(message))
      trace?.whole.end(now, exit)
    })

  return {
    /** A message is in the inbox. `received` is when it came, in nanoseconds since 1970. */
    received: (message: Message, received: bigint): Effect.Effect<void> =>
      Effect.asVoid(begin(message, received, false)),

    /** It will have no turn. */
    dropped: (message: Message): Effect.Effect<void> => ended(message, Exit.void),

    /** What happens in a turn, and after it, is in the trace of its message. */
    traced:
      (turn: Turn): Turn =>
      (message) =>
        Effect.flatMap(entered(message), (span) =>
          turn(message).pipe(
            Effect.withParentSpan(span),
            Effect.map((rest) =>
              rest.pipe(
                Effect.withParentSpan(span),
                Effect.onExit((exit) => ended(message, exit))
              )
            ),
            Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : ended(message, exit)))
          )
        )
  }
}
