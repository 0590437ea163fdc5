// Takes turns with the `claude` command in one conversation, run for each message and staying, by turns, against a server on
// loopback that answers at once. Prints its version, and milliseconds for a turn.
//
// Its arguments: the command; a directory for all that it keeps.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { execFileSync } from "node:child_process"
import { dirname } from "node:path"
import { Agent } from "../../src/agent/Agent.js"
import { AgentSettings } from "../../src/agent/AgentSettings.js"
import { claudeCommand, claudeStream } from "../../src/agent/ClaudeCommand.js"
import * as CommandAgent from "../../src/agent/CommandAgent.js"
import { layerMemory, SessionLock } from "../../src/agent/SessionLock.js"
import { SessionId } from "../../src/session/SessionId.js"
import { Start } from "../../src/session/Start.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { claudeApi } from "../support/claude-api.js"
import { spreadOf } from "./spread.mjs"

const [claude = "", directory = ""] = process.argv.slice(2)
const rounds = 20

const ids = {
  each: SessionId.make("aaaaaaaa-0000-4000-8000-000000000001"),
  stays: SessionId.make("bbbbbbbb-0000-4000-8000-000000000002")
}

const [, ...safely] = claudeCommand

const agentOf = (url: string, stays: boolean) =>
  CommandAgent.layer({
    settings: Schema.decodeSync(AgentSettings)({ command: [claude, ...safely], streamArguments: claudeStream }),
    directory: `${directory}/agent`,
    environment: {
      HOME: directory,
      PATH: `${dirname(claude)}:${process.env["PATH"]}`,
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: "sk-ant-none",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1"
    },
    stays
  }).pipe(
    Layer.provide(NodeDisk.layer),
    Layer.build,
    Effect.map((context) => Context.get(context, Agent))
  )

const measured = Effect.gen(function* () {
  const { url } = yield* claudeApi()
  const lock = yield* SessionLock
  const agents = { each: yield* agentOf(url, false), stays: yield* agentOf(url, true) }
  const took = (how: keyof typeof agents, start: typeof Start.Begin | typeof Start.Resume) =>
    Effect.gen(function* () {
      const begun = performance.now()
      yield* agents[how].answer(start({ id: ids[how] }), "Hello", yield* lock.hold([ids[how]]))
      return performance.now() - begun
    }).pipe(Effect.scoped)
  yield* took("each", Start.Begin)
  yield* took("stays", Start.Begin)
  const turns = yield* Effect.forEach(Array.from({ length: rounds }), () =>
    Effect.all({ each: took("each", Start.Resume), stays: took("stays", Start.Resume) })
  )
  return { each: spreadOf(turns.map(({ each }) => each)), stays: spreadOf(turns.map(({ stays }) => stays)) }
}).pipe(Effect.scoped, Effect.provide(layerMemory))

const version = execFileSync(claude, ["--version"], { encoding: "utf8" }).split(" ")[0]
void Effect.runPromise(measured).then((figures) => console.log(JSON.stringify({ version, ...figures })))
