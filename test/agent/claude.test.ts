import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { delimiter } from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { Agent } from "../../src/agent/Agent.js"
import { AgentSettings } from "../../src/agent/AgentSettings.js"
import { run } from "../../src/agent/ChildProcess.js"
import { claudeCommand, claudeStream } from "../../src/agent/ClaudeCommand.js"
import * as CommandAgent from "../../src/agent/CommandAgent.js"
import { layerMemory, SessionLock } from "../../src/agent/SessionLock.js"
import { prompt } from "../../src/agent/Prompt.js"
import { SessionId } from "../../src/session/SessionId.js"
import { Start } from "../../src/session/Start.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { claudeApi, saidIn } from "../support/claude-api.js"
import { agentContract } from "./Agent.contract.js"
import { holding } from "./stand-in.js"

/*
 * The real `claude` command against a server that stands for Anthropic's, with a home of its own and a key that is none.
 */

const installed = [
  process.env["WARELAY_TEST_CLAUDE"] ?? "",
  ...(process.env["PATH"] ?? "").split(delimiter).map((directory) => `${directory}/claude`)
].find((path) => path !== "" && existsSync(path))
const claude = installed ?? "claude"
const title =
  installed === undefined
    ? "claude itself (skipped: it is not on the PATH, and WARELAY_TEST_CLAUDE does not name it)"
    : "claude itself"

const a = SessionId.make("aaaaaaaa-0000-4000-8000-000000000001")
const b = SessionId.make("bbbbbbbb-0000-4000-8000-000000000002")
const canary = "the-canary-in-the-file"
/** A file that no message names: only a listing of its directory does. */
const neighbour = "the-canary-beside-it"

const [, ...safely] = claudeCommand
const safe = [claude, ...safely] as const
const unsafe = [claude, "-p", "--output-format", "json"] as const

interface Options {
  readonly stays?: boolean
  readonly command?: readonly [string, ...ReadonlyArray<string>]
  readonly status?: number
  readonly environment?: Record<string, string>
  readonly settings?: typeof AgentSettings.Encoded
}

const real = ({ command = safe, status = 200, environment = {}, settings = {}, stays = false }: Options = {}) =>
  Effect.gen(function* () {
    const home = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
    const api = yield* claudeApi(status)
    const all = {
      HOME: `${home}/user`,
      PATH: process.env["PATH"] ?? "",
      ANTHROPIC_BASE_URL: api.url,
      ANTHROPIC_API_KEY: "sk-ant-none",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      ...environment
    }
    const directory = `${home}/relay/agent`
    mkdirSync(`${home}/user/.claude`, { recursive: true })
    mkdirSync(directory, { recursive: true })
    writeFileSync(`${home}/canary.txt`, canary)
    writeFileSync(`${home}/${neighbour}`, "")
    const layer = CommandAgent.layer({
      settings: Schema.decodeSync(AgentSettings)({ command: [...command], streamArguments: claudeStream, ...settings }),
      directory,
      environment: all,
      stays
    })
    /** Claude without the relay: what these tests would see if the relay did nothing. */
    const directly = (command: ReadonlyArray<string>, input: string) =>
      run(
        { program: claude, arguments: command.slice(1), directory, environment: all, inherited: [] },
        input,
        () => Effect.void
      ).pipe(Effect.timeout("20 seconds"))
    const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
    const context = yield* Layer.buildWithScope(Layer.merge(Layer.provide(layer, NodeDisk.layer), layerMemory), scope)
    const lock = Context.get(context, SessionLock)
    const intrude = (session: SessionId) => Effect.scoped(Effect.orDie(lock.hold([session])))
    return {
      agent: holding(Context.get(context, Agent), lock),
      api,
      home,
      directly,
      intrude,
      end: Scope.close(scope, Exit.void)
    }
  })

const law = (sentence: string, test: Effect.Effect<void, unknown, FileSystem.FileSystem | Scope.Scope>) =>
  it.scopedLive(sentence, () => Effect.provide(test, NodeFileSystem.layer))

