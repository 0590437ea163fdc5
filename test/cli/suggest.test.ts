import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answerOf, mapping, mapText, printed, refusalOf, user, type User } from "./command.js"

/** A line of `identity suggest --json`. */
interface Suggested {
  readonly identities: readonly [string, string]
  readonly mappings: readonly [string | null, string | null]
  readonly likeness: string
  readonly because: string
  readonly link: string
  readonly never: string
}

const echo = { WARELAY_AGENT_ECHO: "true" }
const suggest = ["identity", "suggest"]

const suggested = ({ run }: User, env: Readonly<Record<string, string>> = echo) =>
  Effect.map(run([...suggest, "--json"], { env }), (ran): ReadonlyArray<Suggested> => JSON.parse(answerOf(ran)))

const say = ({ run }: User, to: string, ...words: ReadonlyArray<string>) =>
  Effect.map(run(["agent", "--to", to, "--message", "Hi", ...words], { env: echo }), answerOf)

const linked = ({ run }: User, ...words: ReadonlyArray<string>) =>
  Effect.map(run(["identity", "link", ...words, "--json"]), (ran) => printed(answerOf(ran)))

/** A command as it is printed. */
const type = ({ run }: User, command: string, ...words: ReadonlyArray<string>) =>
  Effect.map(run([...command.split(" ").slice(1), ...words]), answerOf)

describe("warelay identity suggest", () => {
  it.live("shows what to type, and both commands work: linked, or never mentioned again", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { id } = yield* linked(someone, "--whatsapp", "+5511987654321", "--telegram", "@john", "--name", "John")
      yield* say(someone, "+5511987654321", "--provider", "twilio")
      yield* say(someone, "whatsapp:+551187654321")
      assert.strictEqual(
        answerOf(yield* someone.run(suggest, { env: echo })),
        `whatsapp:+5511987654321 (in ${id} "John") and twilio:+5511987654321 (not linked): one phone number at two providers\n` +
          `  link them:       warelay identity link --into ${id} --twilio +5511987654321\n` +
          "  never ask again: warelay identity never whatsapp:+5511987654321 twilio:+5511987654321\n" +
          `whatsapp:+5511987654321 (in ${id} "John") and whatsapp:+551187654321 (not linked): two spellings of one mobile number in Brazil\n` +
          `  link them:       warelay identity link --into ${id} --whatsapp +551187654321\n` +
          "  never ask again: warelay identity never whatsapp:+5511987654321 whatsapp:+551187654321\n"
      )
      const [first, second, ...others] = yield* suggested(someone)
      assert.isEmpty(others)
      assert.deepStrictEqual(first, {
        identities: ["whatsapp:+5511987654321", "twilio:+5511987654321"],
        mappings: [id, null],
        likeness: "same-phone",
        because: "one phone number at two providers",
        link: `warelay identity link --into ${id} --twilio +5511987654321`,
        never: "warelay identity never whatsapp:+5511987654321 twilio:+5511987654321"
      })
      yield* type(someone, first?.link ?? "", "--json")
      assert.deepStrictEqual<ReadonlyArray<Suggested | undefined>>(yield* suggested(someone), [second])
      yield* type(someone, second?.never ?? "")
      const nothing = yield* someone.run(suggest, { env: echo })
      assert.deepStrictEqual([nothing.status, nothing.stdout], [0, ""])
      assert.include(nothing.stderr, "nothing to suggest")
      assert.deepStrictEqual(yield* suggested(someone), [])
    }).pipe(Effect.scoped)
  )

  it.live("of two mappings, it is the command that merges them", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const one = yield* linked(someone, "--whatsapp", "+5215512345678", "--telegram", "@john")
      const other = yield* linked(someone, "--twilio", "+525512345678", "--telegram", "@jane")
      const [found, ...others] = yield* suggested(someone)
      assert.isEmpty(others)
      assert.deepStrictEqual(found?.mappings, [one.id, other.id])
      assert.strictEqual(found?.because, "two spellings of one mobile number in Mexico, at two providers")
      const merged = printed(yield* type(someone, found?.link ?? "", "--json"))
      assert.deepStrictEqual(merged.identities, {
        whatsapp: "+5215512345678",
        telegram: ["@john", "@jane"],
        twilio: "+525512345678"
      })
      assert.deepStrictEqual(yield* suggested(someone), [])
    }).pipe(Effect.scoped)
  )

  it.live("of two senders who are not linked, it is a link; and who is who comes from the list of who may write", () =>
    Effect.gen(function* () {
      const someone = yield* user
      yield* say(someone, "+541158749895")
      yield* say(someone, "+5491158749895")
      someone.write("clawdis.json", '{ allowFrom: ["twilio:+541158749895", "whatsapp:+5491158749895", "telegram:7"] }')
      const [found, ...others] = yield* suggested(someone)
      assert.isEmpty(others)
      assert.deepStrictEqual([...(found?.identities ?? [])].sort(), ["twilio:+541158749895", "whatsapp:+5491158749895"])
      const made = printed(yield* type(someone, found?.link ?? "", "--json"))
      assert.deepStrictEqual(made.identities, { whatsapp: "+5491158749895", twilio: "+541158749895" })
      assert.deepStrictEqual(yield* suggested(someone), [])
    }).pipe(Effect.scoped)
  )

  it.live("a conversation from before the link is nobody else's, and one during a turn's time may not be", () =>
    Effect.gen(function* () {
      const someone = yield* user
      yield* say(someone, "+1234567890")
      yield* linked(someone, "--whatsapp", "+1234567890", "--telegram", "@john")
      assert.deepStrictEqual(yield* suggested(someone), [])
      yield* say(someone, "+1234567890", "--provider", "twilio")
      assert.lengthOf(yield* suggested(someone), 1)
      assert.deepStrictEqual(yield* suggested(someone, {}), [])
      const table = JSON.parse(someone.read("sessions.json"))
      table["+1234567890"].updatedAt += 601_000
      someone.write("sessions.json", JSON.stringify(table))
      assert.lengthOf(yield* suggested(someone, {}), 1)
    }).pipe(Effect.scoped)
  )

  it.live("what may not be linked is not suggested, and neither is what is linked", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const [one, other] = [
        mapping("one", { identities: { whatsapp: "+1234567890", telegram: "@john" } }),
        mapping("other", { identities: { twilio: "+1234567890", telegram: "@jane" } })
      ]
      someone.write("identity-map.json", mapText(one, other))
      assert.lengthOf(yield* suggested(someone), 1)
      assert.deepStrictEqual(yield* suggested(someone, { WARELAY_MAX_IDENTITIES: "3" }), [])
      assert.deepStrictEqual(yield* suggested(someone, { WARELAY_NEVER_LINK: '["telegram:@jane"]' }), [])
      someone.write(
        "identity-map.json",
        mapText({ ...one, identities: { whatsapp: "+1234567890", twilio: "+1234567890" } })
      )
      assert.deepStrictEqual(yield* suggested(someone), [])
    }).pipe(Effect.scoped)
  )

  it.live("names cannot do anything to a terminal, and a map that cannot be read is refused", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const one = mapping("one", { name: "\u001b[2J", identities: { whatsapp: ["+1234567890", "+5511987654321"] } })
      const other = mapping("other", { identities: { twilio: "+1234567890" } })
      someone.write("identity-map.json", mapText(one, other))
      assert.include(answerOf(yield* someone.run(suggest)), 'whatsapp:+1234567890 (in one "\\u{1b}[2J")')
      someone.write("identity-map.json", "{")
      assert.include(refusalOf(yield* someone.run(suggest), 1), "identity-map.json")
    }).pipe(Effect.scoped)
  )
})

