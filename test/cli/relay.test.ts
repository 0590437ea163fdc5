import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TelegramServer from "../support/telegram-server.js"
import { callWebhook, freePort, incoming, twilioServer } from "../support/twilio-server.js"
import {
  answerOf,
  bin,
  mapping,
  mapText,
  printed,
  program,
  refusalOf,
  type Running,
  user,
  type User
} from "./command.js"

const python = spawnSync("python3", ["-c", "import pty"], { stdio: "ignore" }).status === 0

const echo = { WARELAY_AGENT_ECHO: "true" }
const console_ = ["relay", "--providers", "console"]

/** The answers on the console, by address, in order. */
const answersIn = (stdout: string): ReadonlyArray<readonly [to: string, text: string]> =>
  stdout
    .split(/^→ /m)
    .slice(1)
    .map((part) => {
      const [to = "", ...lines] = part.trimEnd().split("\n")
      return [to, lines.map((line) => line.slice(2)).join("\n")] as const
    })

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Polls for something outside of this process. */
const until = (condition: () => boolean) =>
  Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), Effect.sync(condition)), { until: (holds) => holds })

/** An agent that says when it has begun, and answers when it is let. */
const slowAgent = ({ directory, write }: User) => {
  const program = join(directory, "agent.mjs")
  const [begun, release] = [join(directory, "begun"), join(directory, "release")]
  writeFileSync(
    program,
    `import { spawn } from "node:child_process"
import { existsSync, writeFileSync } from "node:fs"
const child = spawn("sleep", ["600"], { stdio: "ignore" })
writeFileSync(${JSON.stringify(begun)}, process.pid + " " + child.pid)
setInterval(() => {
  if (!existsSync(${JSON.stringify(release)})) return
  console.log("a slow answer")
  process.exit()
}, 10)\n`
  )
  const command = [process.execPath, program]
  write(
    "clawdis.json",
    JSON.stringify({ agent: { command, output: "text", sessionArguments: { begin: [], resume: [] } } })
  )
  return {
    begins: until(() => existsSync(begun) && readFileSync(begun, "utf8") !== ""),
    processes: () => readFileSync(begun, "utf8").split(" ").map(Number),
    release: Effect.sync(() => writeFileSync(release, ""))
  }
}

describe("warelay relay", () => {
  it.live("with nothing configured says what to set, and how to try it without", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      for (const env of [{}, { TELEGRAM_BOT_TOKEN: "", TWILIO_AUTH_TOKEN: "" }]) {
        const refusal = refusalOf(yield* run(["relay"], { env }), 1)
        for (const part of ["TELEGRAM_BOT_TOKEN", "TWILIO_AUTH_TOKEN", "warelay relay --providers console"]) {
          assert.include(refusal, part)
        }
      }
      assert.isFalse(existsSync(home))
      assert.include(refusalOf(yield* run(["relay", "--providers", "telegram"]), 1), "set TELEGRAM_BOT_TOKEN")
      const noToken = refusalOf(yield* run(["relay"], { env: { TELEGRAM_BOT_TOKEN: "no token" } }), 1)
      assert.include(noToken, "TELEGRAM_BOT_TOKEN is not the token of a bot")
      assert.notInclude(noToken, "no token")
      const part = yield* run(["relay"], { env: { TWILIO_AUTH_TOKEN: "b7f1c0ffee5ec2e7" } })
      assert.include(refusalOf(part, 1), "set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM")
    }).pipe(Effect.scoped)
  )

  it.live("says how to link an account before it can serve WhatsApp", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      for (const names of ["whatsapp", "console,whatsapp"]) {
        assert.include(refusalOf(yield* run(["relay", "--providers", names], { env: echo }), 1), "warelay login")
      }
    }).pipe(Effect.scoped)
  )

  it.live("serves what the configuration names", () =>
    Effect.gen(function* () {
      const { run, write } = yield* user
      write("clawdis.json", '{ providers: ["console"] } // no account yet')
      const ran = yield* run(["relay"], { input: "telegram:@john Hi\n", env: echo })
      assert.deepStrictEqual([ran.status, answersIn(ran.stdout).length], [0, 1])
    }).pipe(Effect.scoped)
  )
})

