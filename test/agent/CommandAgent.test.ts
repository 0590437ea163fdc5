import { rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Agent } from "../../src/agent/Agent.js"
import { SessionId } from "../../src/session/SessionId.js"
import { Start } from "../../src/session/Start.js"
import { type ClaudeCall, claudeStandIn } from "../support/claude-calls.js"
import { agentContract } from "./Agent.contract.js"
import { groupLives, type Options, standIn } from "./stand-in.js"

const a = SessionId.make("aaaaaaaa-0000-4000-8000-000000000001")
const b = SessionId.make("bbbbbbbb-0000-4000-8000-000000000002")
const begin = Start.Begin({ id: a })

const failing = (mode: string, options: Options = {}) =>
  Effect.flatMap(standIn({ mode, ...options }), ({ agent }) => Effect.flip(agent.answer(begin, "Hello")))

const law = (sentence: string, test: Effect.Effect<void, unknown, FileSystem.FileSystem | Scope.Scope>) =>
  it.scopedLive(sentence, () => Effect.provide(test, NodeFileSystem.layer))

for (const stays of [false, true]) {
  agentContract(
    stays ? "a command that stays" : "a command that is run for each message",
    standIn({ stays }).pipe(
      Effect.orDie,
      Effect.map(({ agent }) => Layer.succeed(Agent, agent)),
      Layer.unwrapScoped,
      Layer.provide(NodeFileSystem.layer)
    )
  )
}

describe("CommandAgent runs the command", () => {
  law(
    "the message is its standard input, and no argument",
    Effect.gen(function* () {
      const { agent, calls } = yield* standIn({ settings: { command: [process.execPath, claudeStandIn, "-p"] } })
      const message = "--help\n`touch x`; $(id) \u0000 \ud83d\ude00 ünï"
      yield* agent.answer(begin, message)
      assert.strictEqual(calls()[0]?.input, message)
      assert.deepStrictEqual(calls()[0]?.args, ["-p", "--session-id", a])
    })
  )

  law(
    "its arguments are the command's own, those of the configuration, and those of the session",
    Effect.gen(function* () {
      const { agent, calls } = yield* standIn({
        settings: { command: [process.execPath, claudeStandIn, "-p"], arguments: ["--model", "sonnet"] }
      })
      yield* agent.answer(begin, "one")
      yield* agent.answer(Start.Resume({ id: a }), "two")
      yield* agent.answer(Start.Fork({ from: a, id: b }), "three")
      assert.deepStrictEqual(
        calls().map(({ args }) => args.slice(3)),
        [
          ["--session-id", a],
          ["--resume", a],
          ["--resume", a, "--fork-session", "--session-id", b]
        ]
      )
      assert.deepStrictEqual(calls()[0]?.args.slice(0, 3), ["-p", "--model", "sonnet"])
    })
  )

  law(
    "another command is told its session in its own way, and cannot fork unless it says how",
    Effect.gen(function* () {
      const { agent, calls } = yield* standIn({
        mode: "text",
        settings: { output: "text", sessionArguments: { begin: ["new={session}"], resume: ["-s", "{session}"] } }
      })
      assert.isFalse(agent.canFork)
      const answer = yield* agent.answer(begin, "one")
      assert.deepStrictEqual(answer, { text: '["one"]', session: a })
      yield* agent.answer(Start.Resume({ id: a }), "two")
      yield* agent.answer(Start.Fork({ from: a, id: b }), "three")
      assert.deepStrictEqual(
        calls().map(({ args }) => args),
        [[`new=${a}`], ["-s", a], [`new=${b}`]]
      )
    })
  )

  law(
    "it runs in an empty directory of its own, which is its owner's alone and made again if it is gone",
    Effect.gen(function* () {
      const { agent, home, calls } = yield* standIn()
      yield* agent.answer(begin, "one")
      assert.strictEqual(statSync(`${home}/agent`).mode & 0o777, 0o700)
      rmSync(`${home}/agent`, { recursive: true })
      yield* agent.answer(Start.Resume({ id: a }), "two")
      assert.deepStrictEqual(
        calls().map(({ cwd }) => cwd),
        [`${home}/agent`, `${home}/agent`]
      )
    })
  )

  law(
    "its environment is what it needs and what the configuration names, and nothing of the relay's",
    Effect.gen(function* () {
      const secret = {
        TELEGRAM_BOT_TOKEN: "1:t",
        TWILIO_AUTH_TOKEN: "t",
        WARELAY_HOME: "/h",
        DATABASE_URL: "d",
        AWS_SECRET_ACCESS_KEY: "s"
      }
      const needed = {
        HOME: "/h",
        LANG: "C",
        LC_ALL: "C",
        ANTHROPIC_API_KEY: "k",
        CLAUDE_CONFIG_DIR: "/c",
        https_proxy: "http://p"
      }
      const { agent, calls } = yield* standIn({
        environment: { ...secret, ...needed, MORE: "m" },
        settings: { environment: ["MORE", "MISSING"] }
      })
      yield* agent.answer(begin, "one")
      const env = calls()[0]?.env ?? {}
      for (const name of Object.keys(secret)) assert.notProperty(env, name)
      for (const [name, value] of Object.entries({ ...needed, MORE: "m" })) assert.strictEqual(env[name], value)
      const expected = [...Object.keys(needed), "MORE", "PATH", "CLAUDE_STAND_IN_HOME", "CLAUDE_STAND_IN_MODE"]
      assert.sameMembers(Object.keys(env), expected)
    })
  )

  law(
    "nothing in a message makes claude attach a file or run a command, whatever its arguments",
    Effect.gen(function* () {
      const { agent, calls } = yield* standIn()
      yield* agent.answer(begin, "/clear")
      yield* agent.answer(Start.Resume({ id: a }), 'see @/etc/passwd,@"x y" (@~/z) a@b.org @ 5')
      assert.deepStrictEqual(
        calls().map(({ input }) => input),
        [" /clear", 'see @\u2060/etc/passwd,@\u2060"x y" (@\u2060~/z) a@b.org @ 5']
      )
    })
  )
})