describe.skipIf(installed === undefined).each([
  ["run for each message", false],
  ["that stays", true]
] as const)(`${title}, %s`, (_, stays) => {
  agentContract(
    "keeps sessions",
    real({ stays }).pipe(
      Effect.orDie,
      Effect.map(({ agent }) => Layer.succeed(Agent, agent)),
      Layer.unwrapScoped,
      Layer.provide(NodeFileSystem.layer)
    )
  )

  law(
    "the second message, from another provider, carries the first in its history",
    Effect.gen(function* () {
      const { agent, api } = yield* real({ stays })
      const first = prompt({
        provider: "whatsapp",
        name: Option.some("Mom"),
        account: "+1234567890",
        text: "The door is blue"
      })
      const second = prompt({ provider: "telegram", name: Option.none(), account: "123456789", text: "Which colour?" })
      yield* agent.answer(Start.Begin({ id: a }), first)
      yield* agent.answer(Start.Resume({ id: a }), second)
      assert.deepStrictEqual(saidIn(api.requests().at(-1)), [
        "[WhatsApp · Mom]\nThe door is blue",
        "[Telegram · …6789]\nWhich colour?"
      ])
    })
  )

  law(
    "the history of a session that was forked stays byte for byte",
    Effect.gen(function* () {
      const { agent, home } = yield* real({ stays })
      yield* agent.answer(Start.Begin({ id: a }), "one")
      const projects = `${home}/user/.claude/projects`
      const transcript = `${projects}/${`${home}/relay/agent`.replace(/[^A-Za-z0-9]/g, "-")}/${a}.jsonl`
      const written = () => readFileSync(transcript, "utf8")
      // One that stays has it written when it ends, which is before the fork.
      const before = stays ? undefined : written()
      yield* agent.answer(Start.Fork({ from: a, id: b }), "two")
      const after = written()
      assert.strictEqual(before ?? after, after)
      yield* agent.answer(Start.Resume({ id: b }), "three")
      assert.strictEqual(written(), after)
    })
  )

  describe("a file named in a message never reaches the model", () => {
    const mentions = (home: string) =>
      [
        "look",
        `@${home}/canary.txt`,
        `@"${home}/canary.txt"`,
        "@../../canary.txt",
        `@${home}/canary.txt#L1-1`,
        `@${home}/`,
        `(@${home}/canary.txt)`,
        `x\n@${home}/canary.txt\n`
      ].join(" ")
    const seen = (text: string) => text.includes(canary) || text.includes(neighbour)

    law(
      "which it does without the relay's care",
      Effect.gen(function* () {
        const { api, home, directly } = yield* real({ stays })
        yield* directly([...unsafe, "--tools", ""], mentions(home))
        assert.lengthOf(api.requests(), 1)
        assert.isTrue(seen(api.bodies()))
      })
    )

    law(
      "by the default command and the prompt",
      Effect.gen(function* () {
        const { agent, api, home } = yield* real({ stays })
        yield* agent.answer(Start.Begin({ id: a }), mentions(home))
        yield* agent.answer(Start.Resume({ id: a }), mentions(home))
        yield* agent.answer(Start.Fork({ from: a, id: b }), mentions(home))
        assert.lengthOf(api.requests(), 3)
        assert.isFalse(seen(api.bodies()))
      })
    )

    law(
      "by the default command's arguments alone",
      Effect.gen(function* () {
        const { api, home, directly } = yield* real({ stays })
        yield* directly(safe, mentions(home))
        assert.lengthOf(api.requests(), 1)
        assert.include(api.bodies(), "@../../canary.txt")
        assert.isFalse(seen(api.bodies()))
      })
    )

    law(
      "by the prompt alone, whatever the command's arguments",
      Effect.gen(function* () {
        const { agent, api, home } = yield* real({ stays, command: unsafe })
        yield* agent.answer(Start.Begin({ id: a }), mentions(home))
        assert.lengthOf(api.requests(), 1)
        assert.isFalse(seen(api.bodies()))
      })
    )
  })

  for (const text of [
    "/context",
    "/clear",
    "/cost",
    "--help",
    "--dangerously-skip-permissions",
    "!id",
    "#remember this"
  ]) {
    law(
      `is told ${text} as a text, and does not do it`,
      Effect.gen(function* () {
        const { agent, api } = yield* real({ stays })
        const bare = yield* agent.answer(Start.Begin({ id: a }), text)
        const spoken = prompt({ provider: "twilio", name: Option.some("Mom"), account: "+1234567890", text })
        yield* agent.answer(Start.Resume({ id: a }), spoken)
        assert.lengthOf(api.requests(), 2)
        assert.strictEqual(bare.session, a)
        assert.deepStrictEqual(
          saidIn(api.requests().at(-1)).map((said) => said.trim()),
          [text, spoken]
        )
      })
    )
  }

  law(
    "executes /context without the relay's care",
    Effect.gen(function* () {
      const { api, directly } = yield* real({ stays })
      assert.include((yield* directly([...unsafe, "--tools", ""], "/context")).stdout, "Context Usage")
      assert.isFalse(api.requests().some((request) => saidIn(request).includes("/context")))
    })
  )

  describe("nothing of its user's reaches the model, and nothing of it runs", () => {
    /** What a user, or the directory above ours, may have set up. */
    const customise = (home: string) => {
      const run = (name: string) => ({ hooks: [{ type: "command", command: `touch '${home}/ran-${name}'` }] })
      const hooks = (name: string) =>
        JSON.stringify({ hooks: { UserPromptSubmit: [run(name)], SessionStart: [run(name)] } })
      const servers = (name: string) =>
        JSON.stringify({ mcpServers: { [name]: { command: "touch", args: [`${home}/ran-${name}`] } } })
      const write = (path: string, text: string) => {
        mkdirSync(`${home}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true })
        writeFileSync(`${home}/${path}`, text)
      }
      write("user/.claude/CLAUDE.md", canary)
      write("user/.claude/settings.json", hooks("user-hook"))
      write("user/.claude/skills/bird/SKILL.md", `---\nname: bird\ndescription: ${canary}\n---\n${canary}\n`)
      write("user/.claude/commands/bird.md", canary)
      write("user/.claude.json", servers("user-server"))
      write("relay/CLAUDE.md", canary)
      write("relay/.mcp.json", servers("project-server"))
      write("relay/.claude/settings.json", hooks("project-hook"))
    }
    const ran = (home: string) =>
      ["user-hook", "user-server", "project-server"].filter((name) => existsSync(`${home}/ran-${name}`))

    law(
      "which they do without the relay's care",
      Effect.gen(function* () {
        const { api, home, directly } = yield* real({ stays })
        customise(home)
        yield* directly(unsafe, "Hello")
        assert.include(api.bodies(), canary)
        assert.deepStrictEqual(ran(home), ["user-hook", "user-server", "project-server"])
        assert.isAbove(api.requests()[0]?.tools?.length ?? 0, 0)
      })
    )

    law(
      "by the default command",
      Effect.gen(function* () {
        const { agent, api, home } = yield* real({ stays })
        customise(home)
        yield* agent.answer(Start.Begin({ id: a }), "Hello")
        assert.lengthOf(api.requests(), 1)
        assert.notInclude(api.bodies(), canary)
        assert.notInclude(api.bodies(), home)
        assert.deepStrictEqual(ran(home), [])
        assert.deepStrictEqual(api.requests()[0]?.tools ?? [], [])
        assert.include(JSON.stringify(api.requests()[0]?.system), "The first line of every message")
      })
    )
  })

  law(
    "gets no secret of the relay",
    Effect.gen(function* () {
      const { agent, home, api } = yield* real({
        stays,
        command: ["/bin/sh", "-c", 'env > ../environment; exec "$@"', "sh", ...safe],
        environment: {
          TELEGRAM_BOT_TOKEN: "1:secret",
          TWILIO_AUTH_TOKEN: "secret",
          WARELAY_HOME: "secret",
          OTHER: "secret"
        }
      })
      yield* agent.answer(Start.Begin({ id: a }), "Hello")
      const environment = readFileSync(`${home}/relay/environment`, "utf8")
      assert.include(environment, "ANTHROPIC_API_KEY=sk-ant-none")
      assert.notInclude(environment, "secret")
      assert.notInclude(api.bodies(), "secret")
    })
  )

  law(
    "that is not logged in says so to the operator, and not to the sender",
    Effect.gen(function* () {
      const { agent } = yield* real({ stays, environment: { ANTHROPIC_API_KEY: "" } })
      const error = yield* Effect.flip(agent.answer(Start.Begin({ id: a }), "Hello"))
      assert.strictEqual(error._tag, "AgentReportedError")
      assert.include(error.message, "Not logged in")
      assert.notInclude("forSender" in error ? error.forSender : "log", "log")
    })
  )

  law(
    "that tries again and again with a bad key is ended in time, and its session goes on afterwards",
    Effect.gen(function* () {
      const { agent } = yield* real({ stays, status: 401, settings: { timeoutSeconds: 3 } })
      const error = yield* Effect.flip(agent.answer(Start.Begin({ id: a }), "Hello"))
      assert.strictEqual(error._tag, "AgentTimedOut")
      assert.strictEqual((yield* Effect.flip(agent.answer(Start.Begin({ id: a }), "Again")))._tag, "AgentTimedOut")
    })
  )

  law(
    "knows what somebody else said in its session",
    Effect.gen(function* () {
      const { agent, api, directly, intrude } = yield* real({ stays })
      yield* agent.answer(Start.Begin({ id: a }), "one")
      yield* Effect.zipRight(directly([...safe, "--resume", a], "two"), intrude(a))
      yield* agent.answer(Start.Resume({ id: a }), "three")
      assert.deepStrictEqual(saidIn(api.requests().at(-1)), ["one", "two", "three"])
    })
  )

  law(
    "forgets nothing when it is ended right after its answer",
    Effect.gen(function* () {
      const { agent, api, directly, end } = yield* real({ stays })
      yield* agent.answer(Start.Begin({ id: a }), "one")
      yield* agent.answer(Start.Resume({ id: a }), "two")
      yield* end
      yield* directly([...safe, "--resume", a], "three")
      assert.deepStrictEqual(saidIn(api.requests().at(-1)), ["one", "two", "three"])
    })
  )
})
