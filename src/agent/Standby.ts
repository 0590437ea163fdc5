import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as FiberHandle from "effect/FiberHandle"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import type { SessionId } from "../session/SessionId.js"
import type { Start } from "../session/Start.js"
import type { Answer } from "./Agent.js"
import type { Command, Ended, NotStarted, TooMuchOutput } from "./ChildProcess.js"
import { type Dialogue, dialogue, type Question } from "./Dialogue.js"
import type { Held } from "./Held.js"

export interface Call {
  /** What is run if nothing waits in the session. */
  readonly command: Command
  readonly question: Question
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
  /** Ends it when it has waited for long enough, and clears up after it if it ends by itself. */
  readonly alarm: FiberHandle.FiberHandle
  /** Ends it, once, and returns when it has ended. */
  readonly end: Effect.Effect<void>
}

/** Those that are in no turn. */
interface Idle {
  /** Who has waited longest is the first. */
  readonly waiting: ReadonlyArray<Running>
  /** Whoever enters the session of one waits until it has ended, and written down what was said. */
  readonly leaving: ReadonlyArray<Running>
}

const isIn =
  (...sessions: ReadonlyArray<SessionId>) =>
  ({ session }: Running): boolean =>
    sessions.includes(session)

const endAll = (all: ReadonlyArray<Running>) =>
  Effect.forEach(all, ({ end }) => end, { concurrency: "unbounded", discard: true })

/** Commands that stay for a while after their answers, and end with the scope at the latest. */
export const make = (
  { idle, most }: Limits,
  endsAnswer: (line: string) => boolean
): Effect.Effect<Standby, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.parallel)
    const state = yield* Ref.make<Idle>({ waiting: [], leaving: [] })

    /** Whether it waited until now: whoever takes it has it to himself. */
    const take = (one: Running) =>
      Ref.modify(state, ({ leaving, waiting }) => [
        waiting.includes(one),
        { waiting: waiting.filter((other) => other !== one), leaving }
      ])

    /** Has those end that `choose` takes from who waits, and waits for it. */
    const dismiss = (choose: (waiting: ReadonlyArray<Running>) => ReadonlyArray<Running>) =>
      Ref.modify(state, ({ leaving, waiting }) => {
        const chosen = choose(waiting)
        const rest = waiting.filter((one) => !chosen.includes(one))
        return [chosen, { waiting: rest, leaving: [...leaving, ...chosen] }]
      }).pipe(Effect.flatMap(endAll))

    const begin = ({ command, held, start }: Call) =>
      Effect.gen(function* () {
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const close = Scope.close(own, Exit.void)
        const [begun, alarm] = yield* held.keep.pipe(
          // Kept first and so let go last: nobody else is in the session before the command has ended.
          Effect.zipRight(Effect.all([dialogue(command, endsAnswer), FiberHandle.make()])),
          Scope.extend(own),
          Effect.onError(() => close)
        )
        const over = Ref.update(state, (idle) => ({ ...idle, leaving: idle.leaving.filter((one) => one !== running) }))
        const end = yield* Effect.cached(Effect.zipRight(close, over))
        const running: Running = { session: start.id, dialogue: begun, alarm, end: Effect.uninterruptible(end) }
        return running
      })

    const stay = (running: Running) =>
      Effect.gen(function* () {
        yield* Ref.update(state, ({ leaving, waiting }) => ({ waiting: [...waiting, running], leaving }))
        const ring = dismiss((waiting) => waiting.filter((one) => one === running))
        // Forked once more, because an alarm ends with what it ends.
        const over = Effect.raceFirst(Effect.sleep(idle), running.dialogue.ended)
        yield* FiberHandle.run(running.alarm, Effect.zipRight(over, Effect.forkIn(ring, scope)))
        yield* Effect.forkIn(
          dismiss((waiting) => waiting.slice(0, -most)),
          scope
        )
      })

    /** The command that waits in the session, unless it has ended or does not know all that was said there since. */
    const claim = ({ held, start }: Call) =>
      Effect.gen(function* () {
        const { waiting } = yield* Ref.get(state)
        const one = waiting.find(isIn(start.id))
        const knowsAll = Option.exists(held.last, (group) => group === one?.dialogue.group)
        if (one !== undefined && knowsAll && (yield* one.dialogue.isWaiting) && (yield* take(one))) {
          yield* FiberHandle.clear(one.alarm)
          return Option.some(one)
        }
        // What these have not written down yet would be missing in what is started now.
        const isConcerned = start._tag === "Fork" ? isIn(start.id, start.from) : isIn(start.id)
        yield* dismiss((waiting) => waiting.filter(isConcerned))
        const { leaving } = yield* Ref.get(state)
        yield* endAll(leaving.filter(isConcerned))
        return Option.none()
      })

    const put: Standby["put"] = (call, read) =>
      Effect.uninterruptibleMask((restore) => {
        const talk = <A, E>(
          running: Running,
          hear: (said: Ended) => Effect.Effect<A, E>,
          stays: (heard: A) => boolean
        ) =>
          call.held.enter(running.dialogue.group).pipe(
            Effect.zipRight(restore(Effect.flatMap(running.dialogue.ask(call.question), hear))),
            Effect.onExit((exit) => (Exit.isSuccess(exit) && stays(exit.value) ? stay(running) : running.end))
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
