import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Render from "../../src/cli/render/history.js"
import type { Recorded } from "../../src/identity/Recorded.js"
import { WrittenRecord } from "../../src/identity/RecordedSchema.js"
import { answerOf, mapping, mapText, pair, printed, refusalOf, type User, user } from "./command.js"

const history = ["identity", "history"]
const undo = ["identity", "undo"]

const link = ({ run }: User, ...more: ReadonlyArray<string>) =>
  Effect.map(run([...pair, "--json", ...more]), (ran) => printed(answerOf(ran)).id)

const linkOthers = ({ run }: User) =>
  Effect.map(
    run(["identity", "link", "--whatsapp", "+1999999999", "--telegram", "@jane", "--json"]),
    (ran) => printed(answerOf(ran)).id
  )

const closedLines = ({ read }: User): ReadonlyArray<unknown> =>
  read("identity-journal.ndjson")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))

const timeless = (text: string) => text.replace(/"updatedAt": "[^"]*"/g, '"updatedAt": …')

describe("warelay identity history", () => {
  it.live("says kindly that there is none, prints [] as JSON, and leaves no home behind", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      const plain = yield* run(history)
      assert.deepStrictEqual([plain.status, plain.stdout], [0, ""])
      assert.match(plain.stderr, /^Nothing has been changed yet\. .*warelay identity link --help\n$/)
      assert.strictEqual(answerOf(yield* run([...history, "--json"])), "[]\n")
      assert.isFalse(existsSync(home))
    }).pipe(Effect.scoped)
  )

  it.live("shows each change in a line, the oldest first, and as JSON the records of the journal", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { run } = one
      const id = yield* link(one, "--name", "John")
      answerOf(yield* run(["identity", "rename", id, "--name", "Jo"]))
      answerOf(yield* run(["identity", "unlink", id, "--identity", "telegram:@john"]))
      answerOf(yield* run(["identity", "never", "telegram:@john", "telegram:@jane"]))
      answerOf(yield* run(["identity", "unlink", id]))
      answerOf(yield* run([...undo, "--json"]))
      assert.strictEqual(
        answerOf(yield* run(history)),
        [
          "CHANGE  WHEN      BY   ACTION     WHAT",
          `1       just now  cli  link       ${id} "John" is made of whatsapp:+1234567890 telegram:@john`,
          `2       just now  cli  rename     ${id} "John": called "Jo"`,
          `3       just now  cli  unlink     ${id} "Jo": - telegram:@john`,
          "4       just now  cli  never      telegram:@john and telegram:@jane are never suggested again",
          `5       just now  cli  unlink     ${id} "Jo" is taken apart: whatsapp:+1234567890`,
          `6       just now  cli  undo of 5  ${id} "Jo" is made of whatsapp:+1234567890`,
          ""
        ].join("\n")
      )
      assert.deepStrictEqual(JSON.parse(answerOf(yield* run([...history, "--json"]))), closedLines(one))
    }).pipe(Effect.scoped)
  )

  it.live("of one mapping shows what was done to that, and a mapping that never was is not found", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { run } = one
      const [john, jane] = [yield* link(one), yield* linkOthers(one)]
      answerOf(yield* run(["identity", "unlink", john]))
      const numbers = (text: string) => text.split("\n").map((line) => line.split(" ")[0])
      assert.deepStrictEqual(numbers(answerOf(yield* run([...history, john]))), ["CHANGE", "1", "3", ""])
      assert.deepStrictEqual(numbers(answerOf(yield* run([...history, jane]))), ["CHANGE", "2", ""])
      const records = JSON.parse(answerOf(yield* run([...history, "--json", john])))
      assert.deepStrictEqual(records, [closedLines(one)[0], closedLines(one)[2]])
      for (const id of ["constructor", "__proto__", "", "shared", john.toUpperCase()]) {
        assert.include(refusalOf(yield* run([...history, id]), 1), `there is no mapping ${JSON.stringify(id)}`)
      }
    }).pipe(Effect.scoped)
  )

  it.live("of one mapping shows only that part of a change of many", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { run } = one
      const [john, jane] = [yield* link(one), yield* linkOthers(one)]
      const merge = ["--on-conflict", "merge", "--yes", "--json"]
      answerOf(yield* run(["identity", "link", "--telegram", "@john", "--telegram", "@jane", ...merge]))
      const all = answerOf(yield* run(history)).split("\n")
      assert.match(all[3] ?? "", /^3 {7}just now {2}cli {2}link {4}shared-/)
      assert.match(all[4] ?? "", /^ {31}shared-.* is taken apart/)
      assert.strictEqual(all.length, 6)
      const [, , third = ""] = answerOf(yield* run([...history, jane])).split("\n")
      assert.match(third, new RegExp(`^3 .*${jane} is taken apart`))
      assert.notInclude(third, john)
    }).pipe(Effect.scoped)
  )

  it.live("says what was edited by hand and is not on record yet, until it is", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { home, read, run, write } = one
      write("identity-map.json", mapText(mapping("by-hand")))
      const first = yield* run(history)
      assert.deepStrictEqual([first.status, first.stdout], [0, ""])
      assert.match(first.stderr, /^identity-map\.json was edited by hand; the next change .*\nNothing /)
      const shown = yield* run([...history, "by-hand"])
      assert.match(shown.stderr, /by hand; .*\nNo change of by-hand is on record\.\n$/)

      const jane = yield* linkOthers(one)
      const text = answerOf(yield* run(history))
      assert.match(
        text,
        /\n1 {7}just now {2}hand {2}edit {4}by-hand is made of whatsapp:\+1234567890 telegram:@john\n2 /
      )

      write("identity-map.json", read("identity-map.json").replace('"@jane"', '"@janet"'))
      for (const json of [[], ["--json"]]) {
        const edited = yield* run([...history, ...json])
        assert.strictEqual(edited.status, 0)
        assert.match(edited.stderr, /^identity-map\.json was edited by hand after the last change on record; .*\n$/)
        assert.notInclude(edited.stdout, "janet")
      }
      rmSync(join(home, "identity-map.json"))
      assert.match((yield* run(history)).stderr, /^identity-map\.json was deleted after the last change on record; /)

      yield* link(one)
      const after = answerOf(yield* run(history))
      assert.match(after, new RegExp(`\\n3 .* hand {2}reset .*\\n.* ${jane} is taken apart: .*@jane\\n4 .* link `))
    }).pipe(Effect.scoped)
  )

  it.live("never shows raw what people typed, nor what somebody wrote into the journal", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { read, run, write } = one
      yield* link(one, "--name", "\u001b[2JEve\u202e")
      write("identity-journal.ndjson", read("identity-journal.ndjson").replace('"by":"cli"', '"by":"\\u001b[2J"'))
      for (const output of [answerOf(yield* run(history)), answerOf(yield* run([...history, "--json"]))]) {
        assert.notMatch(output, /[\u001b\u202e]/)
        assert.include(output, "Eve")
      }
      assert.match(refusalOf(yield* run([...history, "\u001b[2J"]), 1), /^there is no mapping "/)
    }).pipe(Effect.scoped)
  )

  it.live("that cannot be read is refused, with the place, and nothing is changed", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { home, read, run, write } = one
      yield* link(one)
      const text = read("identity-journal.ndjson")
      for (const [bad, line] of [
        ["{\n", 1],
        [`${text}{}\n`, 2],
        [`${text}${text.slice(0, 40)}\n`, 2],
        [text.replace('"link"', '"guess"'), 1]
      ] as const) {
        write("identity-journal.ndjson", bad)
        const map = read("identity-map.json")
        const place = `${join(home, "identity-journal.ndjson")}, line ${line}`
        assert.include(refusalOf(yield* run(history), 1), place)
        assert.include(refusalOf(yield* run([...history, "--json"]), 1), place)
        assert.include(refusalOf(yield* run(undo), 1), place)
        assert.strictEqual(read("identity-journal.ndjson") + read("identity-map.json"), bad + map)
      }
    }).pipe(Effect.scoped)
  )
})

