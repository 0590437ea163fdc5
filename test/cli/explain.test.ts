import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answerOf, mapping, mapText, pair, printed, refusalOf, user, type User } from "./command.js"

/** What `identity explain --json` prints. */
interface Explained {
  readonly sender: string
  readonly provider: string | null
  readonly providerSaid: boolean
  readonly identity: string | null
  readonly identities: ReadonlyArray<string>
  readonly why: string
  readonly mapping: { readonly id: string } | null
  readonly record: {
    readonly sequence: number
    readonly at: string
    readonly by: string
    readonly action: string
  } | null
  readonly key: string
  readonly conversation: string
  readonly session: { readonly sessionId: string; readonly updatedAt: number } | null
  readonly from: { readonly whose: string; readonly sessionId: string } | null
  readonly taken: { readonly username: string; readonly mapping: string } | null
  readonly nearest: { readonly reason: string; readonly because: string; readonly remedy: string | null } | null
}

const echo = { WARELAY_AGENT_ECHO: "true" }

const explain = ({ run }: User, ...words: ReadonlyArray<string>) =>
  run(["identity", "explain", ...words], { env: echo })

const explained = (someone: User, ...words: ReadonlyArray<string>) =>
  Effect.map(explain(someone, "--json", ...words), (ran): Explained => JSON.parse(answerOf(ran)))

const say = ({ run }: User, to: string, ...words: ReadonlyArray<string>) =>
  Effect.map(run(["agent", "--to", to, "--message", "Hi", "--json", ...words], { env: echo }), (ran) => {
    const said: { readonly key: string; readonly sessionId: string } = JSON.parse(answerOf(ran))
    return said
  })

const linked = ({ run }: User, ...words: ReadonlyArray<string>) =>
  Effect.map(run(["identity", "link", ...words, "--json"]), (ran) => printed(answerOf(ran)))

/** The rows of the answer for people, by their titles. */
const rowsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ")).trim()])
  )

