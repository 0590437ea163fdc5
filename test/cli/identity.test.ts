import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answerOf, bin, mapping, mapText, pair, printed, refusalOf, user } from "./command.js"

const shared = /^shared-[0-9a-f]{8}-[0-9a-f]{8}$/
const list = ["identity", "list"]
const afresh = "They start a new conversation: none of them has a recent one.\n"

describe("warelay identity", () => {
  it.live("link prints the new mapping, and list and show print the same", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const linked = printed(
        answerOf(yield* run([...pair, "--twilio", "+1 (555) 000-1111", "--name", "John", "--json"]))
      )
      assert.match(linked.id, shared)
      assert.deepStrictEqual(Object.keys(linked), ["id", "name", "identities", "createdAt", "updatedAt"])
      assert.deepStrictEqual(linked.identities, {
        whatsapp: "+1234567890",
        telegram: "@john",
        twilio: "+15550001111"
      })
      assert.strictEqual(linked.name, "John")
      assert.strictEqual(linked.createdAt, linked.updatedAt)
      assert.isBelow(Math.abs(Date.now() - Date.parse(linked.createdAt)), 60_000)
      assert.deepStrictEqual(JSON.parse(answerOf(yield* run([...list, "--json"]))), [linked])
      assert.deepStrictEqual(printed(answerOf(yield* run(["identity", "show", linked.id, "--json"]))), linked)
    }).pipe(Effect.scoped)
  )

  it.live("unlink prints the mapping that it has removed, and then it is gone", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const linked = printed(answerOf(yield* run([...pair, "--json"])))
      assert.deepStrictEqual(printed(answerOf(yield* run(["identity", "unlink", linked.id, "--json"]))), linked)
      assert.strictEqual(answerOf(yield* run([...list, "--json"])), "[]\n")
      assert.include(refusalOf(yield* run(["identity", "unlink", linked.id]), 1), linked.id)
      assert.include(refusalOf(yield* run(["identity", "show", linked.id, "--json"]), 1), linked.id)
    }).pipe(Effect.scoped)
  )

  it.live("without --json each says in words what it did", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const link = yield* run([...pair, "--name", "John"])
      const [, id = ""] = /^(shared-\S+) now joins whatsapp:\+1234567890 telegram:@john\n$/.exec(link.stdout) ?? []
      assert.match(id, shared)
      assert.deepStrictEqual([link.status, link.stderr], [0, afresh])
      assert.strictEqual(
        answerOf(yield* run(list)),
        `ID                        NAME  LINKED    ACCOUNTS\n${id}  John  just now  whatsapp:+1234567890 telegram:@john\n`
      )
      const shown = answerOf(yield* run(["identity", "show", id]))
      assert.match(
        shown,
        new RegExp(`^Id {8}${id}\nName {6}John\nAccounts  whatsapp:\\+1234567890\n {10}telegram:@john\n`)
      )
      assert.match(shown, /Linked {4}just now \(20\d\d-.*Z\)\nChanged {3}just now \(20\d\d-.*Z\)\n$/)
      const unlink = answerOf(yield* run(["identity", "unlink", id]))
      assert.strictEqual(
        unlink,
        `${id} is gone: whatsapp:+1234567890 telegram:@john have conversations of their own again\n`
      )
    }).pipe(Effect.scoped)
  )

  it.live("where nobody is linked, list prints nothing, and [] as JSON, and leaves no home behind", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      const plain = yield* run(list)
      assert.deepStrictEqual([plain.status, plain.stdout], [0, ""])
      assert.strictEqual(answerOf(yield* run([...list, "--json"])), "[]\n")
      assert.isFalse(existsSync(home))
    }).pipe(Effect.scoped)
  )

  it.live("a provider may be given several times, and options stand in any order and before or after the id", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const line = ["--json", "--telegram", "123", "--whatsapp=+1234567890", "--name=A B", "--whatsapp", "12345@lid"]
      const linked = printed(answerOf(yield* run(["identity", "link", ...line])))
      assert.deepStrictEqual(linked.identities, { whatsapp: ["+1234567890", "12345@lid"], telegram: "123" })
      assert.strictEqual(linked.name, "A B")
      for (const words of [
        ["--json", linked.id],
        [linked.id, "--json"]
      ]) {
        assert.deepStrictEqual(printed(answerOf(yield* run(["identity", "show", ...words]))), linked)
      }
    }).pipe(Effect.scoped)
  )

  it.live("what is so already is not made again, and nothing is said about whose history it has", () =>
    Effect.gen(function* () {
      const { read, run } = yield* user
      const linked = printed(answerOf(yield* run([...pair, "--json"])))
      const before = read("identity-map.json")
      const again = answerOf(yield* run(["identity", "link", "--telegram", "@JOHN", "--whatsapp", "+1 234 567 890"]))
      assert.strictEqual(again, `${linked.id} joins whatsapp:+1234567890 telegram:@john already; nothing was changed\n`)
      assert.strictEqual(read("identity-map.json"), before)
    }).pipe(Effect.scoped)
  )

  it.live("where all have one conversation together, a link promises nobody another", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const env = { WARELAY_SCOPE: "global", WARELAY_AGENT_ECHO: "true" }
      answerOf(yield* run(["agent", "--to", "telegram:@john", "--message", "I have a cat."], { env }))
      const rehearsed = answerOf(yield* run([...pair, "--dry-run"], { env }))
      assert.include(rehearsed, "  telegram:@john        global  goes on (last used just now)\n")
      const linked = yield* run(pair, { env })
      assert.deepStrictEqual([linked.status, linked.stderr], [0, ""])
      const undone = answerOf(yield* run(["identity", "undo"], { env }))
      assert.include(undone, "everybody is in the same conversation as before\n")
    }).pipe(Effect.scoped)
  )

  it.live("an identity belongs to one mapping, and the refusal names the other and what can be done", () =>
    Effect.gen(function* () {
      const { read, run } = yield* user
      const { id } = printed(answerOf(yield* run([...pair, "--json"])))
      const before = read("identity-map.json")
      const refusal = refusalOf(
        yield* run(["identity", "link", "--whatsapp", "+1999999999", "--telegram", "@John", "--json"]),
        1
      )
      assert.include(refusal, "telegram:@John")
      assert.include(refusal, `--into ${id}`)
      assert.strictEqual(read("identity-map.json"), before)
    }).pipe(Effect.scoped)
  )

  it.live("a link of fewer than two accounts is wrong usage", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      const one = ["--whatsapp", "+1234567890"]
      for (const line of [[], one, [...one, "--whatsapp", "+1 234567890"], ["--json", ...one]]) {
        assert.include(refusalOf(yield* run(["identity", "link", ...line]), 2), "at least two")
      }
      assert.include(refusalOf(yield* run([...pair, "--keep", "telegram:@jane"]), 2), "telegram:@jane")
      assert.isFalse(existsSync(home))
    }).pipe(Effect.scoped)
  )

  it.live("a malformed shared id is an unknown one, and so is a property of every object", () =>
    Effect.gen(function* () {
      const { run, write } = yield* user
      write("identity-map.json", mapText(mapping("shared-abc-123")))
      for (const id of ["constructor", "__proto__", "toString", "", " ", "shared-abc-12", "SHARED-ABC-123", "../x"]) {
        for (const command of ["show", "unlink"]) {
          const refusal = refusalOf(yield* run(["identity", command, id, "--json"]), 1)
          assert.include(refusal, `there is no mapping ${JSON.stringify(id)}`)
        }
      }
      assert.include(refusalOf(yield* run(["identity", "show", "--", "--json"]), 1), '"--json"')
    }).pipe(Effect.scoped)
  )

  it.live("what people typed into a name never reaches a terminal raw, and is intact in JSON", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const name = "\u001b[2JEve\u0007\u202e\u2066\u009b31m\u{e0041}\n"
      const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\udb40/
      const linked = answerOf(yield* run([...pair, "--name", name, "--json"]))
      const { id } = printed(linked)
      const outputs = [
        linked,
        answerOf(yield* run(list)),
        answerOf(yield* run([...list, "--json"])),
        answerOf(yield* run(["identity", "show", id])),
        refusalOf(yield* run(["identity", "show", name]), 1),
        refusalOf(yield* run([...pair, "--whatsapp", name]), 2),
        refusalOf(yield* run([...pair, name]), 2)
      ]
      for (const output of outputs) assert.notMatch(output, raw)
      assert.strictEqual(printed(linked).name, name)
      assert.include(outputs[1] ?? "", "\\u{1b}[2JEve\\u{7}\\u{202e}\\u{2066}\\u{9b}31m\\u{e0041}\\n")
    }).pipe(Effect.scoped)
  )

  it.live("a setting of the map that nobody could have made is refused, and not printed raw", () =>
    Effect.gen(function* () {
      const { run, write } = yield* user
      write("identity-map.json", mapText(mapping("shared-abc-123", { keep: "\u001b[2J\u202e" })))
      const said = refusalOf(yield* run(["identity", "show", "shared-abc-123"]), 1)
      assert.include(said, "none, or an identity such as whatsapp:+1234567890, is expected")
      assert.notInclude(said, "\u001b")
    }).pipe(Effect.scoped)
  )

  const bad = [
    ["a text that is cut off", '{\n  "version": 1,\n  "mappings": {', "line 3, column "],
    ["a future version", '{\n  "version": 2, "mappings": {}\n}\n', "version 2"],
    ["an id that is not that of its key", mapText({ ...mapping("one") }).replace('"one": {', '"two": {'), "line 5"],
    [
      "an identity of the wrong form",
      mapText(mapping("one", { identities: { whatsapp: "12", telegram: "@john" } })),
      "line 7, column 21"
    ],
    ["a key that is there twice", '{\n"version": 1,\n"mappings": {},\n "mappings": {}}', "line 4, column 2"]
  ] as const
  for (const [what, text, where] of bad) {
    it.live(`${what} is refused by every command, never touched, and the place is named`, () =>
      Effect.gen(function* () {
        const { home, read, run, write } = yield* user
        write("identity-map.json", text)
        for (const line of [
          list,
          [...list, "--json"],
          pair,
          ["identity", "show", "one"],
          ["identity", "unlink", "one"]
        ]) {
          const refusal = refusalOf(yield* run(line), 1)
          assert.include(refusal, join(home, "identity-map.json"))
          assert.include(refusal, where)
        }
        assert.strictEqual(read("identity-map.json"), text)
        assert.deepStrictEqual(
          readdirSync(home).filter((name) => !name.endsWith(".lock")),
          ["identity-map.json"]
        )
      }).pipe(Effect.scoped)
    )
  }

  it.live("links that are made at the same time are all there afterwards", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      const numbers = Array.from({ length: 20 }, (_, index) => `+1555000${1000 + index}`)
      const made = yield* Effect.forEach(
        numbers,
        (number, index) =>
          Effect.map(
            run(["identity", "link", "--whatsapp", number, "--telegram", `@user${index}`, "--json"]),
            answerOf
          ),
        { concurrency: 10 }
      )
      const all: ReadonlyArray<unknown> = JSON.parse(answerOf(yield* run([...list, "--json"])))
      assert.sameDeepMembers([...all], made.map(printed))
      assert.deepStrictEqual(readdirSync(home).sort(), [
        "identity-journal.ndjson",
        "identity-map.json",
        "identity-map.json.bak",
        "identity-map.json.lock"
      ])
    }).pipe(Effect.scoped)
  )

  it.live("of two mappings with one identity that are made at the same time, one is refused", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const ends = yield* Effect.forEach(
        ["+15550001111", "+15550002222", "+15550003333"],
        (number) => run(["identity", "link", "--whatsapp", number, "--telegram", "@john", "--json"]),
        { concurrency: 3 }
      )
      assert.deepStrictEqual(ends.map(({ status }) => status).sort(), [0, 1, 1])
      assert.strictEqual(JSON.parse(answerOf(yield* run([...list, "--json"]))).length, 1)
    }).pipe(Effect.scoped)
  )

  it.live("files are for their owner alone, whatever the umask is", () =>
    Effect.gen(function* () {
      const { directory, env, home, run } = yield* user
      execFileSync("sh", ["-c", `umask 000; exec "$0" "$@"`, process.execPath, bin, ...pair, "--json"], { env })
      answerOf(yield* run(["identity", "link", "--whatsapp", "+1999999999", "--telegram", "@jane", "--json"]))
      assert.strictEqual(statSync(home).mode & 0o777, 0o700)
      for (const name of readdirSync(home)) assert.strictEqual(statSync(join(home, name)).mode & 0o777, 0o600, name)
      // What makes the next start faster is kept where caches are, and is nobody else's either: it is code.
      const beside = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter(
        (path) => !path.startsWith(".clawdis")
      )
      assert.deepStrictEqual(
        beside.filter((path) => !path.startsWith(".cache") || (statSync(join(directory, path)).mode & 0o077) !== 0),
        []
      )
    }).pipe(Effect.scoped)
  )

  it.live("WARELAY_HOME is where everything is: relative, with spaces, and not at all if it is empty", () =>
    Effect.gen(function* () {
      const { directory, home, run } = yield* user
      const at = (WARELAY_HOME: string) => run([...pair, "--json"], { env: { WARELAY_HOME }, cwd: directory })
      answerOf(yield* at("my home"))
      assert.isTrue(existsSync(join(directory, "my home", "identity-map.json")))
      answerOf(yield* at(join(directory, "deep/er", "still ünder")))
      assert.isTrue(existsSync(join(directory, "deep/er", "still ünder", "identity-map.json")))
      assert.isFalse(existsSync(home))
      answerOf(yield* at(""))
      assert.isTrue(existsSync(join(home, "identity-map.json")))
    }).pipe(Effect.scoped)
  )

  it.live("a home that is no directory is a refusal that says what to do", () =>
    Effect.gen(function* () {
      const { directory, run, write } = yield* user
      write("file", "")
      const WARELAY_HOME = join(directory, ".clawdis/file")
      for (const line of [list, [...pair, "--json"]]) {
        assert.include(refusalOf(yield* run(line, { env: { WARELAY_HOME } }), 1), WARELAY_HOME)
      }
    }).pipe(Effect.scoped)
  )
})
