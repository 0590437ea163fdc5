import { existsSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TelegramServer from "../support/telegram-server.js"
import { twilioServer } from "../support/twilio-server.js"
import { answerOf, mapping, mapText, pair, printed, refusalOf, user, type User } from "./command.js"

const echo = { WARELAY_AGENT_ECHO: "true" }

interface Said {
  readonly key: string
  readonly sessionId: string
  readonly text: string
}

const said = (text: string): Said => JSON.parse(text)

const ask = ({ run }: User, to: string, ...more: ReadonlyArray<string>) =>
  Effect.map(run(["agent", "--to", to, "--message", "Hi", "--json", ...more], { env: echo }), (ran) =>
    said(answerOf(ran))
  )

const sessionsOf = ({ read }: User): Readonly<Record<string, { readonly sessionId: string }>> =>
  JSON.parse(read("sessions.json"))

const shared = "shared-abc-123"
const linked = mapText(
  mapping(shared, {
    identities: { whatsapp: ["+1234567890", "12345@lid"], telegram: ["@john", "42"], twilio: "+1999999999" }
  })
)

describe("warelay agent", () => {
  it.live("derives the key as the relay would, from any form that a transport has for the account", () =>
    Effect.gen(function* () {
      const someone = yield* user
      someone.write("identity-map.json", linked)
      const cases: ReadonlyArray<readonly [to: string, key: string, ...more: ReadonlyArray<string>]> = [
        ["whatsapp:+1234567890", shared],
        ["+1 (234) 567-890", shared],
        ["1234567890:7@s.whatsapp.net", shared],
        ["12345:2@lid", shared],
        ["@JOHN", shared],
        ["telegram:42", shared],
        ["sms:+1999999999", shared],
        ["42", shared, "--provider", "telegram"],
        ["1234567890", shared, "--provider", "whatsapp"],
        ["+1234567890", "+1234567890", "--provider", "twilio"],
        ["whatsapp:+1999999999", "+1999999999"],
        ["telegram:@jane", "telegram:@jane"],
        ["678@lid", "whatsapp:678@lid"]
      ]
      yield* Effect.forEach(
        cases,
        ([to, key, ...more]) =>
          Effect.map(ask(someone, to, ...more), (answer) => assert.strictEqual(answer.key, key, to)),
        { concurrency: 2 }
      )
      assert.deepStrictEqual(
        Object.keys(sessionsOf(someone)).sort(),
        ["+1234567890", "+1999999999", shared, "telegram:@jane", "whatsapp:678@lid"].sort()
      )
    }).pipe(Effect.scoped)
  )

  it.live("prints the answer and nothing else, and goes on with the conversation", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const first = yield* ask(someone, "telegram:@john")
      assert.deepStrictEqual(Object.keys(first), ["key", "sessionId", "text"])
      const again = yield* someone.run(["agent", "--to", "telegram:@john", "--message", "There?"], { env: echo })
      assert.match(answerOf(again), /^You said: There\?\nTurn 2 of session [0-9a-f]{8} \(turn 1 was "Hi".*\)\n$/)
      assert.include(again.stdout, first.sessionId.slice(0, 8))
      assert.strictEqual(sessionsOf(someone)["telegram:@john"]?.sessionId, first.sessionId)
    }).pipe(Effect.scoped)
  )

  it.live("--session-id says it in that session, and the conversation keeps its own", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const other = "123e4567-e89b-42d3-a456-426614174000"
      const first = yield* ask(someone, "telegram:@john")
      const before = someone.read("sessions.json")
      const elsewhere = yield* ask(someone, "telegram:@john", "--session-id", other)
      assert.deepStrictEqual([elsewhere.key, elsewhere.sessionId], ["telegram:@john", other])
      assert.include(elsewhere.text, "Turn 1 ")
      assert.strictEqual(someone.read("sessions.json"), before)
      assert.strictEqual((yield* ask(someone, "telegram:@john")).sessionId, first.sessionId)
    }).pipe(Effect.scoped)
  )

  it.live("control characters in an answer are escaped, and intact in JSON", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const message = "Hi \u001b[31mred\u202e\n\tnext"
      const line = ["agent", "--to", "telegram:@john", "--message", message]
      assert.include(answerOf(yield* run(line, { env: echo })), "You said: Hi \\u{1b}[31mred\\u{202e}\n\tnext\n")
      const json = answerOf(yield* run([...line, "--json"], { env: echo }))
      assert.notMatch(json, /\u001b|\u202e/)
      assert.include(said(json).text, message)
    }).pipe(Effect.scoped)
  )

  it.live("an agent that is not there is a refusal that says what to do", () =>
    Effect.gen(function* () {
      const { run, write } = yield* user
      write("clawdis.json", '{ agent: { command: ["no-such-program-here"] } }')
      const refusal = refusalOf(yield* run(["agent", "--to", "telegram:@john", "--message", "Hi"]), 1)
      assert.include(refusal, '"no-such-program-here" was not found')
      assert.include(refusal, "agent.command")
    }).pipe(Effect.scoped)
  )

  it.live("a configuration that is wrong is refused, and every problem has its place", () =>
    Effect.gen(function* () {
      const { home, run, write } = yield* user
      write("clawdis.json", "{\n  idleMinutes: 0,\n  agent: {\n    comand: []\n  }\n}")
      const { status, stderr, stdout } = yield* run(["agent", "--to", "telegram:@john", "--message", "Hi"])
      assert.deepStrictEqual([status, stdout], [1, ""])
      assert.match(stderr, /^error: .*\n {2}\S+clawdis.json, line \d, .*\n {2}\S+clawdis.json, line \d, .*\n$/)
      assert.include(stderr, "line 2, column 16, idleMinutes: ")
      assert.include(stderr, "line 4, column 13, agent.comand: ")
      assert.isFalse(existsSync(`${home}/sessions.json`))
    }).pipe(Effect.scoped)
  )

  it.live("--deliver also sends the answer, to the account, by its provider", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const telegram = yield* TelegramServer.make()
      yield* telegram.meet(42)
      const token = "700000001:AAH-loopback_only-0123456789abcdefgh"
      const env = { ...echo, TELEGRAM_BOT_TOKEN: token, WARELAY_TELEGRAM_API_URL: telegram.url }
      const hello = ["agent", "--message", "Hello", "--deliver"]
      const answer = answerOf(yield* run([...hello, "--to", "telegram:42"], { env }))
      const { sent } = yield* telegram.seen
      assert.deepStrictEqual(
        sent.map(({ chat_id, text }) => [chat_id, `${text}\n`]),
        [[42, answer]]
      )
      const unknown = yield* run([...hello, "--to", "telegram:43"], { env })
      assert.strictEqual(unknown.status, 1)
      assert.include(unknown.stdout, "You said: Hello")
      assert.match(unknown.stderr, /^error: .*not delivered.*\n$/)
      const name = refusalOf(yield* run([...hello, "--to", "telegram:@john"], { env }), 1)
      assert.include(name, "telegram:@john")
      assert.include(name, "Claude was not asked")
      const unset = refusalOf(yield* run([...hello, "--to", "telegram:42"], { env: echo }), 1)
      assert.include(unset, "TELEGRAM_BOT_TOKEN")
      for (const { stderr, stdout } of [unknown]) assert.notInclude(stderr + stdout, token)
    }).pipe(Effect.scoped)
  )

  it.live("--deliver by Twilio uses the configured number, and a bad token is a refusal without the token", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const account = { accountSid: `AC${"0123456789abcdef".repeat(2)}`, authToken: "b7f1c0ffee5ec2e7c0ffee5ec2e7b7f1" }
      const twilio = yield* twilioServer(account)
      const env = {
        ...echo,
        TWILIO_ACCOUNT_SID: account.accountSid,
        TWILIO_AUTH_TOKEN: account.authToken,
        TWILIO_FROM: "+15005550006",
        WARELAY_TWILIO_API_URL: twilio.apiUrl
      }
      const line = ["agent", "--to", "twilio:+1234567890", "--message", "Hello", "--deliver"]
      const answer = answerOf(yield* run(line, { env }))
      const { body, from, to } = yield* twilio.nextSent
      assert.deepStrictEqual([to, from, `${body}\n`], ["+1234567890", "+15005550006", answer])
      const wrong = "f".repeat(32)
      const refused = yield* run(line, { env: { ...env, TWILIO_AUTH_TOKEN: wrong } })
      assert.strictEqual(refused.status, 1)
      assert.match(refused.stderr, /^error: .*not delivered.*\n$/)
      assert.notInclude(refused.stderr, wrong)
      const invalid = refusalOf(yield* run(line, { env: { ...env, TWILIO_ACCOUNT_SID: wrong } }), 1)
      assert.include(invalid, "TWILIO_ACCOUNT_SID: expected AC and 32 hexadecimal digits")
      assert.notInclude(invalid, wrong)
    }).pipe(Effect.scoped)
  )
})