describe("a line of the history", () => {
  const now = Date.parse("2026-03-01T12:00:00Z")
  const record = (more: object): Recorded =>
    Schema.decodeUnknownSync(WrittenRecord)({
      sequence: 7,
      at: "2026-03-01T11:00:00Z",
      by: "cli",
      action: "link",
      base: "x",
      result: "y",
      changes: [],
      ...more
    })
  const lineOf = (more: object) => Render.text([record(more)], Option.none(), now).split("\n")[1]

  it("has the time itself from a day on, when nobody counts in hours any more", () => {
    assert.include(lineOf({}), " 1 hour ago  cli")
    assert.include(lineOf({ at: "2026-02-28T12:00:01Z" }), " 23 hours ago  cli")
    assert.include(lineOf({ at: "2026-02-28T12:00:00Z" }), " 1 day ago (2026-02-28T12:00:00Z)  cli")
    assert.include(lineOf({ at: "2026-03-03T12:00:00+01:00" }), " in 1 day (2026-03-03T12:00:00+01:00)  cli")
  })

  it("does not name what is forgotten", () => {
    const at = { position: 0, mapping: { ...mapping("family") } }
    const changes = [{ id: "family", before: at, after: at }]
    assert.match(lineOf({ action: "forget", changes }) ?? "", / forget {2}an account is gone for good, out of family$/)
    assert.match(lineOf({ action: "forget" }) ?? "", / forget {2}an account is gone for good$/)
    assert.match(lineOf({ action: "link" }) ?? "", / link {4}nothing that is still on record$/)
    assert.match(lineOf({ action: "import" }) ?? "", / import {2}nothing but what is on record above$/)
  })
})

