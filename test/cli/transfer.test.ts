import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answerOf, mapping, mapText, pair, printed, refusalOf, user } from "./command.js"

const exporting = ["identity", "export"]
const importing = (file: string, ...more: ReadonlyArray<string>) => ["identity", "import", file, ...more]
const map = "identity-map.json"
const journal = "identity-journal.ndjson"

/** A home in which something of every kind has been done. */
const template = Effect.gen(function* () {
  const { home, read, run, write } = yield* user
  write(map, mapText(mapping("by-hand", { identities: { twilio: ["+15550001111", "+15550002222"] } })))
  const { id } = printed(answerOf(yield* run([...pair, "--name", "Jo \u202e", "--json"])))
  answerOf(yield* run(["identity", "never", "telegram:@john", "telegram:@jane", "--json"]))
  answerOf(yield* run(["identity", "rename", "by-hand", "--name", "Office", "--json"]))
  answerOf(yield* run(["identity", "undo", "--json"]))
  write(map, read(map).replace('"version": 1', '"people": "ours",\n  "version": 1'))
  return { files: contents(home), id, text: answerOf(yield* run(exporting)) }
}).pipe(Effect.scoped, Effect.cached, Effect.runSync)

/** The same again and again, with what `export` prints of it. */
const furnished = Effect.gen(function* () {
  const one = yield* user
  const { files, id, text } = yield* template
  for (const [name, content] of Object.entries(files)) one.write(name, content)
  return { ...one, id, text }
})

const records = (text: string): ReadonlyArray<unknown> =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

/** What is in a home, but for what keeps processes apart. */
const contents = (home: string): Record<string, string> =>
  existsSync(home)
    ? Object.fromEntries(
        readdirSync(home)
          .filter((name) => !name.endsWith(".lock"))
          .map((name) => [name, readFileSync(join(home, name), "utf8")])
      )
    : {}

describe("warelay identity export", () => {
  it.live("prints map, decisions and history as one document, fit for a terminal", () =>
    Effect.gen(function* () {
      const { read, run } = yield* furnished
      const text = answerOf(yield* run(exporting))
      const document = JSON.parse(text)
      assert.deepStrictEqual(Object.keys(document), ["warelay", "version", "map", "history"])
      assert.deepStrictEqual([document.warelay, document.version], ["identity-export", 1])
      assert.deepStrictEqual(document.map, JSON.parse(read(map)))
      assert.deepStrictEqual(document.history, records(read(journal)))
      assert.deepStrictEqual(document.map.never, [["telegram:@john", "telegram:@jane"]])
      assert.notInclude(text, "\u202e")
    }).pipe(Effect.scoped)
  )

  it.live("of nothing is an export all the same, and leaves no home behind", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      const document = JSON.parse(answerOf(yield* run(exporting)))
      assert.deepStrictEqual(document.map, { version: 1, mappings: {} })
      assert.deepStrictEqual(document.history, [])
      assert.isFalse(existsSync(home))
    }).pipe(Effect.scoped)
  )

  it.live("makes a file of the same, for its owner alone, and never writes over another", () =>
    Effect.gen(function* () {
      const { directory, env, home, run } = yield* furnished
      const text = answerOf(yield* run(exporting))
      const file = join(directory, "out.json")
      const before = contents(home)
      assert.strictEqual(answerOf(yield* run([...exporting, "--output", file])), "")
      assert.strictEqual(readFileSync(file, "utf8"), text)
      assert.strictEqual(statSync(file).mode & 0o777, 0o600)
      writeFileSync(file, "mine")
      for (const name of [file, join(home, map), directory, `${directory}/`]) {
        const refusal = refusalOf(yield* run([...exporting, "--output", name]), 1)
        assert.match(refusal, /exists already, and was left as it is\. Choose another name/)
        assert.include(refusal, name)
      }
      assert.strictEqual(readFileSync(file, "utf8"), "mine")
      assert.include(refusalOf(yield* run([...exporting, "--output", join(directory, "no/x")]), 1), "no/x")
      assert.strictEqual(answerOf(yield* run([...exporting, "--output", "here.json"], { env, cwd: directory })), "")
      assert.strictEqual(readFileSync(join(directory, "here.json"), "utf8"), text)
      assert.strictEqual(answerOf(yield* run([...exporting, "--output", "-"], { env, cwd: directory })), text)
      assert.isFalse(existsSync(join(directory, "-")))
      for (const value of ["", "--json"]) {
        assert.include(refusalOf(yield* run([...exporting, "--output", value]), 2), "--output")
      }
      assert.deepStrictEqual(contents(home), before)
      assert.deepStrictEqual(
        readdirSync(directory).filter((name) => name.endsWith(".tmp")),
        []
      )
    }).pipe(Effect.scoped)
  )

  it.live("that could not be imported again is refused, with what to do instead", () =>
    Effect.gen(function* () {
      const { directory, home, run, write } = yield* user
      const noted = (note: string) => `${JSON.stringify({ version: 1, note, mappings: {} }, null, 2)}\n`
      const most = 2 ** 26
      const large = noted("x".repeat(most - noted("").length))
      write(map, large)
      const refused = yield* run([...exporting, "--output", join(directory, "out.json")])
      assert.strictEqual(refused.status, 1)
      assert.match(refused.stderr, /^error: .* 65 MiB, and no more than 64 .* Copy .*\n$/)
      assert.isFalse(existsSync(join(directory, "out.json")))
      // Larger than that is not even read, wherever it comes from.
      const piped = yield* run(importing("-"), { input: `${large} ` })
      assert.match(piped.stderr, /^error: standard input: it is larger than 64 MiB/)
      write(map, `${large} `)
      assert.match((yield* run(importing(join(home, map)))).stderr, /identity-map\.json: it is larger than 64 MiB/)
    }).pipe(Effect.scoped)
  )
})

