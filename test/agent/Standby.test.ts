import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Exit from "effect/Exit"
import { SessionLock } from "../../src/agent/SessionLock.js"
import { layerFile } from "../../src/agent/SessionLockFile.js"
import { SessionId } from "../../src/session/SessionId.js"
import { Start } from "../../src/session/Start.js"
import * as home from "../support/home.js"
import { groupLives, type Options, standIn } from "./stand-in.js"

const a = SessionId.make("aaaaaaaa-0000-4000-8000-000000000001")
const b = SessionId.make("bbbbbbbb-0000-4000-8000-000000000002")
const c = SessionId.make("cccccccc-0000-4000-8000-000000000003")
const begin = (id: SessionId) => Start.Begin({ id })
const resume = (id: SessionId) => Start.Resume({ id })

const staying = (options: Options = {}) => standIn({ ...options, stays: true })

const law = (sentence: string, test: Effect.Effect<void, unknown, FileSystem.FileSystem | Scope.Scope>) =>
  it.scopedLive(sentence, () => Effect.provide(test, NodeFileSystem.layer))

const eventually = (holds: () => boolean) =>
  Effect.try(() => assert.isTrue(holds())).pipe(
    Effect.retry(Schedule.spaced("20 millis")),
    Effect.timeout("10 seconds")
  )

describe("a command that stays after its answer", () => {
  law(
    "answers the next message of its session, and no other's",
    Effect.gen(function* () {
      const { agent, calls } = yield* staying()
      assert.strictEqual((yield* agent.answer(begin(a), "one")).text, '["one"]')
      assert.strictEqual((yield* agent.answer(begin(b), "two\nlines \u2028 ü")).text, '["two\\nlines \u2028 ü"]')
      assert.strictEqual((yield* agent.answer(resume(a), "three")).text, '["one","three"]')
      const [first, second, third] = calls()
      assert.strictEqual(third?.pid, first?.pid)
      assert.notStrictEqual(second?.pid, first?.pid)
      assert.deepStrictEqual(first?.args, ["--input-format", "stream-json", "--session-id", a])
    })
  )

  law(
    "does not stay where it would be the only turn, and not if it is not to wait",
    Effect.gen(function* () {
      const cases: ReadonlyArray<Options> = [
        { stays: false },
        { stays: true, settings: { idleSeconds: 0 } },
        { stays: true, settings: { output: "text" }, mode: "text" }
      ]
      for (const options of cases) {
        const { agent, calls } = yield* standIn(options)
        yield* agent.answer(begin(a), "one")
        assert.deepStrictEqual(calls()[0]?.args, ["--session-id", a])
        assert.isFalse(groupLives(calls()[0]?.pid ?? 0))
      }
    })
  )

  law(
    "has the whole of its time for each message, and ends when none has come for as long",
    Effect.gen(function* () {
      const { agent, calls } = yield* staying({ settings: { idleSeconds: 1 } })
      yield* agent.answer(begin(a), "one")
      yield* Effect.sleep("700 millis")
      yield* agent.answer(resume(a), "two")
      yield* Effect.sleep("700 millis")
      const [first, second] = calls()
      assert.strictEqual(second?.pid, first?.pid)
      assert.isTrue(groupLives(first?.pid ?? 0))
      yield* eventually(() => !groupLives(first?.pid ?? 0))
      assert.strictEqual((yield* agent.answer(resume(a), "three")).text, '["one","two","three"]')
      assert.deepStrictEqual(calls()[2]?.args.slice(-2), ["--resume", a])
    })
  )

  law(
    "ends when too many wait, and has waited longest",
    Effect.gen(function* () {
      const { agent, calls } = yield* staying({ settings: { idleAtMost: 2 } })
      yield* agent.answer(begin(a), "one")
      yield* agent.answer(begin(b), "two")
      yield* agent.answer(resume(a), "three")
      yield* agent.answer(begin(c), "four")
      const [ofA, ofB, , ofC] = calls()
      yield* eventually(() => !groupLives(ofB?.pid ?? 0))
      assert.isTrue(groupLives(ofA?.pid ?? 0))
      assert.isTrue(groupLives(ofC?.pid ?? 0))
    })
  )

  law(
    "gives way to one that knows what was said, if anybody else was in its session",
    Effect.gen(function* () {
      const { agent, calls, intrude } = yield* staying()
      yield* agent.answer(begin(a), "one")
      yield* intrude(a)
      assert.strictEqual((yield* agent.answer(resume(a), "two")).text, '["one","two"]')
      const [first, second] = calls()
      assert.notStrictEqual(second?.pid, first?.pid)
      assert.deepStrictEqual(second?.args.slice(-2), ["--resume", a])
      assert.isFalse(groupLives(first?.pid ?? 0))
    })
  )

  law(
    "of a fork is in the forked session, and the other has ended by then",
    Effect.gen(function* () {
      const { agent, calls } = yield* staying()
      yield* agent.answer(begin(a), "one")
      yield* agent.answer(Start.Fork({ from: a, id: b }), "two")
      assert.isFalse(groupLives(calls()[0]?.pid ?? 0))
      assert.strictEqual((yield* agent.answer(resume(b), "three")).text, '["one","two","three"]')
      assert.strictEqual((yield* agent.answer(resume(a), "four")).text, '["one","four"]')
      assert.strictEqual(calls()[2]?.pid, calls()[1]?.pid)
    })
  )

  law(
    "answers the message that it was asked, whatever it finishes first",
    Effect.gen(function* () {
      const { agent } = yield* staying({ mode: "finishes-something-first" })
      assert.strictEqual((yield* agent.answer(begin(a), "one")).text, '["one"]')
      assert.strictEqual((yield* agent.answer(resume(a), "two")).text, '["one","two"]')
    })
  )

  law(
    "has written down what was said before anybody else enters its session",
    Effect.gen(function* () {
      const { agent, intrude } = yield* staying({ mode: "writes-late", settings: { idleAtMost: 1 } })
      yield* agent.answer(begin(a), "one")
      yield* intrude(a)
      assert.strictEqual((yield* agent.answer(resume(a), "two")).text, '["one","two"]')
      assert.strictEqual((yield* agent.answer(Start.Fork({ from: a, id: b }), "three")).text, '["one","two","three"]')
      // The one of b has to go, and is asked again at once.
      yield* agent.answer(begin(c), "four")
      assert.strictEqual((yield* agent.answer(resume(b), "five")).text, '["one","two","three","five"]')
    })
  )

  law(
    "has written down what was said if its time is over as the next message comes",
    Effect.gen(function* () {
      const { agent } = yield* staying({ mode: "writes-late", settings: { idleSeconds: 0.1 } })
      yield* agent.answer(begin(a), "one")
      yield* Effect.sleep("150 millis")
      assert.strictEqual((yield* agent.answer(resume(a), "two")).text, '["one","two"]')
    })
  )

  for (const mode of ["dies-while-it-waits", "dies-when-asked-again", "speaks-unasked", "begins-a-line"]) {
    law(
      `and then ${mode.replaceAll("-", " ")} is replaced, and the message answered all the same`,
      Effect.gen(function* () {
        const { agent, calls } = yield* staying({ mode })
        yield* agent.answer(begin(a), "one")
        yield* Effect.sleep("300 millis")
        assert.strictEqual((yield* agent.answer(resume(a), "two")).text, '["one","two"]')
        const [first, second] = calls()
        assert.notStrictEqual(second?.pid, first?.pid)
        assert.isFalse(groupLives(first?.pid ?? 0))
      })
    )
  }

  law(
    "that names another session does not stay in the one that it was asked in",
    Effect.gen(function* () {
      const { agent, calls } = yield* staying({ mode: "other-session" })
      const { session } = yield* agent.answer(begin(a), "one")
      assert.notStrictEqual(session, a)
      assert.isFalse(groupLives(calls()[0]?.pid ?? 0))
    })
  )
})

