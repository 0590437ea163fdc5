import * as Arr from "effect/Array"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import * as Tuple from "effect/Tuple"
import type { SessionId, Start } from "../session/Start.js"
import type { Answer } from "./Agent.js"
import type { Command, Ended, NotStarted, TooMuchOutput } from "./ChildProcess.js"
import { type Dialogue, dialogue } from "./Dialogue.js"
import type { Held } from "./Held.js"

export interface Call {
  /** What is run if nothing waits in the session. */
  readonly command: Command
  /** The message, in one line. */
  readonly line: string
  readonly start: Start
  readonly held: Held
}

export interface Limits {
  /** How long a command waits for the next message. */
  readonly idle: Duration.Duration
  /** How many wait at most. */
  readonly most: number
}

export interface Standby {
  /**
   * Puts a message to the command that waits in its session, or to a new one, and reads what it says. The command goes on
   * to wait only if that was an answer in this session; otherwise, and when it is interrupted, no process of it is left.
   */
  readonly put: <E>(
    call: Call,
    read: (ended: Ended) => Effect.Effect<Answer, E>
  ) => Effect.Effect<Answer, E | NotStarted | TooMuchOutput>
}

/** A command in a session. */
interface Running {
  readonly session: SessionId
  readonly dialogue: Dialogue
  readonly scope: Scope.CloseableScope
}

/** One that waits for the next message. */
interface Waiting extends Running {
  /** Ends it when it has waited for long enough, and clears up after it if it ends by itself. */
  readonly alarm: Fiber.Fiber<void>
}

const end = ({ scope }: Running) => Scope.close(scope, Exit.void)

const dismiss = (waiting: Waiting) => Effect.zipRight(Fiber.interrupt(waiting.alarm), end(waiting))

/** Commands that stay for a while after their answers, and end with the scope at the latest. */
export const make = (
  { idle, most }: Limits,
  endsAnswer: (line: string) => boolean
): Effect.Effect<Standby, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    /** Who has waited longest is the first. */
    const all = yield* Ref.make<ReadonlyArray<Waiting>>([])

    /** Whoever takes one out has it to himself. */
    const takeOut = (which: (waiting: Waiting) => boolean) =>
      Ref.modify(all, (waiting) => Tuple.swap(Arr.partition(waiting, which)))

    const endAll = (which: (waiting: Waiting) => boolean) =>
      Effect.flatMap(takeOut(which), Effect.forEach(dismiss, { discard: true }))

    const begin = ({ command, held, start }: Call) =>
      Effect.gen(function* () {
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const begun = Effect.zipLeft(dialogue(command, endsAnswer), held.keep).pipe(
          Scope.extend(own),
          Effect.onError(() => Scope.close(own, Exit.void))
        )
        return { session: start.id, dialogue: yield* begun, scope: own }
      })

    const stay = (running: Running) =>
      Effect.gen(function* () {
        const isSame = (other: Running) => other.dialogue === running.dialogue
        const ring = Effect.flatMap(takeOut(isSame), (found) => Effect.forEach(found, end, { discard: true }))
        const over = Effect.interruptible(Effect.raceFirst(Effect.sleep(idle), running.dialogue.ended))
        const alarm = yield* Effect.forkIn(Effect.zipRight(over, ring), scope)
        const tooMany = yield* Ref.modify(all, (waiting) => {
          const now = [...waiting, { ...running, alarm }]
          return [now.slice(0, -most), now.slice(-most)]
        })
        yield* Effect.forkIn(Effect.forEach(tooMany, dismiss, { discard: true }), scope)
      })

    /** The command that waits in the session, unless it has ended or does not know all that was said there since. */
    const claim = ({ held, start }: Call) =>
      Effect.gen(function* () {
        // What it has not written down yet would be missing in the fork.
        if (start._tag === "Fork") yield* endAll((waiting) => waiting.session === start.from)
        const [waiting] = yield* takeOut((waiting) => waiting.session === start.id)
        if (waiting === undefined) return Option.none<Running>()
        const { isWaiting, group } = waiting.dialogue
        if (Option.contains(held.last, group) && (yield* isWaiting)) {
          yield* Fiber.interrupt(waiting.alarm)
          return Option.some<Running>(waiting)
        }
        yield* dismiss(waiting)
        return Option.none<Running>()
      })

    const put: Standby["put"] = (call, read) =>
      Effect.uninterruptibleMask((restore) => {
        const talk = <A, E>(
          running: Running,
          hear: (said: Ended) => Effect.Effect<A, E>,
          stays: (heard: A) => boolean
        ) =>
          call.held.enter(running.dialogue.group).pipe(
            Effect.zipRight(restore(Effect.flatMap(running.dialogue.ask(call.line), hear))),
            Effect.onExit((exit) => (Exit.isSuccess(exit) && stays(exit.value) ? stay(running) : end(running)))
          )
        const isHere = ({ session }: Answer) => session === call.start.id
        const anew = Effect.flatMap(begin(call), (running) => talk(running, read, isHere))
        // One that ends and has not said a word about the message had ended before.
        const hear = (said: Ended) => (said.stdout === "" ? Effect.succeedNone : Effect.asSome(read(said)))
        return Effect.flatMap(claim(call), (waiting) =>
          Option.isNone(waiting)
            ? anew
            : Effect.flatMap(
                talk(waiting.value, hear, Option.exists(isHere)),
                Option.match({ onNone: () => anew, onSome: Effect.succeed })
              )
        )
      })

    return { put }
  })
