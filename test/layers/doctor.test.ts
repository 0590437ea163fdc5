import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { examine, mend, type Report } from "../../src/layers/doctor.js"
import { at, directory } from "../support/home.js"

const uuid = "123e4567-e89b-42d3-a456-426614174000"

const on = <A>(home: string, doing: Effect.Effect<A, never, Effect.Effect.Context<typeof examine>>, variables = {}) =>
  doing.pipe(
    Effect.provide(at(home)),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
  )

const filesIn = (home: string, { problems }: Report) => problems.map(({ file }) => file.replace(`${home}/`, ""))

/** A home with these files, each as it should be apart from its content. */
const homeWith = (files: Readonly<Record<string, string>>) =>
  Effect.map(directory, (home) => {
    chmodSync(home, 0o700)
    for (const [name, text] of Object.entries(files)) {
      const above = name.split("/").slice(0, -1).join("/")
      if (above !== "") mkdirSync(`${home}/${above}`, { recursive: true, mode: 0o700 })
      writeFileSync(`${home}/${name}`, text, { mode: 0o600 })
    }
    return home
  })

/** A socket on which nobody listens any more. */
const leftSocket = (path: string) =>
  Effect.sync(() => {
    const listening = `require("net").createServer().listen(${JSON.stringify(path)}, () => {
  require("fs").chmodSync(${JSON.stringify(path)}, 0o600)
  process.kill(process.pid, "SIGKILL")
})`
    assert.throws(() => execFileSync(process.execPath, ["-e", listening]))
  })

