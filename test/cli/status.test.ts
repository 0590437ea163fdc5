import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TelegramServer from "../support/telegram-server.js"
import { freePort } from "../support/twilio-server.js"
import { answerOf, bin, user } from "./command.js"
import { mary, printedStatus, telegramRelay } from "./running.js"

const { john } = TelegramServer

describe("warelay status", () => {
  it.live("of a relay that runs says how its channels do, and who was turned away, in full and nowhere else", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { again, relay, telegram } = yield* telegramRelay(someone)
      yield* telegram.say(mary, "Let me in")
      yield* telegram.say(mary, "Please")
      yield* telegram.sayIn({ id: -100987654321, title: "Friends" }, mary, "@warelay_test_bot Let us in")
      yield* telegram.say(john, "Hello")
      yield* telegram.until(({ sent }) => sent.length === 1)
      const status = printedStatus(answerOf(yield* someone.run(["status", "--json"])))
      assert.isTrue(status.running)
      assert.lengthOf(status.channels, 1)
      assert.include(status.channels[0], { channel: "telegram", state: "receiving", received: 1, answered: 1 })
      assert.deepStrictEqual(status.messages, { waiting: 0, answering: 0, delivering: 0, elsewhere: 0 })
      assert.deepStrictEqual(status.sessions, { all: 1, open: 1 })
      const [group, person, ...others] = status.turnedAway.map(({ last: _, ...rest }) => rest)
      assert.deepStrictEqual(
        [person?.["times"], person?.["add"]],
        [2, { to: "allowFrom", entry: "telegram:555444333" }]
      )
      assert.deepStrictEqual(group?.["add"], { to: "allowGroups", entry: "telegram:-100987654321" })
      assert.deepStrictEqual(others, [])
      const text = answerOf(yield* someone.run(["status"]))
      assert.match(text, /^Relay +running, version \d+\.\d+\.\d+, started just now\n/)
      assert.match(text, /\nChannels +telegram +1 received, 1 answered, 3 turned away +receiving, just now\n/)
      assert.include(text, 'allowFrom: ["telegram:555444333"]')
      assert.include(text, 'allowGroups: ["telegram:-100987654321"]')
      yield* relay.signal("SIGINT")
      const { stderr } = yield* relay.ended
      assert.include(stderr, "…4333")
      assert.notMatch(stderr, /555444333|987654321|123456789/)
      // They are remembered without a relay, and by the next one.
      const { stdout } = yield* someone.run(["status", "--json"])
      assert.deepStrictEqual(printedStatus(stdout).turnedAway, status.turnedAway)
      assert.include((yield* someone.run(["status"])).stdout, 'allowFrom: ["telegram:555444333"]')
      yield* again
      yield* telegram.say(mary, "Still me")
      yield* telegram.until(({ unconfirmed }) => unconfirmed.length === 0)
      const [latest] = printedStatus(answerOf(yield* someone.run(["status", "--json"]))).turnedAway
      assert.include(latest, { who: "telegram:555444333", times: 3 })
    }).pipe(Effect.scoped)
  )

  it.live("after it was killed says that none runs and what is left, and a new one can be asked again", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { again, relay, telegram } = yield* telegramRelay(someone)
      yield* telegram.block(john.id)
      yield* telegram.say(john, "Hello")
      yield* relay.says("not delivered")
      const socket = join(someone.home, "relay.sock")
      assert.strictEqual(statSync(socket).mode & 0o777, 0o600)
      const before = printedStatus(answerOf(yield* someone.run(["status", "--json"])))
      assert.strictEqual(before.kept.undelivered, 1)
      assert.include(before.kept.latest[0], { channel: "telegram", who: "telegram:123456789" })
      assert.match(before.lastError?.line ?? "", /…6789: an answer was not delivered/)
      yield* relay.signal("SIGKILL")
      yield* relay.ended
      assert.isTrue(existsSync(socket))
      const stopped = yield* someone.run(["status", "--json"])
      assert.strictEqual(stopped.status, 1)
      assert.match(stopped.stderr, /^error: no relay is running with the home .*\. Start one: warelay relay\n$/)
      const left = printedStatus(stopped.stdout)
      assert.deepStrictEqual(
        [left.running, left.messages, left.kept.undelivered, left.sessions],
        [false, { waiting: 0 }, 1, { all: 1, open: 1 }]
      )
      assert.include(left.kept.latest[0]?.["reason"], "not delivered")
      assert.match((yield* someone.run(["status"])).stdout, /^Relay +not running\n/)
      const other = yield* again
      assert.isTrue(printedStatus((yield* someone.run(["status", "--json"])).stdout).running)
      yield* other.signal("SIGINT")
      yield* other.ended
      assert.isFalse(existsSync(socket))
    }).pipe(Effect.scoped)
  )

  it.live("without a relay says what else there is where the sessions cannot be read", () =>
    Effect.gen(function* () {
      const { run, write } = yield* user
      write("sessions.json", "{")
      const { status, stderr, stdout } = yield* run(["status", "--json"])
      assert.strictEqual(status, 1)
      assert.match(stderr, /^error: no relay is running/)
      const { messages, sessions } = printedStatus(stdout)
      assert.deepStrictEqual([messages, sessions], [{ waiting: 0 }, null])
      assert.match(
        (yield* run(["status"])).stdout,
        /\nSessions +sessions\.json cannot be read: warelay identity doctor/
      )
    }).pipe(Effect.scoped)
  )

  it.live("fails, with the reason, while a channel does not receive", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const relay = yield* someone.start(["relay"], {
        env: { TELEGRAM_BOT_TOKEN: "1:x", WARELAY_TELEGRAM_API_URL: `http://127.0.0.1:${yield* freePort}` }
      })
      yield* relay.says("trying again")
      const { status, stderr, stdout } = yield* someone.run(["status"])
      assert.strictEqual(status, 1)
      assert.match(
        stderr,
        /^error: not every channel receives\. telegram does not receive: no connection to 127\.0\.0\.1/
      )
      assert.match(stdout, /\nChannels +telegram .*failing, just now: no connection.*; the next attempt is in \d+ s\n/)
    }).pipe(Effect.scoped)
  )

  it.live("of a home with a path that is too long for a socket says so, and the relay does its work all the same", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const env = { WARELAY_HOME: join(someone.directory, "x".repeat(100)), WARELAY_AGENT_ECHO: "true" }
      const relay = yield* someone.start(["relay", "--providers", "console"], { env })
      yield* relay.says("serving console")
      relay.child.stdin.write("telegram:@john Hello\n")
      yield* relay.says("You said: Hello")
      yield* relay.says("would be too long")
      const { status, stderr } = yield* someone.run(["status"], { env })
      assert.strictEqual(status, 1)
      assert.match(stderr, /^error: a relay is running with the home .*, but it cannot be asked: .*its log says why\n$/)
      relay.child.stdin.end()
      assert.strictEqual((yield* relay.ended).status, 0)
      assert.match((yield* someone.run(["status"], { env })).stderr, /^error: no relay is running/)
    }).pipe(Effect.scoped)
  )

  // To root no mode is in the way, so root asks as nobody, if nobody can run the command.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const canAsk = spawnSync(process.execPath, [bin, "--version"], { ...nobody, env: {} }).status === 0

  it.live.skipIf(!canAsk)("of a home that is closed does not say that a relay runs, nor that none does", () =>
    Effect.gen(function* () {
      const { env, home } = yield* user
      mkdirSync(home)
      chmodSync(home, 0)
      const { status, stderr, stdout } = spawnSync(process.execPath, [bin, "status"], {
        ...nobody,
        env,
        encoding: "utf8"
      })
      assert.deepStrictEqual([status, stdout], [1, ""])
      assert.match(
        stderr,
        /^error: whether a relay is running with the home \S+ cannot be told: permission denied\. Run/
      )
    }).pipe(Effect.scoped)
  )

  it.live("what strangers are called does nothing to a terminal", () =>
    Effect.gen(function* () {
      const someone = yield* user
      someone.write("inbox.ndjson", "")
      const message = {
        channel: "telegram",
        id: "1",
        sender: { From: "telegram:1", provider: "telegram" },
        author: "\u001b[2Jtelegram:1",
        address: "1",
        text: "Hello"
      }
      const lines = [
        { received: message, at: 0 },
        { answered: "telegram 1", text: "Hi" },
        { undelivered: "telegram 1", reason: "\u001b[2J" }
      ]
      writeFileSync(join(someone.home, "inbox.ndjson"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
      for (const line of [["status"], ["status", "--json"]]) {
        const { stdout } = yield* someone.run(line)
        assert.include(stdout, "telegram:1")
        assert.notInclude(stdout, "\u001b")
      }
    }).pipe(Effect.scoped)
  )
})
