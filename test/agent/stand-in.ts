import { execFileSync } from "node:child_process"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Agent } from "../../src/agent/Agent.js"
import { AgentSettings } from "../../src/agent/AgentSettings.js"
import * as CommandAgent from "../../src/agent/CommandAgent.js"
import { layerMemory, SessionLock } from "../../src/agent/SessionLock.js"
import type { SessionId } from "../../src/session/SessionId.js"
import { Start } from "../../src/session/Start.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { claudeCalls, claudeStandIn } from "../support/claude-calls.js"

export interface Options {
  readonly mode?: string
  /** Whether it stays after an answer. */
  readonly stays?: boolean
  readonly settings?: typeof AgentSettings.Encoded
  readonly environment?: Record<string, string>
  /** Who keeps others out of its sessions. */
  readonly locks?: Layer.Layer<SessionLock>
}

const sessionsOf = Start.$match({
  Begin: ({ id }) => [id],
  Resume: ({ id }) => [id],
  Fork: ({ from, id }) => [from, id]
})

/** The agent as turns use it, which hold the session. */
export const holding = (agent: typeof Agent.Service, lock: typeof SessionLock.Service) =>
  Agent.of({
    ...agent,
    answer: (start, prompt) =>
      lock.hold(sessionsOf(start)).pipe(
        Effect.orDie,
        Effect.flatMap((held) => agent.answer(start, prompt, held)),
        Effect.scoped
      )
  })

/** An agent on the stand-in, the directory in which it keeps everything, and how somebody else enters a session. */
export const standIn = ({
  mode = "well",
  settings = {},
  environment = {},
  stays = false,
  locks = layerMemory
}: Options = {}) =>
  Effect.gen(function* () {
    const home = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
    const sessions = `${home}/sessions`
    const layer = CommandAgent.layer({
      settings: Schema.decodeSync(AgentSettings)({
        command: [process.execPath, claudeStandIn],
        streamArguments: ["--input-format", "stream-json"],
        ...settings
      }),
      directory: `${home}/agent`,
      environment: {
        PATH: process.env["PATH"],
        CLAUDE_STAND_IN_HOME: sessions,
        CLAUDE_STAND_IN_MODE: mode,
        ...environment
      },
      stays
    })
    const context = yield* Layer.build(Layer.provideMerge(Layer.provide(layer, NodeDisk.layer), locks))
    return yield* Effect.gen(function* () {
      const lock = yield* SessionLock
      const agent = holding(yield* Agent, lock)
      const intrude = (session: SessionId) => Effect.scoped(Effect.orDie(lock.hold([session])))
      return { agent, home, intrude, calls: () => claudeCalls(sessions) }
    }).pipe(Effect.provide(context))
  })

/** Whether any process of the group runs. (A dead one stays in the table until its parent looks.) */
export const groupLives = (group: number): boolean =>
  execFileSync("ps", ["-A", "-o", "pgid=,stat="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .some(([pgid, stat]) => pgid === String(group) && !stat?.startsWith("Z"))