describe("warelay identity undo", () => {
  it.live("takes the last change back, and says who is in another conversation", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { read, run } = one
      const john = yield* link(one)
      const before = read("identity-map.json")
      yield* linkOthers(one)
      const rehearsed = answerOf(yield* run([...undo, "--dry-run"]))
      assert.match(rehearsed, /^this would be changed:\n {2}\S+ is taken apart: whatsapp:\+1999999999 telegram:@jane\n/)
      const said = answerOf(yield* run(undo))
      assert.match(
        said,
        new RegExp(
          "^change 2 \\(link\\) is undone:\n  (\\S+) is taken apart: whatsapp:\\+1999999999 telegram:@jane\n" +
            "these are in another conversation now:\n" +
            "  whatsapp:\\+1999999999  \\1 → \\+1999999999 +begins anew\n  telegram:@jane +\\1 → telegram:@jane +begins anew\n$"
        )
      )
      for (const line of said.split("\n").slice(3, 5)) assert.include(rehearsed, line)
      assert.strictEqual(read("identity-map.json"), before)
      assert.match(answerOf(yield* run(undo)), new RegExp(`^change 1 \\(link\\) is undone:\n  ${john} `))
      assert.match(refusalOf(yield* run(undo), 1), /^there is no change to undo\. /)
    }).pipe(Effect.scoped)
  )

  it.live("takes back the change that has a number, and an undo brings it again", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { read, run } = one
      const john = yield* link(one, "--name", "John")
      yield* linkOthers(one)
      answerOf(yield* run(["identity", "rename", john, "--name", "Jo"]))
      const renamed = read("identity-map.json")
      const said = answerOf(yield* run([...undo, "3"]))
      assert.strictEqual(
        said,
        `change 3 (rename) is undone:\n  ${john} "Jo": called "John"\neverybody is in the same conversation as before\n`
      )
      assert.match(refusalOf(yield* run([...undo, "3"]), 1), /^change 3 is undone already, by change 4\..*undo 4$/)
      assert.match(answerOf(yield* run([...undo, "4"])), /^change 4 \(undo\) is undone:\n/)
      assert.strictEqual(timeless(read("identity-map.json")), timeless(renamed))
      assert.match(answerOf(yield* run(undo)), /^change 3 \(rename\) is undone:/)
      assert.match(answerOf(yield* run(undo)), /^change 2 \(link\) is undone:/)
    }).pipe(Effect.scoped)
  )

  it.live("as JSON says what was undone, by which changes, and who is where", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { run } = one
      const john = yield* link(one)
      const rehearsed = JSON.parse(answerOf(yield* run([...undo, "--dry-run", "--json"])))
      const done = JSON.parse(answerOf(yield* run([...undo, "1", "--json"])))
      assert.deepStrictEqual({ dryRun: true, ...done }, rehearsed)
      assert.deepStrictEqual([done.action, done.undoes, done.changes.length], ["undo", 1, 1])
      assert.deepStrictEqual([done.changes[0].id, done.changes[0].after], [john, null])
      assert.deepStrictEqual(done.senders[0], {
        identity: "whatsapp:+1234567890",
        before: john,
        after: "+1234567890",
        conversation: "fresh"
      })
    }).pipe(Effect.scoped)
  )

  it.live("refuses what another change has built on, names that, and changes nothing", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { read, run } = one
      const john = yield* link(one)
      answerOf(yield* run(["identity", "link", "--into", john, "--telegram", "@jo_at_work", "--yes", "--json"]))
      const before = read("identity-map.json") + read("identity-journal.ndjson")
      const refusal = refusalOf(yield* run([...undo, "1"]), 1)
      assert.match(refusal, /^change 1 cannot be undone, because change 2 \(link\) builds on what change 1 made of /)
      assert.include(refusal, "warelay identity undo 2")
      assert.include(refusal, john)
      assert.strictEqual(read("identity-map.json") + read("identity-journal.ndjson"), before)
      answerOf(yield* run([...undo, "2"]))
      answerOf(yield* run([...undo, "1"]))
    }).pipe(Effect.scoped)
  )

  it.live("takes the number of a change and nothing else", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { run } = one
      yield* link(one)
      for (const typed of ["abc", "0", "1.5", "1e99", "", " ", "0x1", "1e1", "+1", "01", " 1", "9".repeat(16), "-1"]) {
        const words = typed.startsWith("-") ? ["--", "-1"] : [typed]
        assert.include(refusalOf(yield* run([...undo, ...words]), 2), "expected the number of a change, such as 3")
      }
      assert.include(refusalOf(yield* run([...undo, "1", "2"]), 2), "'2'")
      assert.match(refusalOf(yield* run([...undo, "99"]), 1), /^there is no change 99 on record\. /)
      assert.match(answerOf(yield* run(history)), /\n1 .*\n$/)
    }).pipe(Effect.scoped)
  )

  it.live("is done even if nobody can tell who is where then, and says so", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { read, run, write } = one
      yield* link(one)
      write("sessions.json", "{")
      const done = yield* run([...undo, "--json"])
      assert.strictEqual(done.status, 0)
      assert.match(done.stderr, /^Who is in which conversation now cannot be told: .*sessions\.json.*\n$/)
      assert.notProperty(JSON.parse(done.stdout), "senders")
      assert.notInclude(read("identity-map.json"), "@john")
      const again = yield* run([...undo, "2"])
      assert.match(
        again.stdout,
        /^change 2 \(undo\) is undone:\n {2}\S+ is made of whatsapp:\+1234567890 telegram:@john\n$/
      )
    }).pipe(Effect.scoped)
  )

  it.live("of one change that is wanted twice at the same time is done once", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { run } = one
      yield* link(one)
      const ends = yield* Effect.all(
        [1, 2, 3].map(() => run([...undo, "1"])),
        { concurrency: 3 }
      )
      assert.deepStrictEqual(ends.map(({ status }) => status).sort(), [0, 1, 1])
      assert.strictEqual(closedLines(one).length, 2)
    }).pipe(Effect.scoped)
  )
})

