import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answerOf, mapping, mapText, refusalOf, user, type User } from "./command.js"

const uuid = (n: number) => `00000000-0000-4000-9000-00000000000${n}`

interface Listed {
  readonly key: string
  readonly sessionId: string
  readonly state: string
  readonly restsIn: string | null
}
const listed = (text: string): ReadonlyArray<Listed> => JSON.parse(text)

const table = (someone: User, now = Date.now()) =>
  someone.write(
    "sessions.json",
    JSON.stringify({
      "telegram:@John": { sessionId: uuid(1), updatedAt: now - 7_200_000, note: "kept" },
      "shared-abc-123": { sessionId: uuid(2), updatedAt: now - 60_000 },
      "unknown:\u001b[2J": { sessionId: uuid(3), updatedAt: now - 120_000 }
    })
  )

describe("warelay sessions", () => {
  it.live("list shows whose each is and whether it goes on, the last used first", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { read, run, write } = someone
      const none = yield* run(["sessions", "list"])
      assert.deepStrictEqual([none.status, none.stdout], [0, ""])
      write("identity-map.json", mapText(mapping("shared-abc-123", { name: "Jo" })))
      table(someone)
      const before = read("sessions.json")
      const all = listed(answerOf(yield* run(["sessions", "list", "--json"])))
      assert.deepStrictEqual(
        all.map(({ key, restsIn, state }) => [key, state, restsIn]),
        [
          ["shared-abc-123", "open", null],
          ["unknown:\u001b[2J", "open", null],
          ["telegram:@John", "idle", "shared-abc-123"]
        ]
      )
      const text = answerOf(yield* run(["sessions", "list"]))
      assert.match(text, /^KEY +SESSION +LAST USED +STATE +WHOSE\n/)
      assert.match(text, /\nshared-abc-123 .* 1 minute ago +open +Jo: whatsapp:\+1234567890 telegram:@john\n/)
      assert.match(text, /\ntelegram:@John .* 2 hours ago +idle +rests, now in shared-abc-123\n/)
      assert.include(text, "unknown:\\u{1b}[2J")
      assert.notInclude(text, "\u001b")
      const one = answerOf(yield* run(["sessions", "show", "telegram:@JOHN"]))
      assert.match(one, new RegExp(`^Key +telegram:@John\\nSession +${uuid(1)}\\n`))
      const json = answerOf(yield* run(["sessions", "show", "shared-abc-123", "--json"]))
      assert.deepStrictEqual(JSON.parse(json), all[0])
      for (const command of ["show", "reset"]) {
        const refusal = refusalOf(yield* run(["sessions", command, "telegram:42"]), 1)
        assert.include(refusal, 'there is no conversation under "telegram:42"')
      }
      assert.strictEqual(read("sessions.json"), before)
    }).pipe(Effect.scoped)
  )

  it.live("of one that rests it is not said that the next message goes on in it, nor that it begins anew", () =>
    Effect.gen(function* () {
      const { run, write } = yield* user
      write("identity-map.json", mapText(mapping("shared-abc-123", { name: "Jo" })))
      write("sessions.json", JSON.stringify({ "telegram:@john": { sessionId: uuid(1), updatedAt: Date.now() } }))
      const shown = answerOf(yield* run(["sessions", "show", "telegram:@john"]))
      assert.match(shown, /\nState +open: it goes on when it is next used\nWhose +rests, now in shared-abc-123\n$/)
      assert.strictEqual(
        answerOf(yield* run(["sessions", "reset", "telegram:@john"])),
        "telegram:@john begins anew when it is next used; it rests, now in shared-abc-123\n"
      )
    }).pipe(Effect.scoped)
  )

  it.live("reset ends a conversation beside the relay that serves it, and the next message starts another", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { read, run, start } = someone
      const relay = yield* start(["relay", "--providers", "console"], { env: { WARELAY_AGENT_ECHO: "true" } })
      const say = (text: string, answer: RegExp) => {
        relay.child.stdin.write(`telegram:@john ${text}\n`)
        return relay.says(answer)
      }
      yield* say("One", /said: One\n.*Turn 1 of/)
      yield* say("Two", /said: Two\n.*Turn 2 of/)
      const [before] = listed(answerOf(yield* run(["sessions", "list", "--json"])))
      const answer = answerOf(yield* run(["sessions", "reset", "telegram:@JOHN"]))
      assert.strictEqual(answer, "telegram:@john begins anew with its next message\n")
      assert.strictEqual(JSON.parse(read("sessions.json"))["telegram:@john"].sessionId, before?.sessionId)
      assert.include(answerOf(yield* run(["sessions", "show", "telegram:@john"])), "ended: the next message starts")
      const twice = answerOf(yield* run(["sessions", "reset", "telegram:@john", "--json"]))
      assert.strictEqual(JSON.parse(twice).state, "ended")
      yield* say("Three", /said: Three\n.*Turn 1 of/)
      yield* say("Four", /said: Four\n.*Turn 2 of/)
      const [after] = listed(answerOf(yield* run(["sessions", "list", "--json"])))
      assert.strictEqual(after?.state, "open")
      assert.notStrictEqual(after?.sessionId, before?.sessionId)
    }).pipe(Effect.scoped)
  )
})