describe("the log of a relay", () => {
  it.live("is as the line says, else as the configuration does, else JSON in a pipe", () =>
    Effect.gen(function* () {
      const { run, write } = yield* user
      const logged = (...flags: ReadonlyArray<string>) =>
        Effect.map(run([...console_, ...flags], { env: echo }), ({ status, stderr }) => {
          assert.strictEqual(status, 0)
          return stderr
        })
      assert.match(yield* logged(), /^\{"time":".*"level":"info","message":"serving console"\}\n$/)
      assert.match(yield* logged("--log-format", "text"), /^\S+Z info: serving console\n$/)
      assert.strictEqual(yield* logged("--log-level", "warn"), "")
      assert.strictEqual(yield* logged("--log-format", "text", "--log-level=error"), "")
      write("clawdis.json", '{ log: { level: "warn", format: "text" } }')
      assert.strictEqual(yield* logged(), "")
      assert.match(yield* logged("--log-level", "info"), /^\S+Z info: serving console\n$/)
    }).pipe(Effect.scoped)
  )
})

describe("the console from a pipe", () => {
  it.live("linked people are in one conversation, others are not, and it ends with its input", () =>
    Effect.gen(function* () {
      const { run, write } = yield* user
      write("identity-map.json", mapText(mapping("shared-abc-123")))
      const input = ["whatsapp:+1234567890 Hello", "telegram:@john And hello", "telegram:@jane Me too", ""].join("\n")
      const { status, stderr, stdout } = yield* run(console_, { input, env: echo })
      assert.strictEqual(status, 0)
      const answers = new Map(answersIn(stdout))
      assert.match(answers.get("whatsapp:+1234567890") ?? "", /^You said: Hello\nTurn 1 of session/)
      assert.match(
        answers.get("telegram:@john") ?? "",
        /^You said: And hello\nTurn 2 of session .*\(turn 1 was "Hello"/
      )
      assert.match(answers.get("telegram:@jane") ?? "", /^You said: Me too\nTurn 1 of session [0-9a-f]{8}$/)
      const { time, ...line } = JSON.parse(stderr)
      assert.match(time, /^\d{4}-.*Z$/)
      assert.deepStrictEqual(line, { level: "info", message: "serving console" })
    }).pipe(Effect.scoped)
  )

  it.live("an unlink takes effect at the next message of a relay that runs", () =>
    Effect.gen(function* () {
      const { run, start, write } = yield* user
      write("identity-map.json", mapText(mapping("shared-abc-123")))
      const relay = yield* start(console_, { env: echo })
      const say = (line: string, answer: RegExp) =>
        Effect.zipRight(
          Effect.sync(() => void relay.child.stdin.write(`${line}\n`)),
          relay.says(answer)
        )
      yield* say("whatsapp:+1234567890 One", /said: One\n.*Turn 1 of/)
      yield* say("telegram:@john Two", /said: Two\n.*Turn 2 of/)
      answerOf(yield* run(["identity", "unlink", "shared-abc-123", "--json"]))
      yield* say("telegram:@john Three", /said: Three\n.*Turn 1 of/)
      const again = printed(
        answerOf(yield* run(["identity", "link", "--whatsapp", "+1234567890", "--telegram", "@john", "--json"]))
      )
      assert.match(again.id, /^shared-/)
      yield* say("whatsapp:+1234567890 Four", /said: Four\n.*Turn 2 of .*"Three"/)
      relay.child.stdin.end()
      assert.strictEqual((yield* relay.ended).status, 0)
    }).pipe(Effect.scoped)
  )

  it.live("a line of nobody is explained on stderr, and the others are answered", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const { status, stderr, stdout } = yield* run(console_, { input: "Hello?\ntelegram:@john Hi\n", env: echo })
      assert.deepStrictEqual([status, answersIn(stdout).map(([to]) => to)], [0, ["telegram:@john"]])
      assert.include(stderr, '"Hello?" does not say who writes')
    }).pipe(Effect.scoped)
  )

  it.live("where there is no claude it repeats what it is told, and says so", () =>
    Effect.gen(function* () {
      const { directory, run } = yield* user
      const ran = yield* run(console_, { input: "telegram:@john Hi\n", env: { PATH: directory } })
      assert.include(ran.stderr, "There is no claude on the PATH")
      assert.include(ran.stdout, "You said: Hi")
    }).pipe(Effect.scoped)
  )
})

describe("Ctrl-C in a relay", () => {
  const asking = (someone: User) =>
    Effect.gen(function* () {
      const agent = slowAgent(someone)
      const relay: Running = yield* someone.start(console_)
      yield* Effect.sync(() => void relay.child.stdin.write("telegram:@john Hi\n"))
      yield* agent.begins
      return { agent, relay }
    })

  it.live("the first one lets what is being answered be finished and delivered", () =>
    Effect.gen(function* () {
      const { agent, relay } = yield* Effect.flatMap(user, asking)
      yield* relay.signal("SIGINT")
      yield* relay.says("stopping")
      relay.child.stdin.write("telegram:@jane Too late\n")
      yield* agent.release
      const { status, stdout } = yield* relay.ended
      assert.deepStrictEqual([status, answersIn(stdout)], [130, [["telegram:@john", "a slow answer"]]])
    }).pipe(Effect.scoped)
  )

  it.live("the second one ends everything at once, with all processes of the agent", () =>
    Effect.gen(function* () {
      const { agent, relay } = yield* Effect.flatMap(user, asking)
      yield* relay.signal("SIGINT")
      yield* relay.says("stopping")
      assert.isTrue(agent.processes().every(isAlive))
      yield* relay.signal("SIGINT")
      const { status, stdout } = yield* relay.ended
      assert.deepStrictEqual([status, stdout], [130, ""])
      yield* until(() => !agent.processes().some(isAlive)).pipe(Effect.timeout("1 second"))
    }).pipe(Effect.scoped)
  )

  it.live("a turn by hand ends at the first one, with all processes of the agent", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const agent = slowAgent(someone)
      const asking = yield* someone.start(["agent", "--to", "telegram:@john", "--message", "Hi"])
      yield* agent.begins
      yield* asking.signal("SIGINT")
      assert.deepStrictEqual(yield* asking.ended, { status: 130, stdout: "", stderr: "" })
      yield* until(() => !agent.processes().some(isAlive)).pipe(Effect.timeout("1 second"))
    }).pipe(Effect.scoped)
  )

  it.live("a relay that waits for messages ends at the first one", () =>
    Effect.gen(function* () {
      const { start } = yield* user
      const relay = yield* start(console_, { env: echo })
      yield* relay.says("serving console")
      yield* relay.signal("SIGTERM")
      assert.strictEqual((yield* relay.ended).status, 130)
    }).pipe(Effect.scoped)
  )
})