describe("the way to these commands", () => {
  const commands = ["history", "undo", "forget", "export", "import"]

  it.live("leads from identity --help over a page for each to an example that works as it is printed", () =>
    Effect.gen(function* () {
      const one = yield* user
      const { directory, env, run } = one
      const start = answerOf(yield* run(["identity", "--help"]))
      const pages = yield* Effect.forEach(commands, (name) =>
        Effect.map(run(["identity", name, "--help"]), (ran) => [name, answerOf(ran)] as const)
      )
      for (const [name, page] of pages) {
        assert.match(start, new RegExp(`\n  identity ${name} +[A-Z]`))
        const [, usage = ""] = /\nUsage\n {2}(.*)\n/.exec(page) ?? []
        assert.isTrue(usage.startsWith(`warelay identity ${name}`), usage)
        for (const part of usage.match(/--[a-z-]+|<[a-z:-]+>/g) ?? []) {
          assert.match(page, new RegExp(`\n  ${part}.* {2}\\S`), part)
        }
        assert.notMatch(page, /undefined|\[object/)
      }
      const john = yield* link(one)
      answerOf(yield* run(["identity", "rename", john, "--name", "Jo"]))
      yield* linkOthers(one)
      for (const name of ["history", "undo", "export", "import", "forget"]) {
        const [, example = ""] =
          new RegExp("\nExample\n {2}warelay (.*)$").exec(pages.find(([page]) => page === name)?.[1].trimEnd() ?? "") ??
          []
        assert.match(example, new RegExp(`^identity ${name}`))
        assert.strictEqual((yield* run(example.split(" "), { env, cwd: directory })).status, 0, example)
      }
    }).pipe(Effect.scoped)
  )
})
