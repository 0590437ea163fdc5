import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import { running, stopped } from "../../src/cli/render/status.js"
import type { ChannelStatus, Status } from "../../src/control/Status.js"
import { blocks, inLanguage } from "./markdown.js"

const now = 1_800_000_000_000
const ago = (hours: number) => DateTime.unsafeMake(now - hours * 3_600_000)

const none = { received: 0, answered: 0, failed: 0, refused: 0, turnedAway: 0, delivered: 0, undelivered: 0 }
const channel = (channel: ChannelStatus["channel"], more: Partial<ChannelStatus>): ChannelStatus => ({
  channel,
  state: "receiving",
  since: ago(72),
  ...none,
  ...more
})

const status: Status = {
  version: "0.1.0",
  since: ago(72),
  stopping: false,
  channels: [
    channel("telegram", { received: 212, answered: 211, failed: 1, turnedAway: 4 }),
    channel("twilio", {
      received: 18,
      answered: 17,
      undelivered: 1,
      state: "failing",
      since: ago(0),
      reason: "127.0.0.1:3210 is in use by another program",
      again: DateTime.unsafeMake(now + 7_000)
    })
  ],
  messages: { waiting: 1, answering: 2, delivering: 0, elsewhere: 0 },
  kept: {
    undelivered: 1,
    latest: [
      {
        channel: "twilio",
        who: "twilio:+1234567890",
        at: ago(2),
        reason: "twilio did not take the answer: it answered with HTTP status 400"
      }
    ]
  },
  sessions: { all: 31, open: 4 },
  turnedAway: [
    {
      channel: "telegram",
      who: "telegram:555444333",
      group: false,
      last: ago(5 / 60),
      times: 3,
      add: { to: "allowFrom", entry: "telegram:555444333" }
    },
    {
      channel: "telegram",
      who: "telegram:-100987654321",
      group: true,
      last: ago(48),
      times: 1,
      add: { to: "allowGroups", entry: "telegram:-100987654321" }
    }
  ],
  lastError: {
    at: ago(2),
    line: "twilio, …7890: an answer was not delivered: twilio did not take the answer: it answered with HTTP status 400"
  }
}

describe("what is shown of a running relay", () => {
  it("is what the command prints", () => {
    const shown = blocks.filter(({ label }) => label === "status").map(({ text }) => text)
    assert.deepStrictEqual(shown, [running("/home/you/.clawdis", status, now)])
  })

  it("promises another attempt before the next start only where a relay runs to make it", () => {
    const { kept, sessions } = status
    const found = { home: "/home/you/.clawdis", waiting: 0, kept, sessions, turnedAway: [] }
    assert.include(running(found.home, status, now), "tried again when its provider takes another one, or at the next")
    assert.include(stopped(found, now), "could not be delivered, and is tried again at the next start\n")
  })
})

const succeeds = (command: string, ...args: ReadonlyArray<string>): boolean =>
  spawnSync(command, [...args], { stdio: "ignore" }).status === 0

/** A program's judgement of a file with this text. */
const judged = (name: string, text: string, command: string, ...args: ReadonlyArray<string>) => {
  const directory = mkdtempSync(join(tmpdir(), "warelay-docs-"))
  const file = join(directory, name)
  writeFileSync(file, text)
  const { status, stderr, stdout } = spawnSync(command, [...args, file], { encoding: "utf8" })
  rmSync(directory, { recursive: true })
  return { status, said: `${stdout}${stderr}` }
}

describe("a service", () => {
  const systemd = succeeds("systemd-analyze", "--version")
  it.skipIf(!systemd)(systemd ? "for systemd is one without a complaint" : "there is no systemd-analyze here", () => {
    const units = inLanguage("ini")
    assert.lengthOf(units, 1)
    for (const { text } of units) {
      assert.include(text, "\nExecStart=/usr/local/bin/warelay relay\n")
      // Which need not be installed here.
      const unit = text.replace("/usr/local/bin/warelay", process.execPath)
      assert.deepStrictEqual(judged("warelay.service", unit, "systemd-analyze", "verify", "--man=no"), {
        status: 0,
        said: ""
      })
      const broken = judged(
        "warelay.service",
        unit.replace("KillMode=mixed", "KillMode=gently"),
        "systemd-analyze",
        "verify"
      )
      assert.include(broken.said, "gently")
    }
  })

  const python = succeeds("python3", "-c", "import plistlib")
  it.skipIf(!python)(
    python ? "for launchd is a property list that starts the relay" : "no python3 to read it with",
    () => {
      const lists = inLanguage("xml")
      assert.lengthOf(lists, 1)
      const read = "import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))"
      for (const { text } of lists) {
        const { said, status } = judged("warelay.plist", text, "python3", "-c", read)
        assert.strictEqual(status, 0, said)
        const { KeepAlive, Label, ProgramArguments, RunAtLoad } = JSON.parse(said)
        assert.deepStrictEqual(
          { KeepAlive, Label, ProgramArguments, RunAtLoad },
          {
            KeepAlive: { SuccessfulExit: false },
            Label: "warelay",
            ProgramArguments: ["/usr/local/bin/warelay", "relay"],
            RunAtLoad: true
          }
        )
      }
    }
  )
})
