import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { randomUUID } from "node:crypto"
import { Start } from "../session/Start.js"
import { Disk, DiskError } from "../storage/Disk.js"
import { StorageFailed } from "../storage/StorageError.js"
import { Agent } from "./Agent.js"
import { type Environment, agentEnvironment, secretsOf } from "./AgentEnvironment.js"
import { AgentNotFound, AgentNotStarted, AgentOutputTooLong, AgentTimedOut } from "./AgentError.js"
import { type AgentSettings, type SessionArguments, streaming } from "./AgentSettings.js"
import { type Ended, type NotStarted, run, type TooMuchOutput } from "./ChildProcess.js"
import { claudeLine } from "./ClaudeCommand.js"
import { isResult } from "./ClaudeOutput.js"
import { commandAnswer } from "./CommandAnswer.js"
import { type Held, unheld } from "./Held.js"
import { inert } from "./Inert.js"
import { reason } from "./Reason.js"
import * as Standby from "./Standby.js"

export interface CommandAgentOptions {
  readonly settings: AgentSettings
  /** The directory in which the command runs: one of its own, made if it is not there, with nothing in it. */
  readonly directory: string
  /** The environment that the relay itself was given; the command gets a part of it. */
  readonly environment: Environment
  /** Whether a command that can stay after an answer does, until the layer is released. */
  readonly stays: boolean
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

const make = ({ settings, directory, environment: given, stays }: CommandAgentOptions) =>
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

    const stream = Option.filter(streaming(settings), () => stays)
    const limits = { idle: Duration.seconds(settings.idleSeconds), most: settings.idleAtMost }
    const standby = yield* Effect.transposeOption(Option.as(stream, Standby.make(limits, isResult)))
    const always = [...fixed, ...settings.arguments, ...Option.getOrElse(stream, () => [])]

    /** One answer by the command, for which it is run if none waits. */
    const attempt = (start: Start, input: string, held: Held) =>
      Effect.gen(function* () {
        yield* directoryThere
        const line = {
          program: command,
          arguments: [...always, ...sessionArguments(settings.sessionArguments, start)],
          directory,
          environment,
          inherited: held.descriptors
        }
        const read = (ended: Ended) =>
          commandAnswer({ command, output: settings.output, session: start.id, secrets }, ended)
        return yield* Option.match(standby, {
          onNone: () => Effect.flatMap(run(line, input, held.enter), read),
          onSome: ({ put }) => {
            const mark = randomUUID()
            return put({ command: line, question: { line: claudeLine(input, mark), mark }, start, held }, read)
          }
        })
      }).pipe(Effect.catchTags({ NotStarted: couldNotRun, TooMuchOutput: couldNotRun }))

    /** The session may not be as we thought, after a crash or because somebody removed it: then enter it as it is, once. */
    const entered = (start: Start, input: string, held: Held) =>
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
      answer: Effect.fn("CommandAgent.answer")((start, prompt, held = unheld) =>
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
 * Answers by running a command: Anthropic's `claude`, or another that is told its session and prints its answer. It is run
 * for each turn, or stays in a session for a while.
 */
export const layer = (options: CommandAgentOptions): Layer.Layer<Agent, never, Disk> =>
  Layer.scoped(Agent, make(options))