describe("what link says of the history", () => {
  const link = ({ run }: User, more: ReadonlyArray<string> = [], env: Readonly<Record<string, string>> = {}) =>
    Effect.map(run([...pair, ...more], { env }), ({ status, stderr }) => {
      assert.strictEqual(status, 0)
      return stderr
    })
  const hour = 3_600_000
  const sessions = (ages: Readonly<Record<string, number>>): string =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(ages).map(([key, age], index) => [
          key,
          { sessionId: `00000000-0000-4000-8000-00000000000${index}`, updatedAt: Date.now() - age }
        ])
      )
    )

  it.live("none, if nobody has talked lately", () =>
    Effect.gen(function* () {
      const someone = yield* user
      someone.write("sessions.json", sessions({ "+1234567890": 2 * hour, "telegram:@jane": 0 }))
      assert.strictEqual(yield* link(someone), "They start a new conversation: none of them has a recent one.\n")
    }).pipe(Effect.scoped)
  )

  it.live("that of the one who talked last, and how long ago", () =>
    Effect.gen(function* () {
      const someone = yield* user
      someone.write("sessions.json", sessions({ "+1234567890": 50 * 60_000, "telegram:@john": 12 * 60_000 + 5_000 }))
      const notice = yield* link(someone)
      assert.match(
        notice,
        /^What telegram:@john and Claude said will be seen by all of them.*\(last used 12 minutes ago\)/
      )
      assert.include(notice, "--keep none")
      const turn = yield* ask(someone, "whatsapp:+1234567890")
      assert.match(turn.key, /^shared-/)
    }).pipe(Effect.scoped)
  )

  it.live("that of the one to keep, or nobody's", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* user, yield* user]
      for (const { write } of [one, other])
        write("sessions.json", sessions({ "+1234567890": 600_000, "telegram:@john": 0 }))
      assert.match(
        yield* link(one, ["--keep", "whatsapp:+1 234 567 890"]),
        /^What whatsapp:\+1234567890 and .*10 minutes ago/
      )
      assert.match(yield* link(other, ["--keep", "none"]), /nobody's earlier one is shared/)
      const { id, keep } = printed(
        JSON.stringify(JSON.parse(answerOf(yield* one.run(["identity", "list", "--json"])))[0])
      )
      assert.strictEqual(keep, "whatsapp:+1234567890")
      assert.match(answerOf(yield* one.run(["identity", "show", id])), /\nContinues {2}whatsapp:\+1234567890\n/)
    }).pipe(Effect.scoped)
  )

  it.live("with an agent that cannot fork, that it starts afresh", () =>
    Effect.gen(function* () {
      const someone = yield* user
      someone.write("clawdis.json", '{ agent: { command: ["cat"], sessionArguments: { begin: [], resume: [] } } }')
      someone.write("sessions.json", sessions({ "+1234567890": 0 }))
      assert.match(yield* link(someone), /^They start a new conversation: the configured agent cannot/)
    }).pipe(Effect.scoped)
  )

  it.live("the link is made even if that cannot be told", () =>
    Effect.gen(function* () {
      const someone = yield* user
      someone.write("sessions.json", "{")
      const notice = yield* link(someone)
      assert.match(notice, /^Which conversation goes on cannot be told: /)
      assert.include(notice, "sessions.json, line 1")
      assert.strictEqual(someone.read("sessions.json"), "{")
      assert.include(answerOf(yield* someone.run(["identity", "list"])), "@john")
    }).pipe(Effect.scoped)
  )
})
