#!/usr/bin/env node
// Behaves as the `claude` command does towards whoever runs it with -p, without a model: it answers with all that was
// said to it in the session, as JSON text; with --input-format stream-json, once for each line. What it keeps and how it misbehaves is told by environment variables:
//   CLAUDE_STAND_IN_HOME  the directory of its sessions (<id>.json) and of calls.ndjson, a line for each call
//   CLAUDE_STAND_IN_MODE  one of the names in `modes`; absent, it behaves
import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"

const home = process.env["CLAUDE_STAND_IN_HOME"] ?? process.exit(64)
const mode = process.env["CLAUDE_STAND_IN_MODE"] ?? "well"
const args = process.argv.slice(2)
const valueOf = (flag) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined)

mkdirSync(home, { recursive: true })
const fileOf = (id) => join(home, `${id}.json`)
const call = { args, cwd: process.cwd(), env: process.env, pid: process.pid }

const fail = (text) => {
  console.error(text)
  process.exit(1)
}

const begun = valueOf("--session-id")
const resumed = valueOf("--resume")
if (begun !== undefined && existsSync(fileOf(begun))) fail(`Error: Session ID ${begun} is already in use.`)
if (resumed !== undefined && !existsSync(fileOf(resumed))) fail(`No conversation found with session ID: ${resumed}`)

const said = resumed === undefined ? [] : JSON.parse(readFileSync(fileOf(resumed), "utf8"))
const own = begun ?? (args.includes("--fork-session") ? randomUUID() : (resumed ?? randomUUID()))
const session = mode === "other-session" ? "0f0e0d0c-0b0a-4908-8706-050403020100" : own

const result = (fields) => ({
  type: "result",
  subtype: "success",
  is_error: false,
  num_turns: 1,
  result: JSON.stringify(said),
  session_id: session,
  ...fields
})
let unwritten = []
/** Writes down the call of this turn, before anybody who waits for its answer looks for it. */
const record = () => {
  for (const one of unwritten) appendFileSync(join(home, "calls.ndjson"), `${JSON.stringify({ ...call, ...one })}\n`)
  unwritten = []
}
const print = (value) => {
  record()
  console.log(JSON.stringify(value))
}
const init = { type: "system", subtype: "init", session_id: session, tools: [] }
const spoken = { type: "assistant", message: { role: "assistant", content: [{ type: "text", text: "…" }] } }
const forever = "setInterval(() => {}, 1000)"
const deaf = `process.on("SIGTERM", () => {}); ${forever}`
const child = (code, options) => {
  const started = spawn(process.execPath, ["-e", code], options)
  call.child = started.pid
  started.unref()
}

const modes = {
  well: () => print(result({})),
  "other-session": () => print(result({})),
  ndjson: () => [init, spoken, result({})].forEach(print),
  noisy: () => {
    console.log("Warning: something is deprecated {")
    print(result({}))
    console.log("bye")
  },
  events: () => print([init, spoken, result({})]),
  text: () => console.log(`  ${JSON.stringify(said)}  `),
  garbage: () => console.log("<html>It works!</html>"),
  silent: () => {},
  blank: () => print(result({ result: " \n" })),
  "no-result": () => print([init, spoken]),
  refuses: () => {
    print(result({ is_error: true, result: `Invalid API key ${process.env["ANTHROPIC_API_KEY"]} · Please run /login` }))
    process.exitCode = 1
  },
  "refuses-politely": () => print(result({ is_error: true, result: "Usage limit reached" })),
  "too-long": () => {
    print(result({ is_error: true, result: "Prompt is too long" }))
    process.exitCode = 1
  },
  breaks: () => {
    console.error("starting up\n\u001b[31mcannot reach +1234567890 with Bearer abcdef\u001b[0m\n")
    process.exitCode = 3
  },
  dies: () => process.kill(process.pid, "SIGKILL"),
  "dies-while-it-waits": () => {
    print(result({}))
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 50)
  },
  "dies-when-asked-again": () => print(result({})),
  "speaks-unasked": () => {
    print(result({}))
    setTimeout(() => print(result({ result: "Nobody asked" })), 50)
  },
  "finishes-something-first": () => print(result({})),
  "writes-late": () => print(result({})),
  "begins-a-line": () => {
    print(result({}))
    process.stdout.write("by the way, ")
  },
  "hangs-when-asked-again": () => {
    if (turns === 1) print(result({}))
    else child(forever, { stdio: "inherit" })
  },
  floods: () => process.stdout.write("x".repeat(17 * 1024 * 1024)),
  // A child in the same group holds the pipes open, after the answer.
  lingers: () => {
    child(forever, { stdio: "inherit" })
    print(result({}))
  },
  hangs: () => {
    child(forever, { stdio: "inherit" })
    setInterval(() => {}, 1000)
  },
  "hangs-deaf": () => {
    child(deaf, { stdio: "inherit" })
    process.on("SIGTERM", () => {})
    setInterval(() => {}, 1000)
  }
}

const save = () => writeFileSync(fileOf(session), JSON.stringify(said))
if (mode === "writes-late") {
  process.on("SIGTERM", () =>
    setTimeout(() => {
      save()
      process.exit(143)
    }, 300)
  )
}

let turns = 0
const turn = (input) => {
  turns += 1
  said.push(input)
  if (mode !== "writes-late") save()
  unwritten = [{ input }]
  modes[mode]()
  record()
}

if (valueOf("--input-format") !== "stream-json") turn(readFileSync(0, "utf8"))
else
  createInterface({ input: process.stdin }).on("line", (line) => {
    if (mode === "dies-when-asked-again" && turns === 1) process.kill(process.pid, "SIGKILL")
    const { message, ...named } = JSON.parse(line)
    if (mode === "finishes-something-first") console.log(JSON.stringify(result({ result: "Something is finished" })))
    console.log(JSON.stringify({ ...named, message, isReplay: true }))
    turn(message.content[0].text)
  })
