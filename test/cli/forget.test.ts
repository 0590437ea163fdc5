import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { directory } from "../support/home.js"
import { answerOf, mapping, mapText, pair, printed, refusalOf, user } from "./command.js"
import { atTerminal } from "./terminal.js"

const forget = (who: string, ...more: ReadonlyArray<string>) => ["identity", "forget", who, ...more]
const john = "telegram:@john"
const phone = "whatsapp:+1234567890"
const session = (n: number) => `00000000-0000-4000-8000-00000000000${n}`

const sessions = (...keys: ReadonlyArray<string>) =>
  JSON.stringify(Object.fromEntries(keys.map((key, n) => [key, { sessionId: session(n), updatedAt: 1 }])))

/** What is in a home, but for what keeps processes apart. */
const contents = (home: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(home, { recursive: true, encoding: "utf8", withFileTypes: false })
      .filter((name) => !name.endsWith(".lock"))
      .map((name) => [name, readFileSync(join(home, name), "latin1")])
  )

/** The files in a home with something of John in any of their bytes. */
const withJohn = (home: string): ReadonlyArray<string> =>
  Object.entries(contents(home)).flatMap(([name, text]) => (/john/i.test(text) ? [name] : []))

describe("warelay identity forget", () => {
  it.live("removes an account from those who were turned away, and leaves the others there", () =>
    Effect.gen(function* () {
      const { home, read, run, write } = yield* user
      const stranger = (entry: string) => ({
        channel: "telegram",
        who: entry,
        isGroup: false,
        admittance: { setting: "allowFrom", entry },
        last: 1,
        times: 2
      })
      write("turned-away.json", JSON.stringify([stranger("telegram:77"), stranger("telegram:777")]))
      const foreseen = JSON.parse(answerOf(yield* run(forget("telegram:77", "--dry-run", "--json"))))
      assert.isTrue(foreseen.turnedAway)
      assert.include(answerOf(yield* run(forget("telegram:77"))), "  strangers  that it was turned away\n")
      assert.deepStrictEqual(JSON.parse(read("turned-away.json")), [stranger("telegram:777")])
      assert.isFalse(existsSync(join(home, "turned-away.json.bak")))
      assert.match(answerOf(yield* run(forget("telegram:77"))), /^there is nothing of telegram:77 here/)
    }).pipe(Effect.scoped)
  )

  it.live("ends what an account was about to be linked by, and leaves that of others", () =>
    Effect.gen(function* () {
      const { home, read, run } = yield* user
      for (const one of ["telegram:77", "telegram:777"]) yield* run(["identity", "invite", "--for", one, "--json"])
      const foreseen = JSON.parse(answerOf(yield* run(forget("telegram:77", "--dry-run", "--json"))))
      assert.isTrue(foreseen.aboutToLink)
      assert.include(answerOf(yield* run(forget("telegram:77"))), "  codes  what it was about to be linked by\n")
      assert.notMatch(read("proofs.json"), /"telegram:77"/)
      assert.match(read("proofs.json"), /"telegram:777"/)
      assert.isFalse(existsSync(join(home, "proofs.json.bak")))
      assert.match(answerOf(yield* run(forget("telegram:77"))), /^there is nothing of telegram:77 here/)
    }).pipe(Effect.scoped)
  )

  it.live("removes every byte of an account, says what it removed, and what it cannot", () =>
    Effect.gen(function* () {
      const { home, read, run, write } = yield* user
      const { id } = printed(answerOf(yield* run([...pair, "--name", "John's", "--json"])))
      answerOf(yield* run(["identity", "rename", id, "--name", "The family of @john", "--json"]))
      write("sessions.json", sessions(john, "telegram:@JOHN", "+1234567890", id))
      write("sessions.json.bak", sessions(john))
      write("clawdis.json", '{\n  allowFrom: [\n    "whatsapp:+1 (234) 567-890"\n  ]\n}\n')
      const foreseen = JSON.parse(answerOf(yield* run(forget(john, "--dry-run", "--json"))))
      const said = answerOf(yield* run(forget(john)))
      assert.deepStrictEqual(withJohn(home), ["identity-journal.ndjson"])
      assert.deepStrictEqual(said.split("\n"), [
        "telegram:@john is forgotten:",
        `  links     ${id} "The family of @john": - telegram:@john called "The family of [forgotten]"`,
        "  history   changes that name it: 2",
        "  sessions  telegram:@john",
        "  sessions  telegram:@JOHN",
        "  .bak      the versions before the last change",
        "this is left, and not for this command to remove:",
        `  what Claude keeps of session ${session(0)} (telegram:@john)`,
        `  what Claude keeps of session ${session(1)} (telegram:@JOHN)`,
        `  what Claude keeps of session ${session(3)} (${id})`,
        "  exports and copies that were made earlier",
        ""
      ])
      assert.deepStrictEqual(foreseen.sessions, [
        { key: john, sessionId: session(0) },
        { key: "telegram:@JOHN", sessionId: session(1) }
      ])
      // The name that he was given in the first place is a name, and no account.
      assert.include(read("identity-journal.ndjson"), '"John\'s"')
      assert.notMatch(read("identity-journal.ndjson"), /@john/i)
      assert.deepStrictEqual(Object.keys(JSON.parse(read("sessions.json"))), ["+1234567890", id])
      assert.deepStrictEqual(JSON.parse(read("identity-map.json")).mappings[id].identities, { whatsapp: "+1234567890" })

      const last = answerOf(yield* run(forget(phone)))
      assert.include(last, `  links     ${id} "The family of [forgotten]" is taken apart: whatsapp:+1234567890\n`)
      assert.include(last, `  sessions  ${id}\n`)
      assert.include(last, `  ${join(home, "clawdis.json")}, line 3, which names it\n`)
      assert.strictEqual(read("sessions.json"), "{}\n")
      for (const [name, text] of Object.entries(contents(home))) {
        if (name !== "clawdis.json") assert.notMatch(text, /1234567890|1 \(234\)/, name)
      }
      const history = answerOf(yield* run(["identity", "history"]))
      assert.match(history, /\n3 .* forget .*\n4 .* forget {2}an account is gone for good\n$/)
      assert.match(refusalOf(yield* run(["identity", "undo"]), 1), /^change 4 removed an identity for good/)
    }).pipe(Effect.scoped)
  )

  it.live("does the same again without harm, and says that there is nothing", () =>
    Effect.gen(function* () {
      const { home, run, write } = yield* user
      assert.strictEqual(answerOf(yield* run(forget(john))), `there is nothing of ${john} here; nothing was changed\n`)
      assert.isFalse(existsSync(home))
      answerOf(yield* run([...pair, "--json"]))
      answerOf(yield* run(forget(john)))
      const before = contents(home)
      assert.strictEqual(answerOf(yield* run(forget("telegram:@JOHN", "--dry-run"))), "nothing would be changed\n")
      assert.strictEqual(answerOf(yield* run(forget(john))), `there is nothing of ${john} here; nothing was changed\n`)
      assert.deepStrictEqual(contents(home), before)
      write("clawdis.json", '{ neverLink: ["telegram:@john"] }')
      const said = answerOf(yield* run(forget(john)))
      assert.include(said, `${join(home, "clawdis.json")}, line 1, which names it\n`)
    }).pipe(Effect.scoped)
  )

  it.live("names every other file in which the account is named, and those that it cannot look into", () =>
    Effect.gen(function* () {
      const { home, run, write } = yield* user
      answerOf(yield* run([...pair, "--json"]))
      write("identity-map.json.old", mapText(mapping("one")))
      mkdirSync(join(home, "echo"))
      writeFileSync(join(home, "echo", "some.json"), '{ "speaker": "Telegram · @John" }')
      writeFileSync(join(home, "large"), "x".repeat(2 ** 26 + 1))
      write("other.json", '{ "telegram": "@johnny" }')
      const socket = createServer().listen(join(home, "john.sock"))
      yield* Effect.addFinalizer(() => Effect.sync(() => socket.close()))
      const { left } = JSON.parse(answerOf(yield* run(forget(john, "--json"))))
      assert.sameDeepMembers(left.files, [
        { file: join(home, "identity-map.json.old"), line: 8 },
        { file: join(home, "echo", "some.json"), line: 1 },
        { file: join(home, "large"), line: null }
      ])
      assert.include(answerOf(yield* run(forget(john))), `${join(home, "large")}, which could not be looked into\n`)
    }).pipe(Effect.scoped)
  )

  it.live("names what is kept for WhatsApp, where keys of the account's devices are", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      mkdirSync(join(home, "whatsapp"), { recursive: true })
      const file = join(home, "whatsapp", "credentials.ndjson")
      const filesOf = (who: string) =>
        Effect.map(run(forget(who, "--json")), (ran) => {
          const { left }: { readonly left: { readonly files: unknown } } = JSON.parse(answerOf(ran))
          return left.files
        })
      const keys = [
        { session: { "11234567890.0": "x", "1234567890.12": "x" } },
        { "lid-mapping": { "99_reverse": "15550001111" } },
        { "sender-key": { "123-45@g.us::33::0": "x" } },
        { tctoken: { "44@lid": "x" } }
      ]
      writeFileSync(file, keys.map((kind) => `${JSON.stringify({ keys: kind })}\n`).join(""))
      for (const [who, line] of [
        [phone, 1],
        ["whatsapp:99@lid", 2],
        ["whatsapp:+15550001111", 2],
        ["whatsapp:33@lid", 3],
        ["whatsapp:44@lid", 4]
      ] as const) {
        assert.deepStrictEqual(yield* filesOf(who), [{ file, line }], who)
      }
      for (const who of ["whatsapp:9@lid", "whatsapp:+5550001111", "twilio:+1234567890", "telegram:99", john]) {
        assert.deepStrictEqual(yield* filesOf(who), [], who)
      }
    }).pipe(Effect.scoped)
  )

  it.live("takes a number that is one for no account by itself, and a pin for a name of the same account", () =>
    Effect.gen(function* () {
      const { home, read, run, write } = yield* user
      const pinned = { ...mapping("one"), pins: { "@john": "2024" } }
      write("identity-map.json", mapText(pinned))
      write("sessions.json", sessions("telegram:2024", john))
      assert.match(answerOf(yield* run(forget("telegram:1"))), /^there is nothing of telegram:1 here/)
      const rehearsed = answerOf(yield* run(forget(john, "--dry-run")))
      assert.include(rehearsed, "  sessions  telegram:2024\n")
      answerOf(yield* run(forget(john)))
      assert.strictEqual(read("sessions.json"), "{}\n")
      assert.notInclude(read("identity-map.json"), "pins")
      assert.deepStrictEqual(withJohn(home), [])
    }).pipe(Effect.scoped)
  )

  it.live("predicts with --dry-run who would be where without the sessions that it removes, and changes nothing", () =>
    Effect.gen(function* () {
      const { home, read, run, write } = yield* user
      const { id } = printed(answerOf(yield* run([...pair, "--json"])))
      const now = `{ "${john}": { "sessionId": "${session(0)}", "updatedAt": ${Date.now()} } }`
      write("sessions.json", now)
      const before = contents(home)
      const rehearsed = JSON.parse(answerOf(yield* run(forget(john, "--dry-run", "--json"))))
      const shown = answerOf(yield* run(forget(john, "--dry-run")))
      assert.deepStrictEqual(contents(home), before)
      assert.deepStrictEqual(rehearsed.senders, [
        { identity: phone, before: id, after: id, conversation: "fresh" },
        { identity: john, before: id, after: john, conversation: "fresh" }
      ])
      assert.match(shown, /^telegram:@john would be removed for good:\n/)
      const { dryRun: _, senders: __, ...rest } = rehearsed
      const done = JSON.parse(answerOf(yield* run(forget(john, "--json"))))
      const timeless = (value: unknown) => JSON.stringify(value).replace(/"updatedAt":"[^"]*"/g, "")
      assert.strictEqual(timeless(done), timeless(rest))
      assert.notInclude(read("sessions.json"), "john")
    }).pipe(Effect.scoped)
  )

  it.live("takes an account as it is written, and nothing else", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      for (const typed of ["@john", "john", "whatsapp:", "telegram:-100", "shared-abc-123", "", "\u001b[2J"]) {
        const refusal = refusalOf(yield* run(forget(typed)), 2)
        assert.include(refusal, "expected an identity such as whatsapp:+1234567890 or telegram:@john")
        assert.notInclude(refusal, "\u001b")
      }
      assert.include(refusalOf(yield* run(["identity", "forget"]), 2), "<provider:id>")
      assert.isFalse(existsSync(home))
    }).pipe(Effect.scoped)
  )

  it.live("changes nothing where the map, the history or the sessions cannot be read", () =>
    Effect.gen(function* () {
      const { home, read, run, write } = yield* user
      answerOf(yield* run([...pair, "--json"]))
      write("sessions.json", sessions(john))
      for (const name of ["identity-map.json", "identity-journal.ndjson", "sessions.json"]) {
        const good = read(name)
        write(name, "{\n")
        const before = contents(home)
        assert.include(refusalOf(yield* run(forget(john)), 1), join(home, name))
        assert.deepStrictEqual(contents(home), before)
        write(name, good)
      }
      answerOf(yield* run(forget(john)))
      assert.deepStrictEqual(withJohn(home), [])
    }).pipe(Effect.scoped)
  )

  it.live("at the same time as it is linked again leaves one or the other, and never half", () =>
    Effect.gen(function* () {
      const { home, read, run } = yield* user
      answerOf(yield* run([...pair, "--json"]))
      const [forgotten, linked] = yield* Effect.all(
        [run(forget(john)), run(["identity", "link", "--telegram", "@john", "--telegram", "@jane", "--json"])],
        { concurrency: 2 }
      )
      assert.strictEqual(forgotten.status, 0)
      assert.include([0, 1], linked.status)
      if (linked.status === 1) assert.deepStrictEqual(withJohn(home), [])
      else assert.include(read("identity-map.json"), "@jane")
      answerOf(yield* run(["identity", "list", "--json"]))
      answerOf(yield* run(["identity", "history", "--json"]))
    }).pipe(Effect.scoped)
  )
})

