import { mkdirSync, statSync, writeFileSync } from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Agent } from "../../src/agent/Agent.js"
import * as EchoAgent from "../../src/agent/EchoAgent.js"
import { prompt } from "../../src/agent/Prompt.js"
import { SessionId, Start } from "../../src/session/Start.js"
import { agentContract } from "./Agent.contract.js"

const id = SessionId.make("1b2c3d4e-0000-4000-8000-000000000001")
const other = SessionId.make("5f6a7b8c-0000-4000-8000-000000000002")

const inTemporaryDirectory = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped()).pipe(
  Effect.orDie,
  Effect.map((directory) => EchoAgent.layerFile(`${directory}/echo`)),
  Layer.unwrapScoped,
  Layer.provide(NodeFileSystem.layer)
)

agentContract("EchoAgent in memory", EchoAgent.layer)
agentContract("EchoAgent in files", inTemporaryDirectory)

describe("EchoAgent", () => {
  const fromMom = (text: string) =>
    prompt({ provider: "whatsapp", name: Option.some("Mom"), account: "+1234567890", text })

  it.effect("shows the turn, the session, and what was said before and by whom", () =>
    Effect.gen(function* () {
      const agent = yield* Agent
      const first = yield* agent.answer(Start.Begin({ id }), fromMom("Hello"))
      assert.strictEqual(first.text, "You said: Hello\nTurn 1 of session 1b2c3d4e")
      const text = prompt({
        provider: "telegram",
        name: Option.none(),
        account: "telegram:123456789",
        text: "Still there?"
      })
      const second = yield* agent.answer(Start.Resume({ id }), text)
      assert.strictEqual(
        second.text,
        'You said: Still there?\nTurn 2 of session 1b2c3d4e (turn 1 was "Hello", from WhatsApp · Mom)'
      )
      const third = yield* agent.answer(Start.Fork({ from: id, id: other }), "without a speaker")
      assert.strictEqual(
        third.text,
        'You said: without a speaker\nTurn 3 of session 5f6a7b8c (turn 2 was "Still there?", from Telegram · …6789)'
      )
      const fourth = yield* agent.answer(Start.Resume({ id: other }), "x")
      assert.include(fourth.text, 'Turn 4 of session 5f6a7b8c (turn 3 was "without a speaker")')
    }).pipe(Effect.provide(EchoAgent.layer))
  )

  it.effect("quotes the beginning of a long message, on one line", () =>
    Effect.gen(function* () {
      const agent = yield* Agent
      yield* agent.answer(Start.Begin({ id }), `one\ntwo ${"😀".repeat(100)}`)
      const second = yield* agent.answer(Start.Resume({ id }), "x")
      assert.include(second.text, `(turn 1 was "one two ${"😀".repeat(52)}…")`)
    }).pipe(Effect.provide(EchoAgent.layer))
  )

  it.scoped("sessions in files outlive the agent, readable by their owner alone", () =>
    Effect.gen(function* () {
      const directory = `${yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())}/a/b`
      const once = (text: string) =>
        Effect.flatMap(Agent, (agent) => agent.answer(Start.Resume({ id }), text)).pipe(
          Effect.provide(EchoAgent.layerFile(directory))
        )
      yield* once(fromMom("Hello"))
      assert.include(
        (yield* once("again")).text,
        'Turn 2 of session 1b2c3d4e (turn 1 was "Hello", from WhatsApp · Mom)'
      )
      assert.strictEqual(statSync(directory).mode & 0o777, 0o700)
      assert.strictEqual(statSync(`${directory}/${id}.json`).mode & 0o777, 0o600)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped("a conversation that cannot be read is not one that does not exist", () =>
    Effect.gen(function* () {
      const directory = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
      mkdirSync(`${directory}/${other}.json`)
      const error = yield* Effect.flatMap(Agent, (agent) => agent.answer(Start.Fork({ from: other, id }), "x")).pipe(
        Effect.provide(EchoAgent.layerFile(directory)),
        Effect.flip
      )
      assert.strictEqual(error._tag, "AgentHistoryFailed")
      assert.include(error.message, `${other}.json`)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped("a file that is no conversation is an error that names it, and stays as it is", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const path = `${directory}/${id}.json`
      writeFileSync(path, '{"turns":[{"te')
      const error = yield* Effect.flatMap(Agent, (agent) => agent.answer(Start.Resume({ id }), "x")).pipe(
        Effect.provide(EchoAgent.layerFile(directory)),
        Effect.flip
      )
      assert.strictEqual(error._tag, "AgentHistoryFailed")
      assert.include(error.message, path)
      assert.strictEqual(yield* fs.readFileString(path), '{"turns":[{"te')
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