describe("CommandAgent reads the answer", () => {
  for (const [mode, stays] of [
    ["well", false],
    ["ndjson", false],
    ["noisy", false],
    ["events", false],
    ["well", true],
    ["ndjson", true],
    ["noisy", true]
  ] as const) {
    law(
      `as claude writes it: ${mode}${stays ? ", and stays" : ""}`,
      Effect.gen(function* () {
        const { agent } = yield* standIn({ mode, stays })
        assert.deepStrictEqual(yield* agent.answer(begin, "Hello"), { text: '["Hello"]', session: a })
      })
    )
  }

  law(
    "a session that the command names is the one that holds the turn",
    Effect.gen(function* () {
      const { agent } = yield* standIn({ mode: "other-session" })
      const { session } = yield* agent.answer(begin, "Hello")
      assert.strictEqual(session, "0f0e0d0c-0b0a-4908-8706-050403020100")
    })
  )

  law(
    "as UTF-8, also where a character is split between two reads",
    Effect.gen(function* () {
      const { agent } = yield* standIn()
      const long = "😀".repeat(300_000)
      assert.strictEqual((yield* agent.answer(begin, long)).text, JSON.stringify([long]))
    })
  )
})

describe("CommandAgent fails honestly", () => {
  const failure = <E>(
    sentence: string,
    found: Effect.Effect<E, unknown, FileSystem.FileSystem | Scope.Scope>,
    expected: (error: E) => void
  ) => it.scopedLive(sentence, () => Effect.provide(Effect.map(found, expected), NodeFileSystem.layer))

  failure("a command that is not there", failing("well", { settings: { command: ["no-such-command"] } }), (error) => {
    assert.strictEqual(error._tag, "AgentNotFound")
    assert.include(error.message, '"no-such-command" was not found')
  })
  failure("a command that cannot be started", failing("well", { settings: { command: ["/"] } }), (error) => {
    assert.strictEqual(error._tag, "AgentNotStarted")
    assert.include(error.message, "EACCES")
  })
  failure("an exit status, with the last line of what it said, without secrets", failing("breaks"), (error) => {
    assert.strictEqual(error._tag, "AgentExited")
    assert.include(error.message, "ended with status 3, saying: cannot reach …7890 with …. Run")
  })
  failure("a signal", failing("dies"), (error) => {
    assert.strictEqual(error._tag, "AgentExited")
    assert.include(error.message, "ended on SIGKILL, and said nothing")
  })
  failure(
    "an error that it reports, without the key that it was given",
    failing("refuses", { environment: { ANTHROPIC_API_KEY: "short-key" } }),
    (error) => {
      assert.strictEqual(error._tag, "AgentReportedError")
      assert.include(error.message, "reported: Invalid API key … · Please run /login")
    }
  )
  failure("an error that it reports while it calls it a success", failing("refuses-politely"), (error) => {
    assert.strictEqual(error._tag, "AgentReportedError")
    assert.include(error.message, "Usage limit reached")
  })
  failure("a conversation that has become too long, for which /new is the cure", failing("too-long"), (error) => {
    assert.strictEqual(error._tag, "ConversationTooLong")
    assert.include("forSender" in error ? error.forSender : "", "/new")
  })
  for (const mode of ["silent", "blank"]) {
    failure(`an empty answer: ${mode}`, failing(mode), (error) => assert.strictEqual(error._tag, "AgentAnswerEmpty"))
  }
  for (const mode of ["garbage", "no-result"]) {
    failure(`output that has no answer in it: ${mode}`, failing(mode), (error) =>
      assert.strictEqual(error._tag, "AgentOutputUnreadable")
    )
  }
  failure("more output than is ever read", failing("floods"), (error) =>
    assert.strictEqual(error._tag, "AgentOutputTooLong")
  )
  for (const [what, put, said] of [
    ["is a file", (path: string) => writeFileSync(path, ""), "A file stands where a directory should be"],
    ["is a link to nothing", (path: string) => symlinkSync("nowhere", path), "There is no such file or directory"]
  ] as const) {
    failure(
      `a directory that ${what}, without blaming the command`,
      Effect.gen(function* () {
        const { agent, home } = yield* standIn()
        put(`${home}/agent`)
        return { error: yield* Effect.flip(agent.answer(begin, "Hello")), home }
      }),
      ({ error, home }) => {
        assert.strictEqual(error._tag, "StorageFailed")
        assert.include(error.message, `${said} while saving agent (${home}/agent)`)
      }
    )
  }
})