describe("the doctor", () => {
  it.scopedLive("looks at every file that there is", () =>
    Effect.gen(function* () {
      const bad = {
        "clawdis.json": "{",
        "identity-map.json": "{",
        "identity-map.json.bak": "{",
        "identity-journal.ndjson": "{}\n",
        "inbox.ndjson": "{}\n",
        "whatsapp/credentials.ndjson": "[]\n",
        "sessions.json": "{",
        "sessions.json.bak": "{",
        "proofs.json": "{",
        "proof.key": "no key",
        "turned-away.json": "{",
        [`echo/${uuid}.json`]: "{",
        [`echo/${uuid}.json.bak`]: "{"
      }
      const home = yield* homeWith(bad)
      const report = yield* on(home, examine)
      deepStrictEqual(filesIn(home, report).sort(), Object.keys(bad).sort())
    })
  )

  it.scopedLive("looks at the mode of every file and directory, and mends them all", () =>
    Effect.gen(function* () {
      const texts = {
        "clawdis.json": "{}",
        "identity-map.json": '{ "version": 1, "mappings": {} }',
        "sessions.json": "{}",
        "proofs.json": '{ "version": 1, "handshakes": [], "farewells": [], "failures": [] }',
        "proof.key": "k".repeat(32),
        "identity-map.json.lock": "",
        "identity-journal.ndjson": "",
        "inbox.ndjson": "",
        "relay.lock": "",
        "turned-away.json": "[]",
        "whatsapp/lock": "",
        "whatsapp/credentials.ndjson": "",
        "locks/00ff.lock": "",
        [`echo/${uuid}.json`]: '{ "turns": [] }',
        "agent/x": ""
      }
      const home = yield* homeWith(texts)
      deepStrictEqual((yield* on(home, examine)).problems, [])
      // Whose it is to have there is not said.
      const wide = Object.keys(texts).filter((name) => name !== "agent/x")
      const directories = ["agent", "echo", "locks", "whatsapp"]
      for (const name of wide) chmodSync(`${home}/${name}`, 0o644)
      for (const name of directories) chmodSync(`${home}/${name}`, 0o755)
      chmodSync(home, 0o755)
      chmodSync(`${home}/agent/x`, 0o666)
      const report = yield* on(home, examine)
      deepStrictEqual(filesIn(home, report).sort(), [home, ...wide, ...directories].sort())
      const { report: after, said } = yield* on(home, mend())
      deepStrictEqual(after.problems, [])
      assert.strictEqual(said.length, report.problems.length)
    })
  )

  it.scopedLive("has nothing against a socket that a killed relay has left, unless others may use it", () =>
    Effect.gen(function* () {
      const home = yield* homeWith({ "relay.lock": "" })
      const path = `${home}/relay.sock`
      yield* leftSocket(path)
      deepStrictEqual((yield* on(home, examine)).problems, [])
      chmodSync(path, 0o666)
      const [problem, ...others] = (yield* on(home, examine)).problems
      assert.include(problem, { file: path, problem: "its mode 0666 is wider than 0600" })
      deepStrictEqual(others, [])
      const { report } = yield* on(home, mend())
      deepStrictEqual([report.problems, statSync(path).mode & 0o777], [[], 0o600])
    })
  )

  it.scopedLive("says that a file or a directory stands in the place of the socket, or of the lock", () =>
    Effect.gen(function* () {
      const home = yield* homeWith({ "relay.sock": "", "relay.lock/x": "" })
      const { problems } = yield* on(home, examine)
      deepStrictEqual(problems.map(({ file }) => file.replace(`${home}/`, "")).sort(), ["relay.lock", "relay.sock"])
      assert.include(problems.find(({ file }) => file.endsWith("sock"))?.problem, "a socket has its place here")
      const other = yield* homeWith({ "relay.sock/x": "" })
      assert.lengthOf((yield* on(other, examine)).problems, 1)
    })
  )

  it.scopedLive("sees in a second look what the first could not, and mends that, too", () =>
    Effect.gen(function* () {
      const home = yield* homeWith({ "sessions.json": "{}", "sessions.json.lock": "", "sessions.json.a1.tmp": "" })
      chmodSync(`${home}/sessions.json.lock`, 0o644)
      deepStrictEqual(filesIn(home, yield* on(home, examine)), ["sessions.json.lock"])
      const { report, said } = yield* on(home, mend())
      deepStrictEqual(report.problems, [])
      assert.strictEqual(said.length, 2)
    })
  )

  it.scopedLive("names every mistake of the configuration, in the file and in the environment, without numbers", () =>
    Effect.gen(function* () {
      const home = yield* homeWith({ "clawdis.json": '{\n  idleMinutes: 0,\n  allowFrom: ["whatsapp:1234567890"] }' })
      const { problems } = yield* on(home, examine, { WARELAY_SCOPE: "nobody" })
      deepStrictEqual(problems.map(({ file }) => file).sort(), [
        `${home}/clawdis.json`,
        `${home}/clawdis.json`,
        "WARELAY_SCOPE"
      ])
      const text = JSON.stringify(problems)
      assert.include(text, "idleMinutes: ")
      assert.include(text, "7890")
      assert.notInclude(text, "67890")
    })
  )

  it.scopedLive("names every conversation whose session another one has, with its place and without numbers", () =>
    Effect.gen(function* () {
      const other = uuid.replace("1", "2")
      const session = (id: string, more = "") => `{ "sessionId": "${id}", "updatedAt": 1${more} }`
      const home = yield* homeWith({
        "sessions.json": `{
  "+1234567890": ${session(uuid)},
  "telegram:@john": ${session(uuid.toUpperCase())},
  "one": ${session(other, `, "forkOf": "${uuid}"`)},
  "telegram:123456789": ${session(uuid)}
}`
      })
      const { problems } = yield* on(home, examine)
      deepStrictEqual(
        problems.map(({ at, problem }) => [at, problem.split(":").slice(0, -1).join(":")]),
        [
          [Option.some({ line: 3, column: 36 }), "telegram:@john has the session that, before it, …7890 has"],
          [Option.some({ line: 5, column: 40 }), "telegram:…6789 has the session that, before it, …7890 has"]
        ]
      )
    })
  )

  it.scopedLive("names the first change whose number another one has, or that stands behind a later one", () =>
    Effect.gen(function* () {
      const record = {
        at: "2024-01-01T00:00:00Z",
        by: "cli",
        action: "link",
        base: "absent",
        result: "absent",
        changes: []
      }
      const line = (sequence: number, more = {}) => JSON.stringify({ sequence, ...record, ...more })
      const journal = (...lines: ReadonlyArray<string>) => ({ "identity-journal.ndjson": `${lines.join("\n")}\n` })
      const adopted = {
        adopted: [
          { sequence: 1, ...record },
          { sequence: 4, ...record }
        ]
      }
      const sound = yield* homeWith(journal(line(5, adopted), line(7)))
      deepStrictEqual((yield* on(sound, examine)).problems, [])
      for (const [lines, at, reason] of [
        [[line(1), line(2), line(2), line(2)], 3, "2 stands behind 2"],
        [[line(3), line(2)], 2, "2 stands behind 3"],
        [[line(4, adopted), line(5)], 1, "4 stands behind 4"]
      ] as const) {
        const [problem, ...others] = (yield* on(yield* homeWith(journal(...lines)), examine)).problems
        deepStrictEqual(problem?.at, Option.some({ line: at, column: 1 }))
        assert.include(problem?.problem, `the numbers of changes rise, and ${reason}`)
        deepStrictEqual(others, [])
      }
    })
  )

  it.scopedLive("finds nothing wrong where there is nothing yet, unless the environment is", () =>
    Effect.gen(function* () {
      const home = `${yield* directory}/none`
      deepStrictEqual(yield* on(home, examine), { directory: home, looked: 0, problems: [] })
      const { problems } = yield* on(home, examine, { WARELAY_IDLE_MINUTES: "soon" })
      deepStrictEqual(
        problems.map(({ file }) => file),
        ["WARELAY_IDLE_MINUTES"]
      )
    })
  )

  it.scopedLive("names a home that cannot be looked into once, and nothing in it", () =>
    Effect.gen(function* () {
      const home = `${yield* directory}/file`
      writeFileSync(home, "")
      const { problems } = yield* on(home, examine)
      deepStrictEqual(
        problems.map(({ file, problem }) => [file, problem]),
        [[home, "A file stands where a directory should be"]]
      )
    })
  )
})
