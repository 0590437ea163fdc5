import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Start } from "../session/Start.js"
import { type Descriptor, Disk, DiskError } from "../storage/Disk.js"
import { StorageFailed } from "../storage/StorageError.js"
import { Agent } from "./Agent.js"
import { type Environment, agentEnvironment, secretsOf } from "./AgentEnvironment.js"
import { AgentNotFound, AgentNotStarted, AgentOutputTooLong, AgentTimedOut } from "./AgentError.js"
import type { AgentSettings, SessionArguments } from "./AgentSettings.js"
import { type NotStarted, run, type TooMuchOutput } from "./ChildProcess.js"
import { commandAnswer } from "./CommandAnswer.js"
import { inert } from "./Inert.js"
import { reason } from "./Reason.js"

export interface CommandAgentOptions {
  readonly settings: AgentSettings
  /** The directory in which the command runs: one of its own, made if it is not there, with nothing in it. */
  readonly directory: string
  /** The environment that the relay itself was given; the command gets a part of it. */
  readonly environment: Environment
}

/** The session's arguments for a start. An agent that cannot fork begins, should it be asked to fork all the same. */
const sessionArguments = (templates: SessionArguments, start: Start): ReadonlyArray<string> => {
  const fill = (template: ReadonlyArray<string>, from: string) =>
    template.map((part) => part.replaceAll("{session}", start.id).replaceAll("{from}", from))
  return Start.$match(start, {
    Begin: () => fill(templates.begin, ""),
    Resume: () => fill(templates.resume, ""),
    Fork: ({ from }) => fill(templates.fork ?? templates.begin, from)
  })
}

const make = ({ settings, directory, environment: given }: CommandAgentOptions) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const [command, ...fixed] = settings.command
    const environment = agentEnvironment(given, settings.environment)
    const secrets = secretsOf(environment)

    const couldNotRun = (error: NotStarted | TooMuchOutput) =>
      error._tag === "TooMuchOutput"
        ? new AgentOutputTooLong({ command, bytes: error.bytes })
        : error.code === "ENOENT"
          ? new AgentNotFound({ command })
          : new AgentNotStarted({ command, reason: reason(error.reason, secrets) })

    /** What stands in its place would otherwise be blamed on the command. */
    const directoryThere = Effect.gen(function* () {
      yield* disk.makeDirectory(directory)
      const found = yield* disk.stat(directory)
      if (Option.exists(found, ({ regular }) => !regular)) return
      const code = Option.isSome(found) ? "ENOTDIR" : "ENOENT"
      return yield* new DiskError({ operation: "mkdir", path: directory, code })
    }).pipe(
      Effect.mapError(({ code }) => new StorageFailed({ file: directory, doing: "saving", code, state: "unchanged" }))
    )

    /** One run of the command. */
    const attempt = (start: Start, input: string, inherited: ReadonlyArray<Descriptor>) =>
      Effect.gen(function* () {
        yield* directoryThere
        const ended = yield* run({
          program: command,
          arguments: [...fixed, ...settings.arguments, ...sessionArguments(settings.sessionArguments, start)],
          directory,
          environment,
          input,
          inherited,
          began: (group) => {
            const line = new TextEncoder().encode(`${group}\n`)
            return Effect.forEach(inherited, (file) => Effect.ignore(disk.write(file, line)), { discard: true })
          }
        }).pipe(Effect.mapError(couldNotRun))
        return yield* commandAnswer({ command, output: settings.output, session: start.id, secrets }, ended)
      })

    /** The session may not be as we thought, after a crash or because somebody removed it: then enter it as it is, once. */
    const entered = (start: Start, input: string, held: ReadonlyArray<Descriptor>) =>
      attempt(start, input, held).pipe(
        Effect.catchTags({
          SessionInUse: (refused) =>
            start._tag === "Resume" ? Effect.fail(refused) : attempt(Start.Resume({ id: start.id }), input, held),
          SessionUnknown: (refused) =>
            start._tag === "Begin" ? Effect.fail(refused) : attempt(Start.Begin({ id: start.id }), input, held)
        }),
        Effect.catchTags({
          SessionInUse: ({ failure }) => Effect.fail(failure),
          SessionUnknown: ({ failure }) => Effect.fail(failure)
        })
      )

    return Agent.of({
      answer: Effect.fn("CommandAgent.answer")((start, prompt, held = []) =>
        entered(start, inert(prompt), held).pipe(
          Effect.timeoutFail({
            duration: Duration.seconds(settings.timeoutSeconds),
            onTimeout: () => new AgentTimedOut({ command, seconds: settings.timeoutSeconds })
          })
        )
      ),
      canFork: settings.sessionArguments.fork !== undefined
    })
  })

/**
 * Answers by running a command for each turn: Anthropic's `claude`, or another that is told its session and prints its
 * answer.
 */
export const layer = (options: CommandAgentOptions): Layer.Layer<Agent, never, Disk> =>
  Layer.effect(Agent, make(options))
