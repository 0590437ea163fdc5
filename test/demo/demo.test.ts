import { spawn, spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"

const demo = resolve("test/demo/demo.mjs")

let directory = ""
let temporary = ""
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "warelay-test-"))
  temporary = join(directory, "tmp")
  mkdirSync(temporary)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const nothingIsLeft = () => assert.deepStrictEqual(readdirSync(temporary), [])

const run = (script: string, environment: Record<string, string> = {}) =>
  spawnSync(process.execPath, [script], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], TMPDIR: temporary, ...environment }
  })

/** The demo, beside a build that does this first. */
const demoBeside = (before: string): string => {
  const copy = join(directory, "test", "demo", "demo.mjs")
  mkdirSync(join(directory, "test", "demo"), { recursive: true })
  mkdirSync(join(directory, "dist"))
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }))
  copyFileSync(demo, copy)
  const real = JSON.stringify(resolve("dist/bin.cjs"))
  writeFileSync(join(directory, "dist", "bin.cjs"), `${before}\nrequire(${real})\n`)
  return copy
}

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? ""

describe("the demo", () => {
  it("ends with the line that says what was seen, and leaves nothing", () => {
    const { status, stderr, stdout } = run(demo)
    assert.strictEqual(stderr, "")
    assert.match(
      lastLine(stdout),
      /^Seen: linked, WhatsApp and Telegram shared session ([0-9a-f]{8}) \(turns 1 and 2\); unlinked, they had (?!\1)([0-9a-f]{8}) and (?!\1|\2)[0-9a-f]{8} \(turn 1 each\)\.$/
    )
    assert.strictEqual(status, 0)
    nothingIsLeft()
  })

  it("does not care what is set in the environment", () => {
    const theirs = join(directory, "theirs")
    const { status, stdout } = run(demo, {
      HOME: theirs,
      WARELAY_HOME: theirs,
      WARELAY_SCOPE: "global",
      WARELAY_AGENT_ECHO: "false",
      WARELAY_IDLE_MINUTES: "nonsense",
      TELEGRAM_BOT_TOKEN: "1:token"
    })
    assert.strictEqual(status, 0)
    assert.notInclude(stdout, theirs)
    assert.deepStrictEqual(readdirSync(directory), ["tmp"])
  })

  it.each([
    [
      "linked people are in two sessions",
      'if (process.argv.includes("relay")) process.env.WARELAY_HOME += "/another"',
      "linked, both should be"
    ],
    ["unlinked people are in one", 'process.env.WARELAY_SCOPE = "global"', "unlinked, each should be"],
    ["a command fails", "process.exit(70)", "identity link --whatsapp +1234567890 --telegram @dad_1970` ended with 70"],
    [
      "the relay ends",
      'if (process.argv.includes("relay")) process.stdin.once("data", () => process.exit(3))',
      "an answer to whatsapp:+1234567890 did not come: `warelay relay --providers console` ended with 3"
    ]
  ])("fails if %s", (_, before, sentence) => {
    const { status, stderr, stdout } = run(demoBeside(before))
    assert.include(stderr, "The demo has failed: ")
    assert.include(stderr, sentence)
    assert.notInclude(stdout, "Seen:")
    assert.strictEqual(status, 1)
    nothingIsLeft()
  })

  it("says how to build what is not built", () => {
    const copy = demoBeside("")
    rmSync(join(directory, "dist"), { recursive: true })
    const { status, stderr } = run(copy)
    assert.include(stderr, "npm run demo")
    assert.strictEqual(status, 1)
    nothingIsLeft()
  })

  it.each(["SIGINT", "SIGTERM"] as const)("leaves nothing, and no relay, after %s", async (signal) => {
    const pids = join(directory, "pids")
    const copy = demoBeside(`require("node:fs").appendFileSync(${JSON.stringify(pids)}, process.pid + "\\n")`)
    const child = spawn(process.execPath, [copy], { env: { PATH: process.env["PATH"], TMPDIR: temporary } })
    let said = ""
    child.stdout.on("data", (text) => {
      said += text
      if (said.includes("Turn 1 of session")) child.kill(signal)
    })
    const status = await new Promise((done) => child.on("close", done))
    assert.strictEqual(status, 130)
    nothingIsLeft()
    const { stdout } = spawnSync("cat", [pids], { encoding: "utf8" })
    const started = stdout.trim().split("\n").map(Number)
    assert.lengthOf(started, 2)
    for (const pid of started) assert.throws(() => process.kill(pid, 0), /ESRCH/)
  })
})
