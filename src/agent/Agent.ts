import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { SessionId } from "../session/SessionId.js"
import type { Start } from "../session/Start.js"
import type { WriteError } from "../storage/Document.js"
import type { AgentError } from "./AgentError.js"
import type { Held } from "./Held.js"

export interface Answer {
  readonly text: string
  /** The session that now holds this turn. Usually the one asked for; if the agent names another, that one. */
  readonly session: SessionId
}

export class Agent extends Context.Tag("warelay/agent/Agent")<
  Agent,
  {
    /**
     * One turn. Interrupting it leaves no process of it running. Turns of one session must not overlap: what it starts
     * holds the session as `held` says, which keeps others out for as long as it lives, even if we are killed.
     */
    readonly answer: (start: Start, prompt: string, held?: Held) => Effect.Effect<Answer, AgentError | WriteError>
    /** Whether `Start.Fork` continues a history; an agent that cannot must not be asked to. */
    readonly canFork: boolean
  }
>() {}