describe("warelay identity explain", () => {
  it.live("names every step from a linked sender to the session, and the change that is responsible", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { id } = yield* linked(someone, ...pair.slice(2), "--name", "John")
      answerOf(yield* someone.run(["identity", "rename", id, "--name", "Johnny"]))
      const { sessionId } = yield* say(someone, "telegram:@john")
      const { mapping: found, record, ...rest } = yield* explained(someone, "+1 (234) 567-890")
      assert.deepStrictEqual(found, printed(answerOf(yield* someone.run(["identity", "show", id, "--json"]))))
      assert.deepStrictEqual([record?.sequence, record?.by, record?.action], [1, "cli", "link"])
      assert.isBelow(Math.abs(Date.now() - Date.parse(record?.at ?? "")), 60_000)
      assert.strictEqual(rest.session?.sessionId, sessionId)
      assert.deepInclude(rest, {
        sender: "+1 (234) 567-890",
        provider: "whatsapp",
        providerSaid: false,
        identity: "whatsapp:+1234567890",
        why: "linked",
        key: id,
        conversation: "continued",
        from: null,
        taken: null,
        nearest: null
      })
      const rows = rowsOf(answerOf(yield* explain(someone, "+1 (234) 567-890")))
      assert.deepStrictEqual(Object.keys(rows), [
        "Sender",
        "Provider",
        "Account",
        "Mapping",
        "Recorded",
        "Why",
        "Key",
        "Session"
      ])
      assert.match(rows["Provider"] ?? "", /^whatsapp, because nobody says/)
      assert.strictEqual(rows["Mapping"], `${id} "Johnny": whatsapp:+1234567890 telegram:@john`)
      assert.match(rows["Recorded"] ?? "", /^change 1 \(link by cli, just now\), 20\d\d-.*Z$/)
      assert.strictEqual(rows["Why"], `whatsapp:+1234567890 is in ${id}`)
      assert.strictEqual(rows["Session"], `${sessionId} goes on (last used just now)`)
    }).pipe(Effect.scoped)
  )

  it.live("says what the next message will really meet: a copy of whose history, the session itself, or nothing", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const alone = yield* say(someone, "whatsapp:+1234567890")
      const { id } = yield* linked(someone, ...pair.slice(2))
      const forked = yield* explained(someone, "@john")
      assert.deepInclude(forked, { key: id, conversation: "forked", session: null })
      assert.deepInclude(forked.from, { whose: "whatsapp:+1234567890", sessionId: alone.sessionId })
      const plain = rowsOf(answerOf(yield* explain(someone, "@john")))
      assert.match(plain["Session"] ?? "", /^goes on from what whatsapp:\+1234567890 said \(last used just now\)$/)
      someone.write("clawdis.json", "{ agent: { sessionArguments: { begin: [], resume: [] } } }")
      const cannot = yield* someone.run(["identity", "explain", "@john", "--json"])
      assert.strictEqual(JSON.parse(answerOf(cannot)).conversation, "fresh")
      const { key, sessionId } = yield* say(someone, "telegram:@john")
      assert.strictEqual(key, id)
      const continued = yield* explained(someone, "@john")
      assert.deepInclude(continued, { key: id, conversation: "continued", from: null })
      assert.strictEqual(continued.session?.sessionId, sessionId)
      assert.deepInclude(yield* explained(someone, "@jane"), {
        key: "telegram:@jane",
        conversation: "fresh",
        session: null
      })
    }).pipe(Effect.scoped)
  )

  it.live("names the session that is idle, ended, or another conversation's, where a new one begins", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const [old, other, ended] = [1, 2, 3].map((n) => `${n}1111111-1111-4111-8111-111111111111`)
      const sessions = {
        "telegram:@john": { sessionId: old, updatedAt: Date.now() - 3 * 3_600_000 },
        "telegram:@jane": { sessionId: other, updatedAt: Date.now() },
        "telegram:@mary": { sessionId: other, updatedAt: Date.now() },
        "telegram:@anne": { sessionId: ended, updatedAt: Date.now(), over: true }
      }
      someone.write("sessions.json", JSON.stringify(sessions))
      const john = rowsOf(answerOf(yield* explain(someone, "@john")))
      assert.strictEqual(john["Session"], `begins anew: ${old} was last used 3 hours ago, and is over after 60 minutes`)
      const jane = rowsOf(answerOf(yield* explain(someone, "@jane")))
      assert.strictEqual(jane["Session"], `begins anew: ${other} is another conversation's`)
      const anne = rowsOf(answerOf(yield* explain(someone, "@anne")))
      assert.strictEqual(anne["Session"], `begins anew: ${ended} was ended`)
    }).pipe(Effect.scoped)
  )

  it.live("explains groups, nobody, texts that are no account, and a scope in which all are one", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const cases = [
        [["12345-67@g.us"], { why: "group", key: "group:12345-67@g.us", provider: null, identity: null }],
        [["group:telegram:-100123"], { why: "group", key: "group:telegram:-100123", nearest: null }],
        [[""], { why: "nobody", key: "unknown", provider: null, nearest: null }]
      ] as const
      for (const [words, expected] of cases) assert.deepInclude(yield* explained(someone, ...words), expected)
      const unknown = (reason: string, because: string, ...words: ReadonlyArray<string>) =>
        Effect.map(explained(someone, ...words), ({ nearest, ...rest }) => {
          assert.strictEqual(nearest?.reason, reason)
          assert.include(nearest?.because, because)
          assert.deepInclude(rest, {
            why: "unknown",
            key: `unknown:${words.at(-1)}`,
            identity: null,
            conversation: "fresh"
          })
          return [rest.provider, rest.providerSaid]
        })
      assert.deepStrictEqual(yield* unknown("no-account", "telegram:@john", "hello"), ["whatsapp", false])
      const said = yield* unknown("no-account", "a username such as", "--provider", "telegram", "hello")
      assert.deepStrictEqual(said, ["telegram", true])
      yield* unknown("is-group", "group:telegram:-100123", "--", "-100123")
      yield* unknown("provider-unsaid", "--provider telegram makes it telegram:1234567890", "1234567890")
      assert.deepStrictEqual(rowsOf(answerOf(yield* explain(someone, " "))), {
        Sender: "nobody",
        Why: "no sender is named",
        Key: "unknown",
        Session: "begins anew"
      })
      yield* linked(someone, ...pair.slice(2))
      const global = yield* someone.run(["identity", "explain", "@john", "--json"], {
        env: { WARELAY_SCOPE: "global" }
      })
      assert.deepInclude(JSON.parse(answerOf(global)), { why: "global", key: "global", mapping: null, nearest: null })
    }).pipe(Effect.scoped)
  )

  it.live("gives the nearest reason of a sender who does not share, and the remedy helps", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { id } = yield* linked(someone, "--whatsapp", "+5511987654321", "--telegram", "@john")
      const remedied = (words: ReadonlyArray<string>, reason: string) =>
        Effect.gen(function* () {
          const { nearest, why } = yield* explained(someone, ...words)
          assert.deepStrictEqual([why, nearest?.reason], ["own", reason])
          const plain = rowsOf(answerOf(yield* explain(someone, ...words)))
          assert.strictEqual(plain["Nearest"], `${nearest?.because}. To change that: ${nearest?.remedy}`)
          answerOf(yield* someone.run([...(nearest?.remedy ?? "").split(" ").slice(1), "--json"]))
          const after = yield* explained(someone, ...words)
          assert.deepInclude(after, { why: "linked", key: id, nearest: null })
          return after.record?.action
        })
      const sms = ["+5511987654321", "--provider", "twilio"]
      assert.strictEqual(yield* remedied(sms, "other-provider"), "link")
      assert.strictEqual(yield* remedied(["whatsapp:+551187654321"], "other-spelling"), "link")
      answerOf(yield* someone.run(["identity", "unlink", id, "--identity", "twilio:+5511987654321"]))
      const { nearest } = yield* explained(someone, ...sms)
      assert.include(nearest?.because, `was in ${id} until change 4 (unlink by cli, just now)`)
      assert.strictEqual(yield* remedied(sms, "taken-out"), "link")
      answerOf(yield* someone.run(["identity", "unlink", id]))
      assert.strictEqual((yield* explained(someone, ...sms)).nearest?.remedy, "warelay identity undo 6")
    }).pipe(Effect.scoped)
  )

  it.live("knows a username that is bound to another account, and one that is bound to none yet", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { id } = yield* linked(someone, ...pair.slice(2))
      const before = rowsOf(answerOf(yield* explain(someone, "@john")))
      assert.match(before["Username"] ?? "", /^@john is bound to no account yet/)
      const map = JSON.parse(someone.read("identity-map.json"))
      map.mappings[id].pins = { "@john": "42" }
      someone.write("identity-map.json", JSON.stringify(map))
      const after = rowsOf(answerOf(yield* explain(someone, "@john")))
      assert.match(after["Username"] ?? "", /^@john is the account 42; another account of that name is kept apart$/)
      const own = ["42", "--provider", "telegram", "--alias", "@johnny"]
      const renamed = yield* explained(someone, ...own)
      assert.deepInclude(renamed, { why: "linked", key: id, identity: "telegram:42", record: null })
      assert.deepStrictEqual(renamed.identities, ["telegram:42", "telegram:@johnny"])
      const rows = rowsOf(answerOf(yield* explain(someone, ...own)))
      assert.include(rows["Username"], "42 is the account that @john was bound to")
      assert.include(rows["Also"], "telegram:@johnny")
      assert.include(rows["Recorded"], "in no change that is on record")
      const other = yield* explained(someone, "77", "--provider", "telegram", "--alias", "@john")
      assert.deepInclude(other, { why: "own", key: "telegram:77" })
      assert.deepStrictEqual(other.taken, { username: "telegram:@john", mapping: id })
      assert.strictEqual(other.nearest?.reason, "name-taken")
      assert.strictEqual(other.nearest?.remedy, `warelay identity link --into ${id} --telegram 77`)
    }).pipe(Effect.scoped)
  )

  it.live("tells what was linked by hand, what was deleted by hand, and what cannot be read", () =>
    Effect.gen(function* () {
      const someone = yield* user
      someone.write("identity-map.json", mapText(mapping("family")))
      assert.deepInclude(yield* explained(someone, "@john"), { why: "linked", key: "family", record: null })
      answerOf(yield* someone.run(["identity", "rename", "family", "--name", "Us"]))
      const recorded = yield* explained(someone, "@john")
      assert.deepStrictEqual([recorded.record?.action, recorded.record?.by], ["edit", "hand"])
      const rows = rowsOf(answerOf(yield* explain(someone, "@john")))
      assert.match(rows["Recorded"] ?? "", /^change 1 \(edit by hand, found just now\)/)
      rmSync(join(someone.home, "identity-map.json"))
      const { nearest } = yield* explained(someone, "@john")
      assert.strictEqual(nearest?.reason, "gone-by-hand")
      assert.include(nearest?.because, "came into family by change 1")
      assert.isNull(nearest?.remedy)
      someone.write("identity-map.json", "{")
      const apart = yield* explained(someone, "@john")
      assert.deepInclude(apart, { why: "own", key: "telegram:@john" })
      assert.strictEqual(apart.nearest?.reason, "map-unreadable")
      assert.include(apart.nearest?.because, `${join(someone.home, "identity-map.json")}, line 1`)
      someone.write("identity-map.json", mapText(mapping("family")))
      someone.write("identity-journal.ndjson", "nonsense\n")
      assert.deepInclude(yield* explained(someone, "@john"), { why: "linked", record: null })
      const broken = rowsOf(answerOf(yield* explain(someone, "@john")))
      assert.match(broken["Recorded"] ?? "", /^cannot be looked up: .*identity-journal\.ndjson, line 1/)
    }).pipe(Effect.scoped)
  )

  it.live("changes nothing, and never prints raw what was typed", () =>
    Effect.gen(function* () {
      const someone = yield* user
      yield* explained(someone, "@john")
      const raw = "\u001b[2J\u202ejohn\n"
      for (const ran of [yield* explain(someone, raw), yield* explain(someone, raw, "--json")]) {
        assert.notMatch(answerOf(ran), /[\u0000-\u0009\u000b-\u001f\u202e]/)
      }
      assert.strictEqual((yield* explained(someone, raw)).sender, raw)
      assert.isFalse(existsSync(someone.home))
      refusalOf(yield* explain(someone), 2)
      assert.include(refusalOf(yield* explain(someone, "@john", "--provider", "sms"), 2), '--provider "sms"')
      assert.include(refusalOf(yield* explain(someone, "@john", "--alias", "--json"), 2), '--alias "--json"')
    }).pipe(Effect.scoped)
  )
})
