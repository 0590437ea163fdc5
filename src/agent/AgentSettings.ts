import * as Equivalence from "effect/Equivalence"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { mayPass } from "./AgentEnvironment.js"
import { claudeCommand, claudeSession, claudeStream } from "./ClaudeCommand.js"

/** A program goes by its name on the PATH or its full path: it runs in a directory where any other path means nothing. */
const isProgram = (program: string): boolean => program !== "" && (program.startsWith("/") || !program.includes("/"))

const VariableName = Schema.String.pipe(
  Schema.pattern(/^[A-Za-z_][A-Za-z0-9_]*$/, { message: () => "not the name of an environment variable" }),
  Schema.filter(mayPass, {
    message: () => "the relay's own variables (TELEGRAM_…, TWILIO_…, WARELAY_…) are never passed to the agent"
  })
)

const Arguments = Schema.Array(Schema.String)

/**
 * The arguments that tell the command which session a turn belongs to. `{session}` stands for the session's UUID and,
 * in `fork`, `{from}` for the UUID of the session whose history is continued. A command without `fork` cannot fork.
 */
export const SessionArguments = Schema.Struct({
  begin: Arguments,
  resume: Arguments,
  fork: Schema.optional(Arguments)
})
export type SessionArguments = typeof SessionArguments.Type

/** The section `agent` of the configuration file: which command answers, and how it is run. */
export const AgentSettings = Schema.Struct({
  /** Nobody thinks: what was said is repeated, with the turn and the session that it was in. For trying things out. */
  echo: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  /** The program and its arguments. The message is its standard input. */
  command: Schema.NonEmptyArray(Schema.String).pipe(
    Schema.filter(
      ([program]) =>
        isProgram(program) ||
        `${JSON.stringify(program)} is neither the name of a program nor a full path, which starts with /`
    ),
    Schema.optionalWith({ default: () => claudeCommand })
  ),
  /** More arguments after those of `command`, such as `["--model", "sonnet"]`. */
  arguments: Schema.optionalWith(Arguments, { default: () => [] }),
  /** How the command is told its session; as the `claude` command is, if absent. */
  sessionArguments: Schema.optionalWith(SessionArguments, { default: () => claudeSession }),
  /**
   * More arguments, with which a relay has the command stay after an answer and take the next message, a line of JSON
   * each, as `claude --input-format stream-json` does: it prints each message again when it takes it up, answers it with
   * one result, and ends when its input does. Absent, they are those of the `claude` command, if `command` is absent, too,
   * and `arguments` gives it no tools; otherwise the command is run for each message.
   */
  streamArguments: Schema.optional(Arguments),
  /** How long a command that can stay waits for the next message, in seconds; with 0 it is run for each message. */
  idleSeconds: Schema.optionalWith(Schema.Number.pipe(Schema.between(0, 86_400)), { default: () => 300 }),
  /** How many of them wait at the same time at most. */
  idleAtMost: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 1_000)), { default: () => 3 }),
  /** What the command prints: `json` as the `claude` command does (one document or one a line), or the plain answer. */
  output: Schema.optionalWith(Schema.Literal("json", "text"), { default: () => "json" as const }),
  /** How long one answer may take, in seconds. */
  timeoutSeconds: Schema.optionalWith(Schema.Number.pipe(Schema.between(1, 86_400)), { default: () => 600 }),
  /** Names of environment variables that the command gets besides those that it needs to run and to log in. */
  environment: Schema.optionalWith(Schema.Array(VariableName), { default: () => [] })
})
export type AgentSettings = typeof AgentSettings.Type

/** The settings of a configuration that says nothing about the agent. */
export const defaultSettings: AgentSettings = Schema.decodeSync(AgentSettings)({})

/** What gives `claude` tools, which may go on in the background and say something that nobody asked. */
const givesTools = (argument: string): boolean => /tool|mcp|permission|agent|plugin/i.test(argument)

/** The arguments with which the command stays, if it can. */
export const streaming = (settings: AgentSettings): Option.Option<ReadonlyArray<string>> => {
  if (settings.idleSeconds === 0 || settings.output !== "json") return Option.none()
  const isClaude = Equivalence.array(Equivalence.string)(settings.command, claudeCommand)
  const known = isClaude && !settings.arguments.some(givesTools) ? claudeStream : undefined
  return Option.fromNullable(settings.streamArguments ?? known)
}