describe("forget at a terminal", () => {
  const furnished = Effect.gen(function* () {
    const home = join(yield* directory, "home")
    mkdirSync(home)
    writeFileSync(join(home, "identity-map.json"), mapText(mapping("one")))
    return home
  })

  it.scopedLive.each(["y\n", " YES\n"])("says what will be removed, and removes it after %j", (answer) =>
    Effect.gen(function* () {
      const home = yield* furnished
      const { fiber, said } = yield* atTerminal(home, forget(john), answer)
      assert.strictEqual(yield* Fiber.join(fiber), 0)
      assert.match(said.stderr, /^telegram:@john will be removed, and this cannot be undone:\n {2}links .*\n/)
      assert.include(said.stderr, "Forget telegram:@john for good? [y/N] ")
      assert.match(said.stdout, /^telegram:@john is forgotten:\n/)
      assert.deepStrictEqual(withJohn(home), [])
    })
  )

  it.scopedLive("removes what came while it was asked, too", () =>
    Effect.gen(function* () {
      const home = yield* furnished
      const { asked, fiber, input, said } = yield* atTerminal(home, forget(john))
      yield* asked
      writeFileSync(join(home, "sessions.json"), sessions(john))
      input.write("y\n")
      assert.strictEqual(yield* Fiber.join(fiber), 0)
      assert.include(said.stdout, "  sessions  telegram:@john\n")
      assert.deepStrictEqual(withJohn(home), [])
    })
  )

  it.scopedLive.each(["\n", "n\n", "yep\n"])("changes nothing after %j, and ends with 1", (answer) =>
    Effect.gen(function* () {
      const home = yield* furnished
      const before = contents(home)
      const { fiber, said } = yield* atTerminal(home, forget(john, "--json"), answer)
      assert.strictEqual(yield* Fiber.join(fiber), 1)
      assert.match(said.stderr, /error: nothing was forgotten, because you did not say yes\n$/)
      assert.strictEqual(said.stdout, "")
      assert.deepStrictEqual(contents(home), before)
    })
  )

  it.scopedLive("changes nothing after Ctrl-C, nor if the terminal goes away", () =>
    Effect.gen(function* () {
      const home = yield* furnished
      const before = contents(home)
      const first = yield* atTerminal(home, forget(john))
      yield* first.asked
      yield* Fiber.interrupt(first.fiber)
      const second = yield* atTerminal(home, forget(john))
      yield* second.asked
      second.input.end()
      assert.strictEqual(yield* Fiber.join(second.fiber), 1)
      assert.deepStrictEqual(contents(home), before)
    })
  )

  it.scopedLive("asks nobody with --yes, to show what would be, or about what is not there", () =>
    Effect.gen(function* () {
      const home = yield* furnished
      for (const line of [forget(john, "--dry-run"), forget("telegram:@jane"), forget(john, "--yes")]) {
        const { fiber, said } = yield* atTerminal(home, line)
        assert.strictEqual(yield* Fiber.join(fiber), 0)
        assert.strictEqual(said.stderr, "", line.join(" "))
      }
      assert.deepStrictEqual(withJohn(home), [])
    })
  )
})
