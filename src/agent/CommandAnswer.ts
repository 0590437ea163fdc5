import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { SessionId } from "../session/SessionId.js"
import type { Answer } from "./Agent.js"
import {
  AgentAnswerEmpty,
  type AgentError,
  AgentExited,
  AgentOutputUnreadable,
  AgentReportedError,
  ConversationTooLong
} from "./AgentError.js"
import type { Ended } from "./ChildProcess.js"
import { type ClaudeResult, resultIn } from "./ClaudeOutput.js"
import { reason } from "./Reason.js"

/** The command refused to begin a session that exists already. `failure` is what that means if nothing can be done. */
export class SessionInUse extends Data.TaggedError("SessionInUse")<{ readonly failure: AgentError }> {}
/** The command refused to resume, or to fork, a session that it does not know. */
export class SessionUnknown extends Data.TaggedError("SessionUnknown")<{ readonly failure: AgentError }> {}

export interface Asked {
  readonly command: string
  readonly output: "json" | "text"
  /** The session that the command was told, which holds the turn unless the command names another. */
  readonly session: SessionId
  /** What must not appear in an error. */
  readonly secrets: ReadonlyArray<string>
}

const failureOf = ({ command, secrets }: Asked, ended: Ended, result: Option.Option<ClaudeResult>) => {
  const said = Option.match(result, {
    onNone: () => "",
    onSome: ({ errors = [], result }) => [...errors, result ?? ""].join("\n")
  })
  const reported = reason(said, secrets)
  const failure = /prompt is too long|input length .* exceed/i.test(reported)
    ? new ConversationTooLong({ command, reason: reported })
    : reported !== ""
      ? new AgentReportedError({ command, reason: reported })
      : new AgentExited({ command, status: ended.status, reason: reason(ended.stderr, secrets) })
  const why = `${ended.stderr}\n${said}`
  if (/session id .* is already in use/i.test(why)) return new SessionInUse({ failure })
  if (/no conversation found/i.test(why)) return new SessionUnknown({ failure })
  return failure
}

const answerIn = ({ command, session }: Asked, text: string, named: string): Effect.Effect<Answer, AgentAnswerEmpty> =>
  text.trim() === ""
    ? new AgentAnswerEmpty({ command })
    : Effect.succeed({
        text: text.trim(),
        session: Option.getOrElse(Schema.decodeOption(SessionId)(named), () => session)
      })

/** What a command that has ended answered, or why it did not. */
export const commandAnswer = (
  asked: Asked,
  ended: Ended
): Effect.Effect<Answer, AgentError | SessionInUse | SessionUnknown> => {
  const result = asked.output === "json" ? resultIn(ended.stdout) : Option.none()
  const refused = Option.exists(result, ({ is_error }) => is_error === true)
  if (ended.status !== 0 || refused) return Effect.fail(failureOf(asked, ended, result))
  if (asked.output === "text") return answerIn(asked, ended.stdout, "")
  if (Option.isSome(result)) return answerIn(asked, result.value.result ?? "", result.value.session_id ?? "")
  return ended.stdout.trim() === ""
    ? new AgentAnswerEmpty({ command: asked.command })
    : new AgentOutputUnreadable({ command: asked.command, bytes: Buffer.byteLength(ended.stdout) })
}