describe("a terminal that goes away", () => {
  it.live("ends nothing that does not write to it, so that nohup keeps a relay", () =>
    Effect.gen(function* () {
      const { start } = yield* user
      const relay = yield* start(console_, { env: echo })
      yield* relay.says("serving console")
      yield* relay.signal("SIGHUP")
      relay.child.stdin.write("telegram:@john Still there?\n")
      yield* relay.says("You said: Still there?")
      relay.child.stdin.end()
      assert.strictEqual((yield* relay.ended).status, 0)
    }).pipe(Effect.scoped)
  )

  it.live.skipIf(!python)(
    python ? "ends what writes to it as Ctrl-C does, once, however often it is told" : "no python3 for a terminal",
    () =>
      Effect.gen(function* () {
        const someone = yield* user
        slowAgent(someone)
        // A terminal of its own: hands on what is written there, and two hang-ups as soon as the agent is at work.
        const terminal = `import os, pty, signal, sys, time
pid, master = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
os.write(master, b"telegram:@john Hi\\n")
while not os.path.exists(${JSON.stringify(join(someone.directory, "begun"))}): time.sleep(0.02)
os.kill(pid, signal.SIGHUP); time.sleep(0.2); os.kill(pid, signal.SIGHUP); time.sleep(0.2)
open(${JSON.stringify(join(someone.directory, "release"))}, "w").close()
said = b""
while True:
  try: part = os.read(master, 4096)
  except OSError: break
  if not part: break
  said += part
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`
        const ran = yield* program("python3", ["-c", terminal, process.execPath, bin, ...console_], {
          env: { ...someone.env, TERM: "xterm" }
        })
        assert.isTrue(existsSync(join(someone.directory, "begun")))
        assert.include(ran.stdout, "stopping")
        assert.include(ran.stdout, "a slow answer")
        assert.strictEqual(ran.status, 130, ran.stdout)
      }).pipe(Effect.scoped)
  )
})

