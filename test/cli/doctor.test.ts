import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answerOf, mapping, mapText, pair, program, type Ran, user } from "./command.js"

const doctor = ["identity", "doctor"]

interface Found {
  readonly file: string
  readonly problem: string
  readonly line?: number
  readonly column?: number
  readonly fix: string
}

/** Problems were found: they are the answer, and one more line says so. */
const foundIn = ({ status, stderr, stdout }: Ran, said = ""): ReadonlyArray<Found> => {
  assert.strictEqual(status, 1, stderr)
  assert.isTrue(stderr.startsWith(said), stderr)
  assert.match(stderr.slice(said.length), /^error: \d+ problems? in [^\n]+\n$/)
  return JSON.parse(stdout)
}

describe("warelay identity doctor", () => {
  it.live("where there is nothing yet says that nothing is wrong, and makes nothing", () =>
    Effect.gen(function* () {
      const { directory, home, run } = yield* user
      assert.strictEqual(answerOf(yield* run(doctor)), `There is nothing in ${home} yet, so nothing is wrong.\n`)
      assert.strictEqual(answerOf(yield* run([...doctor, "--fix", "--json"])), "[]\n")
      assert.notInclude(readdirSync(directory), ".clawdis")
    }).pipe(Effect.scoped)
  )

  it.live("is content with what the other commands leave", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      yield* run(pair)
      yield* run(["identity", "link", "--whatsapp", "+1999999999", "--telegram", "@jane"])
      yield* run(["agent", "--to", "telegram:@john", "--message", "Hi"], { env: { WARELAY_AGENT_ECHO: "true" } })
      const said = answerOf(yield* run(doctor))
      assert.match(said, /^Nothing is wrong in \S+\. Files and directories looked at: (\d+)\.\n$/)
      assert.isTrue(said.startsWith(`Nothing is wrong in ${home}. `))
      assert.isAtLeast(Number(/(\d+)\.\n$/.exec(said)?.[1]), 10)
      assert.strictEqual(answerOf(yield* run([...doctor, "--json"])), "[]\n")
    }).pipe(Effect.scoped)
  )

  it.live("names each problem with its place and what to do, for people and for programs", () =>
    Effect.gen(function* () {
      const { home, run, write } = yield* user
      const map = join(home, "identity-map.json")
      write("identity-map.json", '{\n  "version": 1,\n  "mappings": {}\n')
      write("sessions.json", "{}")
      chmodSync(map, 0o600)
      chmodSync(join(home, "sessions.json"), 0o644)
      const [syntax, mode, ...more] = foundIn(yield* run([...doctor, "--json"]))
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual(
        { ...syntax, problem: "" },
        {
          file: map,
          problem: "",
          line: 3,
          column: 17,
          fix: "Correct the file, or move it away to start without it."
        }
      )
      assert.deepStrictEqual(Object.keys(syntax ?? {}), ["file", "problem", "line", "column", "fix"])
      assert.strictEqual(mode?.file, join(home, "sessions.json"))
      assert.strictEqual(mode?.problem, "its mode 0644 is wider than 0600")
      const { status, stderr, stdout } = yield* run(doctor)
      assert.strictEqual(status, 1)
      assert.strictEqual(
        stdout,
        `${map}, line 3, column 17: ${syntax?.problem}\n  ${syntax?.fix}\n` +
          `${mode?.file}: ${mode?.problem}\n  Take the rights of others away: chmod 0600 ${mode?.file}\n`
      )
      assert.strictEqual(stderr, `error: 2 problems in ${home}. warelay identity doctor --fix repairs 1 of them.\n`)
    }).pipe(Effect.scoped)
  )

  it.live("--fix repairs modes and sweeps what killed processes left, says so, and touches nothing else", () =>
    Effect.gen(function* () {
      const { home, read, run, write } = yield* user
      yield* run(pair)
      write("identity-map.json", "{ \n")
      write("identity-map.json.1a2b.tmp", "{")
      chmodSync(join(home, "identity-map.json.1a2b.tmp"), 0o644)
      chmodSync(join(home, "identity-map.json"), 0o666)
      chmodSync(home, 0o755)
      const { status, stderr, stdout } = yield* run([...doctor, "--fix"])
      assert.strictEqual(status, 1)
      assert.deepStrictEqual(stdout.split("\n").slice(0, 3), [
        `The mode of ${home} is now 0700.`,
        `The mode of ${home}/identity-map.json is now 0600.`,
        "What a killed process had left beside identity-map.json is gone."
      ])
      assert.include(stdout, "identity-map.json, line 1, column 2: ")
      assert.strictEqual(stderr, `error: 1 problem in ${home}. Do what is said of each, and look again.\n`)
      assert.strictEqual(statSync(home).mode & 0o777, 0o700)
      assert.strictEqual(statSync(join(home, "identity-map.json")).mode & 0o777, 0o600)
      assert.notInclude(readdirSync(home), "identity-map.json.1a2b.tmp")
      assert.strictEqual(read("identity-map.json"), "{ \n")
      const [left, ...others] = foundIn(yield* run([...doctor, "--fix", "--json"]))
      assert.deepStrictEqual([left?.line, others.length], [1, 0])
    }).pipe(Effect.scoped)
  )

  it.live("--fix with --json prints what is left, and says on stderr what it did", () =>
    Effect.gen(function* () {
      const { home, run, write } = yield* user
      write("sessions.json", "{}")
      chmodSync(join(home, "sessions.json"), 0o644)
      const { status, stderr, stdout } = yield* run([...doctor, "--fix", "--json"])
      assert.deepStrictEqual([status, stdout], [0, "[]\n"])
      assert.strictEqual(stderr, `The mode of ${home}/sessions.json is now 0600.\n`)
    }).pipe(Effect.scoped)
  )

  it.live("tells how to go back to the version before, and what it tells works", () =>
    Effect.gen(function* () {
      const { read, run, write } = yield* user
      yield* run(pair)
      const before = read("identity-map.json")
      yield* run(["identity", "link", "--whatsapp", "+1999999999", "--telegram", "@jane"])
      write("identity-map.json", "oh")
      const found = foundIn(yield* run([...doctor, "--json"]))
      const fix = found.map((one) => one.fix).find((text) => text.includes("cp -p ")) ?? ""
      assert.include(fix, "the version before the last change")
      const { status, stderr } = yield* program("sh", ["-c", fix.slice(fix.indexOf("cp -p "))])
      assert.strictEqual(status, 0, stderr)
      assert.strictEqual(read("identity-map.json"), before)
      assert.strictEqual(read("identity-map.json.bad"), "oh")
      answerOf(yield* run(doctor))
    }).pipe(Effect.scoped)
  )

  it.live("names the identities that stand in two mappings, and that the first has them", () =>
    Effect.gen(function* () {
      const { home, run, write } = yield* user
      write(
        "identity-map.json",
        mapText(mapping("one"), mapping("two", { identities: { telegram: ["@jane", "@John"] } }))
      )
      chmodSync(join(home, "identity-map.json"), 0o600)
      const [john, ...others] = foundIn(yield* run([...doctor, "--json"]))
      assert.deepStrictEqual(others, [])
      assert.include(john?.problem, "telegram:@John stands in two and, before that, in one")
      assert.deepStrictEqual([john?.line, john?.column], [18, 11])
    }).pipe(Effect.scoped)
  )

  it.live("never prints raw to a terminal what stands in a path, and never a number of the configuration", () =>
    Effect.gen(function* () {
      const { directory, run } = yield* user
      const home = join(directory, "ho\u001b[2Jme\u202e")
      mkdirSync(home, { mode: 0o755 })
      writeFileSync(join(home, "clawdis.json"), '{ allowFrom: ["whatsapp:1234567890"] }')
      symlinkSync("no\u0007where", join(home, "sessions.json"))
      for (const line of [doctor, [...doctor, "--json"]]) {
        const { status, stderr, stdout } = yield* run(line, { env: { WARELAY_HOME: home } })
        assert.strictEqual(status, 1)
        assert.notMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
        assert.include(stdout, "7890")
        assert.notInclude(stdout, "67890")
      }
    }).pipe(Effect.scoped)
  )
})
