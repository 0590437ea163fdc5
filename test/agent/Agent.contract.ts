import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { Agent } from "../../src/agent/Agent.js"
import { SessionId } from "../../src/session/SessionId.js"
import { Start } from "../../src/session/Start.js"

const a = SessionId.make("aaaaaaaa-0000-4000-8000-000000000001")
const b = SessionId.make("bbbbbbbb-0000-4000-8000-000000000002")

/** What holds for every agent that keeps sessions and tells in its answer what was said before. */
export const agentContract = (name: string, layer: Layer.Layer<Agent>): void => {
  const law = (sentence: string, test: (agent: typeof Agent.Service) => Effect.Effect<void, unknown>) =>
    it.live(sentence, () => Effect.flatMap(Agent, test).pipe(Effect.provide(layer)))

  describe(name, () => {
    law("a new session answers under the id that it was given", (agent) =>
      Effect.gen(function* () {
        const answer = yield* agent.answer(Start.Begin({ id: a }), "[WhatsApp · Mom]\nthe first")
        assert.strictEqual(answer.session, a)
        assert.include(answer.text, "the first")
      })
    )

    law("a resumed session remembers", (agent) =>
      Effect.gen(function* () {
        yield* agent.answer(Start.Begin({ id: a }), "the first")
        const answer = yield* agent.answer(Start.Resume({ id: a }), "the second")
        assert.strictEqual(answer.session, a)
        assert.include(answer.text, "the first")
        assert.include(answer.text, "the second")
      })
    )

    law("sessions know nothing of each other", (agent) =>
      Effect.gen(function* () {
        yield* agent.answer(Start.Begin({ id: a }), "the first")
        const answer = yield* agent.answer(Start.Begin({ id: b }), "the second")
        assert.notInclude(answer.text, "the first")
      })
    )

    law("a session that exists is resumed when it should begin", (agent) =>
      Effect.gen(function* () {
        yield* agent.answer(Start.Begin({ id: a }), "the first")
        const answer = yield* agent.answer(Start.Begin({ id: a }), "the second")
        assert.strictEqual(answer.session, a)
        assert.include(answer.text, "the first")
      })
    )

    law("a session that does not exist begins, under its id, when it should be resumed", (agent) =>
      Effect.gen(function* () {
        const first = yield* agent.answer(Start.Resume({ id: a }), "the first")
        assert.strictEqual(first.session, a)
        assert.include((yield* agent.answer(Start.Resume({ id: a }), "the second")).text, "the first")
      })
    )

    law("a fork knows what came before it, under its own id, and the original nothing of the fork", (agent) =>
      Effect.gen(function* () {
        assert.isTrue(agent.canFork)
        yield* agent.answer(Start.Begin({ id: a }), "the first")
        const forked = yield* agent.answer(Start.Fork({ from: a, id: b }), "the forked")
        assert.strictEqual(forked.session, b)
        assert.include(forked.text, "the first")
        const original = yield* agent.answer(Start.Resume({ id: a }), "the second")
        assert.include(original.text, "the first")
        assert.notInclude(original.text, "the forked")
      })
    )

    law("a fork that exists is resumed, not forked again", (agent) =>
      Effect.gen(function* () {
        yield* agent.answer(Start.Begin({ id: a }), "the first")
        yield* agent.answer(Start.Fork({ from: a, id: b }), "the forked")
        const again = yield* agent.answer(Start.Fork({ from: a, id: b }), "the second")
        assert.strictEqual(again.session, b)
        assert.include(again.text, "the forked")
      })
    )

    law("a fork of a session that does not exist begins", (agent) =>
      Effect.gen(function* () {
        const forked = yield* agent.answer(Start.Fork({ from: a, id: b }), "the first")
        assert.strictEqual(forked.session, b)
        assert.include((yield* agent.answer(Start.Resume({ id: b }), "the second")).text, "the first")
      })
    )
  })
}
