import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type Route, SessionKey } from "../session/SessionKey.js"
import type { SenderContext } from "../session/SenderContext.js"
import { Sessions } from "../session/Sessions.js"
import { SessionSettings } from "../session/SessionSettings.js"
import type { SessionChanged } from "../session/SessionStore.js"
import type { SessionId } from "../session/SessionId.js"
import { Start } from "../session/Start.js"
import type { WriteError } from "../storage/Document.js"
import { Agent } from "./Agent.js"
import type { AgentError } from "./AgentError.js"
import { type Reset, readReset } from "./Reset.js"
import { SessionLock } from "./SessionLock.js"

/** The settings of the turns, at the top of the configuration file. */
export const turnFields = {
  /** A message that is one of these, or starts with one and a space, starts a new conversation. */
  resetTriggers: Schema.optionalWith(Schema.Array(Schema.NonEmptyTrimmedString), { default: () => ["/new"] })
}

const Settings = Schema.Struct(turnFields)

export class TurnSettings extends Context.Tag("warelay/agent/TurnSettings")<TurnSettings, typeof Settings.Type>() {}

export interface Turn {
  readonly sender: SenderContext
  readonly text: string
  /** What the agent is told of a text by this sender. */
  readonly prompt: (text: string) => string
  /** The session to use instead of the conversation's own, which stays as it is. */
  readonly session: Option.Option<SessionId>
}

export interface Answered {
  readonly text: string
  readonly key: Route["key"]
  /** The session that the turn was in; none if the agent was not asked. */
  readonly session: Option.Option<SessionId>
}

export type TurnError = AgentError | SessionChanged | WriteError

export class Turns extends Context.Tag("warelay/agent/Turns")<
  Turns,
  {
    /**
     * One message answered. The conversation is the one that the sender is in when the turn starts, and no other turn
     * is in its session meanwhile, in this process or another. Only a turn that succeeded is recorded.
     */
    readonly run: (turn: Turn) => Effect.Effect<Answered, TurnError>
  }
>() {}

/** What a sender hears who asks for a new conversation and says nothing in it yet. */
const renewed = "This is a new conversation. What was said before is not part of it."

const sessionsOf = Start.$match({
  Begin: ({ id }) => [id],
  Resume: ({ id }) => [id],
  Fork: ({ from, id }) => [from, id]
})

interface Entered {
  readonly route: Route
  readonly start: Start
}

export const layer: Layer.Layer<
  Turns,
  never,
  Agent | SessionKey | Sessions | SessionLock | SessionSettings | TurnSettings
> = Layer.effect(
  Turns,
  Effect.gen(function* () {
    const agent = yield* Agent
    const keys = yield* SessionKey
    const sessions = yield* Sessions
    const lock = yield* SessionLock
    const { scope } = yield* SessionSettings
    const { resetTriggers } = yield* TurnSettings
    const { canFork } = agent

    const enter = (sender: SenderContext, reset: boolean) =>
      Effect.gen(function* () {
        const route = yield* keys.route(scope, sender)
        return { route, start: yield* sessions.enter(route, { reset, canFork }) }
      })

    /** The answer is there; that it could not be recorded is for the operator to know, not a reason to withhold it. */
    const settle = (key: Route["key"], start: Start, session: SessionId) =>
      Effect.catchAll(sessions.settle(key, start, session), ({ message }) =>
        Effect.logError(`a turn was answered but not recorded: ${message}`)
      )

    const answer = (entered: Entered, turn: Turn, said: Reset): Effect.Effect<Answered, TurnError> =>
      Effect.gen(function* () {
        const held = yield* lock.hold(sessionsOf(entered.start))
        // While we waited, the sender may have been linked or unlinked, or the conversation have been started anew.
        const now = yield* enter(turn.sender, false)
        if (now.start.id !== entered.start.id) return Either.left(now.route.key)
        const start = entered.start._tag === "Begin" ? entered.start : now.start
        const given = yield* agent.answer(start, turn.prompt(said.text), held)
        yield* settle(now.route.key, start, given.session)
        return Either.right({ text: given.text, key: now.route.key, session: Option.some(given.session) })
      }).pipe(
        Effect.scoped,
        Effect.flatMap((result: Either.Either<Answered, Route["key"]>) =>
          Either.match(result, {
            // Who asked for a new conversation and is in another one by now has not had it yet.
            onLeft: (key) =>
              Effect.flatMap(enter(turn.sender, said.reset && key !== entered.route.key), (now) =>
                answer(now, turn, said)
              ),
            onRight: Effect.succeed
          })
        )
      )

    const answerIn = (session: SessionId, turn: Turn): Effect.Effect<Answered, TurnError> =>
      Effect.gen(function* () {
        const held = yield* lock.hold([session])
        const given = yield* agent.answer(Start.Resume({ id: session }), turn.prompt(turn.text), held)
        const key = yield* keys.derive(scope, turn.sender)
        return { text: given.text, key, session: Option.some(given.session) }
      }).pipe(Effect.scoped)

    const run = Effect.fn("Turns.run")((turn: Turn) =>
      Effect.gen(function* () {
        if (Option.isSome(turn.session)) return yield* answerIn(turn.session.value, turn)
        const said = readReset(resetTriggers, turn.text)
        const entered = yield* enter(turn.sender, said.reset)
        return said.reset && said.text === ""
          ? { text: renewed, key: entered.route.key, session: Option.none() }
          : yield* answer(entered, turn, said)
      })
    )

    return { run }
  })
)
