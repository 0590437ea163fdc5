import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Agent } from "../../src/agent/Agent.js"
import * as EchoAgent from "../../src/agent/EchoAgent.js"
import { prompt } from "../../src/agent/Prompt.js"
import { SessionId } from "../../src/session/SessionId.js"
import { Start } from "../../src/session/Start.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import * as FaultyDisk from "../storage/faulty-disk.js"
import * as home from "../support/home.js"
import { agentContract } from "./Agent.contract.js"

const id = SessionId.make("1b2c3d4e-0000-4000-8000-000000000001")
const other = SessionId.make("5f6a7b8c-0000-4000-8000-000000000002")

/** The agent with its files in this directory. */
const keptIn = (directory: string, disk = NodeDisk.layer) =>
  EchoAgent.layerFile(directory).pipe(Layer.provide(Layer.provideMerge(FileLock.layer, disk)))

const inTemporaryDirectory = Layer.unwrapScoped(Effect.map(home.directory, (path) => keptIn(`${path}/echo`)))

/** One turn, by an agent that lives no longer. */
const once = (directory: string, text: string, start: Start = Start.Resume({ id }), disk = NodeDisk.layer) =>
  Effect.flatMap(Agent, (agent) => agent.answer(start, text)).pipe(Effect.provide(keptIn(directory, disk)))

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

  it.scopedLive("sessions in files outlive the agent, readable by their owner alone", () =>
    Effect.gen(function* () {
      const directory = `${yield* home.directory}/a/b`
      yield* once(directory, fromMom("Hello"))
      assert.include(
        (yield* once(directory, "again")).text,
        'Turn 2 of session 1b2c3d4e (turn 1 was "Hello", from WhatsApp · Mom)'
      )
      for (const made of [directory, `${directory}/..`]) assert.strictEqual(statSync(made).mode & 0o777, 0o700)
      assert.deepStrictEqual(readdirSync(directory).sort(), [`${id}.json`, `${id}.json.bak`, `${id}.json.lock`])
      for (const name of readdirSync(directory)) {
        assert.strictEqual(statSync(`${directory}/${name}`).mode & 0o777, 0o600, name)
      }
    })
  )

  it.scopedLive("what somebody else has written into a conversation's file stays there", () =>
    Effect.gen(function* () {
      const directory = yield* home.directory
      const path = `${directory}/${id}.json`
      writeFileSync(path, '{ "title": "Rome", "turns": [{ "text": "Hello", "at": 1 }] }')
      yield* once(directory, "again")
      assert.deepStrictEqual(JSON.parse(readFileSync(path, "utf8")), {
        title: "Rome",
        turns: [{ text: "Hello", at: 1 }, { text: "again" }]
      })
    })
  )

  it.scopedLive("a conversation that cannot be read is not one that does not exist", () =>
    Effect.gen(function* () {
      const directory = yield* home.directory
      mkdirSync(`${directory}/${other}.json`)
      const error = yield* Effect.flip(once(directory, "x", Start.Fork({ from: other, id })))
      assert.strictEqual(error._tag, "DocumentUnreadable")
      assert.include(error.message, `${other}.json`)
    })
  )

  it.scopedLive("a file that is no conversation is an error that names the place, and stays as it is", () =>
    Effect.gen(function* () {
      const directory = yield* home.directory
      const path = `${directory}/${id}.json`
      const text = '{\n  "turns": [\n    { "text": 5 }\n  ]\n}'
      writeFileSync(path, text)
      const error = yield* Effect.flip(once(directory, "x"))
      assert.strictEqual(error._tag, "DocumentUnreadable")
      assert.include(error.message, `${path}, line 3, column 15: Expected string`)
      assert.strictEqual(readFileSync(path, "utf8"), text)
    })
  )

  it.scopedLive("on a full disk the turn fails with advice that helps, and what was said before is still there", () =>
    Effect.gen(function* () {
      const directory = yield* home.directory
      yield* once(directory, "Hello")
      const full = FaultyDisk.make((_, operation) =>
        operation === "write" ? { code: "ENOSPC", when: "before" } : "none"
      )
      const error = yield* Effect.flip(once(directory, "lost", Start.Resume({ id }), full.layer))
      assert.strictEqual(error._tag, "StorageFailed")
      assert.include(error.message, "No space left on device")
      assert.include(error.message, "Free some space")
      assert.include((yield* once(directory, "again")).text, 'Turn 2 of session 1b2c3d4e (turn 1 was "Hello")')
    })
  )
})