describe("warelay identity import", () => {
  it.live("of an export into an empty home gives the same map, byte for byte, and goes on with its history", () =>
    Effect.gen(function* () {
      const there = yield* furnished
      const here = yield* user
      const file = join(there.directory, "out.json")
      answerOf(yield* there.run([...exporting, "--output", file]))
      const said = answerOf(yield* here.run(importing(file)))
      assert.match(
        said,
        /^imported:\n {2}by-hand is made of .*\n {2}shared-.*\n.* never suggested again\n {2}the history so far \(changes: 5\)\n$/
      )
      assert.strictEqual(here.read(map), there.read(map))
      const history = JSON.parse(answerOf(yield* here.run(["identity", "history", "--json"])))
      assert.deepStrictEqual(history.slice(0, -1), records(there.read(journal)))
      assert.deepStrictEqual([history.at(-1).action, history.at(-1).by, history.at(-1).sequence], ["import", "cli", 6])
      for (const name of [map, journal]) assert.strictEqual(statSync(join(here.home, name)).mode & 0o777, 0o600)
      // What was done there can be undone here.
      assert.match(answerOf(yield* here.run(["identity", "undo", "3"])), /^change 3 \(never\) is undone:\n/)
      assert.deepStrictEqual(JSON.parse(here.read(map)).never, [])
    }).pipe(Effect.scoped)
  )

  it.live("of what is there already is a quiet success that writes nothing", () =>
    Effect.gen(function* () {
      const { directory, home, run } = yield* furnished
      const file = join(directory, "out.json")
      answerOf(yield* run([...exporting, "--output", file]))
      const before = contents(home)
      for (const more of [[], ["--on-conflict", "move"], ["--on-conflict", "merge"]]) {
        assert.strictEqual(
          answerOf(yield* run(importing(file, ...more))),
          "all of it is here already; nothing was changed\n"
        )
        assert.strictEqual(answerOf(yield* run(importing(file, "--dry-run", ...more))), "nothing would be changed\n")
      }
      assert.deepStrictEqual(JSON.parse(answerOf(yield* run(importing(file, "--json")))), {
        action: "import",
        changes: [],
        history: 0
      })
      assert.deepStrictEqual(contents(home), before)
    }).pipe(Effect.scoped)
  )

  it.live("brings back an earlier version of the map", () =>
    Effect.gen(function* () {
      const { home, id, read, run } = yield* furnished
      const was = read(map)
      answerOf(yield* run(["identity", "unlink", id, "--json"]))
      assert.notInclude(read(map), id)
      assert.match(
        answerOf(yield* run(importing(join(home, `${map}.bak`)))),
        new RegExp(`^imported:\n  ${id} .* is made of .*\n$`)
      )
      assert.deepStrictEqual(JSON.parse(read(map)), JSON.parse(was))
      const history = answerOf(yield* run(["identity", "history", id]))
      assert.match(history, /\n\d+ +just now {2}cli {2}unlink .*\n\d+ +just now {2}cli {2}import .*\n$/)
    }).pipe(Effect.scoped)
  )

  it.live("reads standard input where the file is called -", () =>
    Effect.gen(function* () {
      const there = yield* furnished
      const here = yield* user
      const text = `\uFEFF${there.text.replaceAll("\n", "\r\n")}`
      assert.match(answerOf(yield* here.run(importing("-"), { input: text })), /^imported:\n/)
      assert.strictEqual(here.read(map), there.read(map))
    }).pipe(Effect.scoped)
  )

  it.live("shows with --dry-run what then happens, and changes nothing", () =>
    Effect.gen(function* () {
      const there = yield* furnished
      const here = yield* user
      const input = there.text
      const shown = answerOf(yield* here.run(importing("-", "--dry-run"), { input }))
      const rehearsed = JSON.parse(answerOf(yield* here.run(importing("-", "--dry-run", "--json"), { input })))
      assert.deepStrictEqual(contents(here.home), {})
      const done = JSON.parse(answerOf(yield* here.run(importing("-", "--json"), { input })))
      assert.deepStrictEqual([rehearsed.dryRun, rehearsed.action, rehearsed.changes], [true, done.action, done.changes])
      assert.strictEqual(done.changes.length, 3)
      assert.strictEqual(done.history, 5)
      assert.include(shown, "telegram:@john")
    }).pipe(Effect.scoped)
  )

  const conflicts = [
    ["somebody who is linked otherwise", mapping("other", { identities: { telegram: ["@john", "@johnny"] } })],
    ["another mapping of the same id", mapping("home", { name: "Others" })]
  ] as const
  for (const [what, theirs] of conflicts) {
    it.live(`of ${what} is refused, unless it is said what becomes of them`, () =>
      Effect.gen(function* () {
        const one = yield* user
        const { home, read, run, write } = one
        const ours = mapText(mapping("home"), mapping("rest", { identities: { twilio: ["+15550001111"] } }))
        write(map, ours)
        const input = mapText(mapping("new", { identities: { twilio: "+15550003333" } }), theirs)
        for (const more of [[], ["--dry-run", "--json"], ["--on-conflict", "refuse"]]) {
          const refusal = refusalOf(yield* run(importing("-", ...more), { input }), 1)
          assert.include(refusal, "home")
          assert.include(refusal, "--on-conflict move")
          assert.include(refusal, "--on-conflict merge")
          assert.notInclude(refusal, "--into")
          assert.deepStrictEqual(contents(home), { [map]: ours })
        }
        answerOf(yield* run(importing("-", "--on-conflict", "move", "--json"), { input }))
        const moved = JSON.parse(read(map)).mappings
        assert.deepStrictEqual(Object.keys(moved).sort(), [...new Set(["home", "new", "rest", theirs.id])].sort())
        assert.deepStrictEqual(moved[theirs.id], theirs)
        write(map, ours)
        answerOf(yield* run(importing("-", "--on-conflict", "merge", "--json"), { input }))
        const merged = JSON.parse(read(map)).mappings
        assert.deepStrictEqual(Object.keys(merged), ["home", "rest", "new"])
        assert.deepStrictEqual(merged.home.identities, {
          whatsapp: "+1234567890",
          telegram: what.startsWith("some") ? ["@john", "@johnny"] : "@john"
        })
        const now = contents(home)
        answerOf(yield* run(importing("-", "--on-conflict", "merge"), { input }))
        assert.deepStrictEqual(contents(home), now)
      }).pipe(Effect.scoped)
    )
  }

  it.live("is refused where the configuration forbids it", () =>
    Effect.gen(function* () {
      const { home, run, write } = yield* user
      write("clawdis.json", '{ neverLink: ["twilio:+15550001111"], maxIdentities: 2 }')
      const before = contents(home)
      const office = mapText(mapping("office", { identities: { twilio: ["+15550001111", "+15550002222"] } }))
      assert.include(refusalOf(yield* run(importing("-"), { input: office }), 1), "neverLink")
      const many = mapText(mapping("many", { identities: { telegram: ["@aaaa", "@bbbb", "@cccc"] } }))
      assert.include(refusalOf(yield* run(importing("-"), { input: many }), 1), "maxIdentities")
      assert.deepStrictEqual(contents(home), before)
    }).pipe(Effect.scoped)
  )

  it.live("goes on with its own history where the map was deleted, and says so", () =>
    Effect.gen(function* () {
      const { home, read, run, text } = yield* furnished
      const before = read(map)
      rmSync(join(home, map))
      const done = yield* run(importing("-"), { input: text })
      assert.strictEqual(done.status, 0)
      assert.match(done.stderr, /^The history in it was left out, .*\n$/)
      assert.notInclude(done.stdout, "history so far")
      assert.strictEqual(read(map), before)
      const history = answerOf(yield* run(["identity", "history"]))
      assert.match(history, /\n6 .* hand {2}reset .*\n(.*\n)*7 .* import /)
    }).pipe(Effect.scoped)
  )

  it.live("leaves a history out that leads somewhere else, and says so", () =>
    Effect.gen(function* () {
      const there = yield* furnished
      const here = yield* user
      answerOf(yield* here.run(["identity", "link", "--telegram", "@anna", "--telegram", "@bert", "--json"]))
      const done = yield* here.run(importing("-", "--json"), { input: there.text })
      assert.strictEqual(done.status, 0)
      assert.match(done.stderr, /^The history in it was left out, .*\n$/)
      assert.strictEqual(JSON.parse(done.stdout).history, 0)
      const history = answerOf(yield* here.run(["identity", "history"]))
      assert.match(history, /\n1 .* link .*\n2 .* import .*\n/)
      assert.notMatch(history, /\n3 /)
    }).pipe(Effect.scoped)
  )

  const bad: ReadonlyArray<readonly [string, (text: string) => string, RegExp]> = [
    ["nothing", () => "", /line 1, column 1: there is nothing in it/],
    ["half of it", (text) => text.slice(0, text.length >> 1), /line \d+, column \d+: /],
    ["two of them", (text) => text + text, /line \d+, column \d+: /],
    ["a list", (text) => `[${text}]`, /line 1, column 1: this is neither an export nor an identity map/],
    [
      "a later version",
      (text) => text.replace('"version": 1', '"version": 2'),
      /line 3, column 14: this is version 2 of an export, and this warelay reads version 1/
    ],
    [
      "an identity that is none",
      (text) => text.replace('"@john"', '"john"'),
      /line \d+, column 23: "john" is not a username/
    ],
    [
      "a change that is none",
      (text) => text.replace('"action": "never"', '"action": "guess"'),
      /line \d+, column 17: /
    ],
    [
      "a key that stands twice",
      (text) => text.replace('"map": {', '"map": {}, "map": {'),
      /line 4, column 14: this key stands twice/
    ],
    [
      "a number that would be shown",
      (text) => text.replace('"+1234567890"', '"+12345678901234567890"'),
      /: "…7890" is not a phone number/
    ]
  ]
  it.live.each(bad)("of %s is refused as a whole, the place is named, and nothing is changed", ([, change, expected]) =>
    Effect.gen(function* () {
      const { directory, home, run, text } = yield* furnished
      const file = join(directory, "in.json")
      const input = change(text)
      writeFileSync(file, input)
      const before = contents(home)
      for (const [source, line] of [
        [file, importing(file, "--on-conflict", "move")],
        ["standard input", importing("-", "--dry-run", "--json")]
      ] as const) {
        const refusal = refusalOf(yield* run(line, { input }), 1)
        assert.match(refusal, expected)
        assert.isTrue(refusal.startsWith(`${source}, line `), refusal)
        assert.include(refusal, "Nothing was changed. ")
      }
      assert.deepStrictEqual(contents(home), before)
    }).pipe(Effect.scoped)
  )

  it.live("of what cannot be read is refused", () =>
    Effect.gen(function* () {
      const { directory, run } = yield* user
      const at = (name: string) => join(directory, name)
      writeFileSync(at("bytes"), Uint8Array.of(0x7b, 0xff, 0x7d))
      writeFileSync(at("closed"), "{}")
      chmodSync(at("closed"), 0)
      mkdirSync(at("directory"))
      const cases = [
        ["none", "there is no such file"],
        ["bytes", "not UTF-8"],
        ["directory", "not a regular file"],
        // Whoever may do anything may read it.
        ["closed", process.getuid?.() === 0 ? "neither an export" : "Permission denied"]
      ] as const
      for (const [name, reason] of cases) {
        const refusal = refusalOf(yield* run(importing(at(name))), 1)
        assert.include(refusal, reason)
        assert.include(refusal, at(name))
      }
      const sent = yield* run(importing("-"), { input: Buffer.from([0x7b, 0xff, 0x7d]).toString("latin1") })
      assert.strictEqual(sent.status, 1)
      assert.include(refusalOf(yield* run(importing("")), 1), "Nothing was changed")
      assert.include(refusalOf(yield* run(["identity", "import"]), 2), "<file>")
      assert.include(refusalOf(yield* run(importing("-", "--on-conflict", "guess")), 2), "refuse, move or merge")
    }).pipe(Effect.scoped)
  )

  it.live("at the same time as another of the same is made once", () =>
    Effect.gen(function* () {
      const there = yield* furnished
      const here = yield* user
      const input = there.text
      const ends = yield* Effect.all(
        [1, 2, 3].map(() => here.run(importing("-"), { input })),
        { concurrency: 3 }
      )
      assert.deepStrictEqual(
        ends.map(({ status }) => status),
        [0, 0, 0]
      )
      assert.strictEqual(ends.filter(({ stdout }) => stdout.startsWith("imported")).length, 1)
      assert.strictEqual(here.read(map), there.read(map))
      const history = JSON.parse(answerOf(yield* here.run(["identity", "history", "--json"])))
      assert.strictEqual(history.length, 6)
    }).pipe(Effect.scoped)
  )

  it.live("that waits for its input ends with Ctrl-C, and changes nothing", () =>
    Effect.gen(function* () {
      const { home, start } = yield* user
      const { child, ended, signal } = yield* start(importing("-"))
      // More than a pipe holds: it has been read when all of it is gone.
      yield* Effect.async<void>((resume) => {
        child.stdin.write(" ".repeat(2 ** 20), () => resume(Effect.void))
      })
      yield* signal("SIGINT")
      const { status, stdout } = yield* ended
      assert.deepStrictEqual([status, stdout], [130, ""])
      assert.isFalse(existsSync(home))
    }).pipe(Effect.scoped)
  )
})