describe("a command that stays leaves no process behind", () => {
  for (const [mode, error] of [
    ["refuses", "AgentReportedError"],
    ["refuses-politely", "AgentReportedError"],
    ["too-long", "ConversationTooLong"],
    ["breaks", "AgentTimedOut"],
    ["blank", "AgentAnswerEmpty"],
    ["dies", "AgentExited"],
    ["floods", "AgentOutputTooLong"]
  ] as const) {
    law(
      `when it gives no answer: ${mode}`,
      Effect.gen(function* () {
        const { agent, calls } = yield* staying({ mode, settings: { timeoutSeconds: 2 } })
        const failure = yield* Effect.flip(agent.answer(begin(a), "Hello"))
        assert.strictEqual(failure._tag, error)
        if (mode !== "dies") assert.isFalse(groupLives(calls()[0]?.pid ?? 0))
      })
    )
  }

  law(
    "when it is interrupted in a later turn, nor what it has started",
    Effect.gen(function* () {
      const { agent, calls } = yield* staying({ mode: "hangs-when-asked-again" })
      yield* agent.answer(begin(a), "one")
      const turn = yield* Effect.fork(agent.answer(resume(a), "two"))
      yield* eventually(() => calls().length === 2)
      const pid = calls()[1]?.pid ?? 0
      assert.strictEqual(pid, calls()[0]?.pid)
      assert.isTrue(groupLives(pid))
      yield* Fiber.interrupt(turn)
      assert.isFalse(groupLives(pid))
    })
  )

  law(
    "when the relay ends, and nobody else enters its session before it has ended",
    Effect.gen(function* () {
      const directory = yield* home.directory
      const locks = (isRelay: boolean) =>
        Layer.fresh(Layer.provide(layerFile({ patience: Duration.minutes(1), isRelay }), home.at(directory)))
      const scope = yield* Scope.make()
      const { agent, calls } = yield* Scope.extend(staying({ mode: "writes-late", locks: locks(true) }), scope)
      yield* agent.answer(begin(a), "one")
      const pid = calls()[0]?.pid ?? 0
      const other = yield* Effect.flatMap(SessionLock, ({ hold }) => hold([a])).pipe(
        Effect.zipRight(Effect.sync(() => groupLives(pid))),
        Effect.scoped,
        Effect.provide(locks(false)),
        Effect.fork
      )
      yield* Effect.sleep("100 millis")
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(yield* Fiber.join(other))
    })
  )

  law(
    "when the relay ends, though several wait",
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { agent, calls } = yield* Scope.extend(staying(), scope)
      yield* agent.answer(begin(a), "one")
      yield* agent.answer(begin(b), "two")
      const pids = calls().map(({ pid }) => pid)
      assert.deepStrictEqual(pids.map(groupLives), [true, true])
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(pids.map(groupLives), [false, false])
    })
  )
})
