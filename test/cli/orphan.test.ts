import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TelegramServer from "../support/telegram-server.js"
import { user, type User } from "./command.js"

const { john } = TelegramServer

/** Polls for something outside of this process. */
const until = (condition: () => boolean) =>
  Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), Effect.sync(condition)), { until: (holds) => holds })

/**
 * An agent that writes into its session while it runs, as Claude does: a line when it begins, and another one when it is
 * let and ends. Two that overlap would be seen in that.
 */
const agent = ({ directory }: User) => {
  const program = join(directory, "agent.mjs")
  const [log, release] = [join(directory, "session.log"), join(directory, "release")]
  writeFileSync(
    program,
    `import { appendFileSync, existsSync, readFileSync } from "node:fs"
const said = readFileSync(0, "utf8").trim().split("\\n").at(-1)
appendFileSync(${JSON.stringify(log)}, "begin " + process.pid + " " + said + "\\n")
const timer = setInterval(() => {
  if (said === "Hold on" && !existsSync(${JSON.stringify(release)})) return
  clearInterval(timer)
  appendFileSync(${JSON.stringify(log)}, "end " + process.pid + " " + said + "\\n")
  console.log("answer to " + said)
}, 10)\n`
  )
  return {
    configuration: {
      command: [process.execPath, program],
      output: "text",
      sessionArguments: { begin: [], resume: [] }
    },
    lines: () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : []),
    release: Effect.sync(() => writeFileSync(release, ""))
  }
}

const pidIn = (line: string | undefined): number => Number(line?.split(" ")[1])

describe("a relay that is killed while Claude answers", () => {
  it.live("is followed by one that ends that Claude before it asks again", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const telegram = yield* TelegramServer.make()
      const { configuration, lines, release } = agent(someone)
      someone.write("clawdis.json", JSON.stringify({ allowFrom: ["telegram:123456789"], agent: configuration }))
      const env = { TELEGRAM_BOT_TOKEN: Redacted.value(telegram.token), WARELAY_TELEGRAM_API_URL: telegram.url }
      const start = someone.start(["relay"], { env })

      const first = yield* start
      yield* telegram.say(john, "Hold on")
      yield* until(() => lines().length === 1)
      const orphan = pidIn(lines()[0])
      yield* Effect.addFinalizer(() => Effect.ignore(Effect.try(() => process.kill(orphan, "SIGKILL"))))
      // The same message has to be answered by the next relay, so that it is confirmed first.
      yield* telegram.until(({ unconfirmed, waiting }) => unconfirmed.length === 0 && waiting === 1)
      yield* first.signal("SIGKILL")
      yield* first.ended
      assert.isTrue(process.kill(orphan, 0))

      const second = yield* start
      yield* second.says("1 of the answers that were being written last time were stopped")
      assert.throws(() => process.kill(orphan, 0))
      yield* until(() => lines().length === 2)
      yield* release
      const { sent } = yield* telegram.until(({ sent }) => sent.length === 1)
      assert.deepStrictEqual([sent[0]?.chat_id, sent[0]?.text], [john.id, "answer to Hold on"])
      const [, ...after] = lines()
      assert.deepStrictEqual(
        after.map((line) => line.replace(/\d+/, "n")),
        ["begin n Hold on", "end n Hold on"]
      )
      assert.strictEqual(pidIn(after[1]), pidIn(after[0]))
    }).pipe(Effect.scoped)
  )
})