describe("Telegram and Twilio together", () => {
  it.live("linked senders share one conversation, each is answered at their own address, and no secret is told", () =>
    Effect.gen(function* () {
      const { read, run, start, write } = yield* user
      const account = { accountSid: `AC${"0123456789abcdef".repeat(2)}`, authToken: "b7f1c0ffee5ec2e7c0ffee5ec2e7b7f1" }
      const telegram = yield* TelegramServer.make()
      const twilio = yield* twilioServer(account)
      const port = yield* freePort
      write(
        "clawdis.json",
        `{ // who may write
          allowFrom: [{ id: "telegram:123456789", name: "John" }, "twilio:+1234567890"],
        }`
      )
      const { id } = printed(
        answerOf(yield* run(["identity", "link", "--telegram", "@john", "--twilio", "+1234567890", "--json"]))
      )
      const token = Redacted.value(telegram.token)
      const relay = yield* start(["relay"], {
        env: {
          ...echo,
          TELEGRAM_BOT_TOKEN: token,
          WARELAY_TELEGRAM_API_URL: telegram.url,
          TWILIO_ACCOUNT_SID: account.accountSid,
          TWILIO_AUTH_TOKEN: account.authToken,
          TWILIO_FROM: "+15005550006",
          WARELAY_TWILIO_API_URL: twilio.apiUrl,
          WARELAY_TWILIO_PORT: String(port)
        }
      })
      yield* relay.says("serving telegram, twilio")
      const text = (From: string, Body: string, MessageSid: string) =>
        callWebhook({
          url: `http://127.0.0.1:${port}/twilio`,
          authToken: account.authToken,
          fields: incoming({ From, To: "+15005550006", Body, MessageSid })
        })
      yield* telegram.say(TelegramServer.john, "Remember the milk")
      const { sent } = yield* telegram.until(({ sent }) => sent.length === 1)
      assert.deepStrictEqual(
        [sent[0]?.chat_id, sent[0]?.text.split("\n")[0]],
        [123456789, "You said: Remember the milk"]
      )
      yield* text("+1999999999", "Let me in", "SM2")
      assert.strictEqual((yield* text("+1234567890", "What was it?", "SM3")).status, 200)
      yield* text("+1234567890", "What was it?", "SM3")
      const reply = yield* twilio.nextSent
      assert.deepStrictEqual([reply.to, reply.from], ["+1234567890", "+15005550006"])
      assert.match(
        reply.body,
        /^You said: What was it\?\nTurn 2 of session .*\(turn 1 was "Remember the milk", from Telegram · John\)$/
      )
      yield* telegram.say(TelegramServer.john, "Thanks")
      yield* telegram.until(({ sent }) => sent.length === 2)
      yield* relay.signal("SIGINT")
      const { status, stderr, stdout } = yield* relay.ended
      assert.deepStrictEqual([status, stdout], [130, ""])
      assert.deepStrictEqual(yield* twilio.allSent, [])
      assert.deepStrictEqual(Object.keys(JSON.parse(read("sessions.json"))), [id])
      assert.include(stderr, "twilio, …9999 was not answered: not in allowFrom")
      for (const secret of [token, token.split(":")[1] ?? "", account.authToken, "1234567890", "123456789"]) {
        assert.notInclude(stderr, secret)
      }
    }).pipe(Effect.scoped)
  )
})