describe("warelay identity never", () => {
  const line = ["identity", "never", "whatsapp:+1 (234) 567-890", "twilio:+1234567890"]

  it.live("is on record, in the map and in the journal, once, whichever of the two comes first", () =>
    Effect.gen(function* () {
      const { read, run } = yield* user
      const said = "whatsapp:+1234567890 and twilio:+1234567890"
      assert.strictEqual(answerOf(yield* run(line)), `${said} will not be suggested for linking\n`)
      assert.deepStrictEqual(JSON.parse(read("identity-map.json")), {
        version: 1,
        mappings: {},
        never: [["whatsapp:+1234567890", "twilio:+1234567890"]]
      })
      const journal = read("identity-journal.ndjson")
      assert.deepInclude(JSON.parse(journal), { sequence: 1, action: "never", by: "cli" })
      const map = read("identity-map.json")
      const again = [...line.slice(0, 2), ...line.slice(2).toReversed()]
      assert.strictEqual(
        answerOf(yield* run(again)),
        "twilio:+1234567890 and whatsapp:+1234567890 are never suggested for linking already; nothing was changed\n"
      )
      assert.deepStrictEqual(JSON.parse(answerOf(yield* run([...again, "--json"]))), {
        never: ["twilio:+1234567890", "whatsapp:+1234567890"],
        changed: false
      })
      assert.deepStrictEqual([read("identity-map.json"), read("identity-journal.ndjson")], [map, journal])
    }).pipe(Effect.scoped)
  )

  it.live("--dry-run says what would be recorded, and records nothing", () =>
    Effect.gen(function* () {
      const { read, run } = yield* user
      assert.include(answerOf(yield* run([...line, "--dry-run"])), "are never suggested again")
      const { changes } = JSON.parse(answerOf(yield* run([...line, "--dry-run", "--json"])))
      assert.deepStrictEqual(changes, [
        { never: ["whatsapp:+1234567890", "twilio:+1234567890"], before: false, after: true }
      ])
      assert.throws(() => read("identity-map.json"))
      answerOf(yield* run(line))
      assert.include(answerOf(yield* run([...line, "--dry-run"])), "nothing would be changed")
    }).pipe(Effect.scoped)
  )

  it.live("takes two different accounts, each with its provider", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      assert.include(refusalOf(yield* run(["identity", "never", "+1234567890", "telegram:@john"]), 2), '"+1234567890"')
      assert.include(refusalOf(yield* run(["identity", "never", "telegram:@john", "john"]), 2), '"john"')
      assert.include(
        refusalOf(yield* run(["identity", "never", "telegram:@john", "telegram:@JOHN"]), 2),
        "two different accounts"
      )
      refusalOf(yield* run(["identity", "never", "telegram:@john"]), 2)
    }).pipe(Effect.scoped)
  )
})

describe("the way there", () => {
  it.live("is shown by identity --help", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const page = answerOf(yield* run(["identity", "--help"]))
      for (const command of ["explain", "suggest", "never"]) {
        assert.match(page, new RegExp(`\n {2}identity ${command} +\\S`))
        const own = answerOf(yield* run(["identity", command, "--help"]))
        assert.include(own, `\nExample\n  warelay identity ${command}`)
        for (const flag of own.match(/--[a-z-]+/g) ?? []) assert.match(own, new RegExp(`\n {2}${flag} .*\\S`))
      }
    }).pipe(Effect.scoped)
  )
})