describe("CommandAgent leaves no process behind", () => {
  /** The call that is running, as soon as it runs. */
  const running = (calls: () => ReadonlyArray<ClaudeCall>) =>
    Effect.try(() => {
      const [call] = calls()
      assert.isDefined(call?.child)
      return call
    }).pipe(Effect.retry(Schedule.spaced("10 millis")), Effect.timeout("10 seconds"))

  for (const mode of ["hangs", "hangs-deaf"]) {
    law(
      `after a time-out: ${mode}`,
      Effect.gen(function* () {
        const { agent, calls } = yield* standIn({ mode, settings: { timeoutSeconds: 1 } })
        const error = yield* Effect.flip(agent.answer(begin, "Hello"))
        assert.strictEqual(error._tag, "AgentTimedOut")
        assert.include(error.message, "within 1 s")
        const call = yield* running(calls)
        assert.isFalse(groupLives(call.pid))
      })
    )

    law(
      `after an interruption: ${mode}`,
      Effect.gen(function* () {
        const { agent, calls } = yield* standIn({ mode })
        const fiber = yield* Effect.fork(agent.answer(begin, "Hello"))
        const call = yield* running(calls)
        assert.isTrue(groupLives(call.pid))
        yield* Fiber.interrupt(fiber)
        assert.isFalse(groupLives(call.pid))
      })
    )
  }

  law(
    "after an answer, although a child of it holds the pipes",
    Effect.gen(function* () {
      const { agent, calls } = yield* standIn({ mode: "lingers" })
      const [duration, answer] = yield* Effect.timed(agent.answer(begin, "Hello"))
      assert.strictEqual(answer.text, '["Hello"]')
      assert.isBelow(Duration.toMillis(duration), 10_000)
      const call = yield* running(calls)
      assert.isFalse(groupLives(call.pid))
    })
  )
})
