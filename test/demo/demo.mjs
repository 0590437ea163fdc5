// Shows one conversation on two providers, and then two: the built command and a relay of its own do everything, in a
// home that is made for it and removed at the end. Fails if what they answer is not what is promised.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../../dist/bin.cjs", import.meta.url))
const mom = "whatsapp:+1234567890"
const dad = "telegram:@dad_1970"
const patience = 30_000

class Disappointed extends Error {}
const promised = (kept, sentence) => {
  if (!kept) throw new Disappointed(sentence)
}

const stop = new AbortController()
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort())
// Whoever reads has seen enough.
process.stdout.on("error", () => stop.abort())

const print = (text = "") => process.stdout.write(`${text}\n`)
const colours = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== "dumb"
const coloured = (code) => (text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
const bold = coloured(1)
const faint = coloured(2)
const say = (text) => print(`\n${faint(`# ${text}`)}`)

const home = mkdtempSync(join(tmpdir(), "warelay-demo-"))
// All that the command is given: no token, no setting and no directory of whoever runs this.
const env = {
  PATH: process.env.PATH,
  HOME: home,
  WARELAY_HOME: home,
  WARELAY_AGENT_ECHO: "true",
  WARELAY_LOG_FORMAT: "text"
}
const ended = []

/** Starts `warelay`, and keeps what it says; `until` waits until that is something that was hoped for. */
const start = (...words) => {
  print(bold(`$ warelay ${words.join(" ")}`))
  const child = spawn(process.execPath, [program, ...words], { env, signal: stop.signal, killSignal: "SIGKILL" })
  const said = { stdout: "", stderr: "" }
  const waiting = new Set()
  let status
  const look = () => {
    for (const check of waiting) check()
  }
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      said[name] += text
      look()
    })
  }
  // That it is stopped, or could not be started, shows in how it ends; that it reads no more, in that it ends.
  child.on("error", () => {})
  child.stdin.on("error", () => {})
  ended.push(
    new Promise((resolve) =>
      child.on("close", (code, signal) => {
        status = code ?? signal
        look()
        resolve()
      })
    )
  )
  const until = (hope, found) =>
    new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(timer)
        waiting.delete(check)
        settle(value)
      }
      const fail = (why) =>
        finish(reject, new Disappointed(`${hope} did not come: ${why}\n${said.stdout}${said.stderr}`.trim()))
      const check = () => {
        const value = found(said, status)
        if (value !== undefined && value !== null) finish(resolve, value)
        else if (status !== undefined) fail(`\`warelay ${words.join(" ")}\` ended with ${status}`)
      }
      const timer = setTimeout(() => fail(`nothing for ${patience / 1000} s`), patience)
      waiting.add(check)
      check()
    })
  return { said, until, write: (line) => child.stdin.write(`${line}\n`), end: () => child.stdin.end() }
}

/** Runs a command to its end and shows what it said. */
const run = async (...words) => {
  const { said, until, end } = start(...words)
  end()
  await until("the end of the command", (_, status) => (status === 0 ? status : undefined))
  print(`${said.stdout}${said.stderr}`.trimEnd())
  return said.stdout
}

/** Says something through the relay, shows the answer, and gives the turn and the session that it was in. */
const tell = async (relay, who, text) => {
  const before = relay.said.stdout.length
  print(`\n${bold(`${who} ${text}`)}`)
  relay.write(`${who} ${text}`)
  const answer = await relay.until(`an answer to ${who}`, ({ stdout }) =>
    /^→ (\S+)\n(?: {2}.*\n)*? {2}Turn (\d+) of session ([0-9a-f]{8}).*\n/.exec(stdout.slice(before))
  )
  print(answer[0].trimEnd())
  promised(answer[1] === who, `the answer to ${who} went to ${answer[1]}`)
  return { turn: Number(answer[2]), session: answer[3] }
}

const show = async () => {
  promised(existsSync(program), "warelay is not built yet; this builds it first: npm run demo")
  print("Two accounts, one conversation: this is the real warelay, without an account anywhere. In the place of")
  print("Claude an agent answers that repeats what it is told and says which session that was in.")
  print(faint(`(WARELAY_HOME=${home} WARELAY_AGENT_ECHO=true)`))

  say("Mom is on WhatsApp, Dad on Telegram. They want to share a conversation, so we link them.")
  const linked = await run("identity", "link", "--whatsapp", mom.split(":")[1], "--telegram", dad.split(":")[1])
  const [id] = /^shared-\S+/.exec(linked) ?? []
  promised(id !== undefined, "`identity link` does not name the mapping that it made")

  say("The relay starts. Each line that we type into it is a message of the account in front.")
  const relay = start("relay", "--providers", "console")
  print(await relay.until("the start of the relay", ({ stderr }) => /^.*serving console(?=\n)/m.exec(stderr)?.[0]))
  const one = await tell(relay, mom, "Remember: the key is under the blue pot.")
  const two = await tell(relay, dad, "Where did she put the key?")
  promised(
    one.session === two.session && one.turn === 1 && two.turn === 2,
    `linked, both should be in one session, in turns 1 and 2; they were in ${one.session}, turn ${one.turn}, and ` +
      `${two.session}, turn ${two.turn}`
  )
  say("One session answered both, and it knows in Dad's turn what Mom said in hers.")

  say("Now they part. The relay keeps running.")
  await run("identity", "unlink", id)
  const three = await tell(relay, mom, "Are we alone?")
  const four = await tell(relay, dad, "And are we?")
  promised(
    new Set([one.session, three.session, four.session]).size === 3 && three.turn === 1 && four.turn === 1,
    `unlinked, each should be in a session of its own, in turn 1; they were in ${three.session}, turn ${three.turn}, ` +
      `and ${four.session}, turn ${four.turn}, after ${one.session} together`
  )
  say("Two sessions, one for each, and neither is the one that they shared.")

  relay.end()
  await relay.until("the end of the relay", (_, status) => (status === 0 ? status : undefined))
  print(
    `\n${bold("Seen:")} linked, WhatsApp and Telegram shared session ${one.session} (turns 1 and 2); ` +
      `unlinked, they had ${three.session} and ${four.session} (turn 1 each).`
  )
}

let status = 0
try {
  await show()
} catch (error) {
  status = 1
  if (!stop.signal.aborted) {
    const text = error instanceof Disappointed ? error.message : error.stack
    process.stderr.write(`\nThe demo has failed: ${text}\n`)
  }
}
const interrupted = stop.signal.aborted
stop.abort()
// A process that still ran would write into the home that is being removed.
await Promise.all(ended)
rmSync(home, { recursive: true, force: true })
process.exitCode = interrupted ? 130 : status
