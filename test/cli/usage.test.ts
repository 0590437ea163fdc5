import { existsSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answerOf, bin, program, refusalOf, user, type User } from "./command.js"

const { version }: { readonly version: string } = JSON.parse(readFileSync("package.json", "utf8"))

const commands = [
  "",
  "identity",
  "identity link",
  "identity list",
  "identity show",
  "identity unlink",
  "agent",
  "relay",
  "status",
  "send",
  "sessions",
  "sessions list",
  "sessions show",
  "sessions reset"
] as const

const wordsOf = (command: string): ReadonlyArray<string> => command.split(" ").filter((word) => word !== "")

/** The first line under a title of a help page. */
const under = (title: string, page: string): string => {
  const [, line = ""] = new RegExp(`\n${title}\n {2}(.*)\n?`).exec(page) ?? []
  return line
}

const pagesOf = ({ run }: User) =>
  Effect.forEach(commands, (command) => Effect.map(run([...wordsOf(command), "--help"]), answerOf))

describe("help", () => {
  it.live("every command has a page with its full usage, each of its options, and an example", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const pages = yield* pagesOf(someone)
      for (const [index, command] of commands.entries()) {
        const page = pages[index] ?? ""
        const usage = under("Usage", page)
        assert.strictEqual(usage.startsWith(["warelay", ...wordsOf(command)].join(" ")), true, usage)
        for (const flag of usage.match(/--[a-z-]+/g) ?? []) assert.match(page, new RegExp(`\n {2}${flag} .*\\S`), flag)
        assert.match(under("Example", page), /^warelay /)
        assert.notMatch(page, /\u001b|undefined|\[object/)
      }
      assert.strictEqual(new Set(pages).size, pages.length)
      assert.include(
        pages[2],
        "[--whatsapp id]... [--telegram id]... [--twilio id]... [--name name] [--keep id] [--into shared-id] [--on-conflict policy]"
      )
      assert.include(pages[4], "warelay identity show [--json] <shared-id>")
      for (const command of commands.slice(1)) assert.include(pages[0], `  ${command} `)
      assert.isFalse(existsSync(someone.home))
    }).pipe(Effect.scoped)
  )

  it.live(
    "is shown wherever --help or -h stands in the line, whatever else is wrong with it, and nothing is done",
    () =>
      Effect.gen(function* () {
        const { home, run } = yield* user
        const linking = ["identity", "link", "--whatsapp", "+1234567890", "--telegram", "@john"]
        const page = answerOf(yield* run(["identity", "link", "--help"]))
        for (const line of [
          [...linking, "--help"],
          [...linking, "-h", "--nonsense"],
          ["--help", ...linking],
          ["identity", "-h", "link"],
          ["identity", "link", "--name", "--help"]
        ]) {
          assert.strictEqual(answerOf(yield* run(line)), page, line.join(" "))
        }
        assert.isFalse(existsSync(home))
        assert.include(refusalOf(yield* run(["identity", "show", "--", "--help"]), 1), '"--help"')
      }).pipe(Effect.scoped)
  )

  it.live("a command that only leads to others shows its page when it is alone", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      assert.include(answerOf(yield* run([])), "warelay <command>")
      assert.include(answerOf(yield* run(["identity"])), "warelay identity <command>")
    }).pipe(Effect.scoped)
  )

  it.live("the examples work as they are printed", () =>
    Effect.gen(function* () {
      const someone = yield* user
      const { directory, env } = someone
      const [, , link = "", list = "", show = "", unlink = "", agent = "", relay = ""] = (yield* pagesOf(someone)).map(
        (page) => under("Example", page)
      )
      const typed = (line: string, more: Readonly<Record<string, string>> = {}) =>
        program("bash", ["-c", line.replace(/^warelay/, `'${process.execPath}' '${bin}'`)], {
          env: { ...env, ...more },
          cwd: directory
        })
      const linked = yield* typed(link)
      const [id = ""] = /^shared-\S+/.exec(linked.stdout) ?? []
      assert.deepStrictEqual([linked.status, id.length], [0, "shared-1a2b3c4d-5e6f7081".length])
      assert.include(answerOf(yield* typed(list)), id)
      const withId = (line: string) => line.replace(/shared-[0-9a-f]{8}-[0-9a-f]{8}/, id)
      assert.include(answerOf(yield* typed(withId(show))), "telegram:@john")
      const asked = answerOf(yield* typed(agent, { WARELAY_AGENT_ECHO: "true" }))
      assert.include(asked, "What did I say this morning?")
      assert.include(answerOf(yield* typed(withId(unlink))), id)
      assert.include(refusalOf(yield* typed(relay), 1), "TELEGRAM_BOT_TOKEN")
    }).pipe(Effect.scoped)
  )

  it.live("--version prints the version and nothing else", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      assert.strictEqual(answerOf(yield* run(["--version"])), `${version}\n`)
      assert.strictEqual(answerOf(yield* run(["identity", "--version"])), `${version}\n`)
    }).pipe(Effect.scoped)
  )
})

describe("wrong usage", () => {
  const uuid = "a UUID such as 123e4567-e89b-42d3-a456-426614174000"
  const phone = "a phone number with + and country code such as +1234567890"
  const cases: ReadonlyArray<readonly [line: ReadonlyArray<string>, named: ReadonlyArray<string>]> = [
    [["nonsense"], ['"nonsense"', "identity, agent, relay"]],
    [["Identity", "list"], ['"Identity"']],
    [["--nonsense"], ['"--nonsense"', "identity, agent, relay"]],
    [["--wizard"], ['"--wizard"']],
    [["--completions", "bash"], ['"--completions"']],
    [["--log-level", "debug", "identity", "list"], ['"--log-level"']],
    [
      ["identity", "lst"],
      ['"lst"', "link, list, show, unlink", "warelay identity --help"]
    ],
    [
      ["identity", "list", "--JSON"],
      ['"--JSON"', "warelay identity list --help"]
    ],
    [["identity", "list", "--help=x"], ['"--help=x"']],
    [["identity", "list", "--wizard"], ['"--wizard"']],
    [["identity", "list", "extra"], ["extra"]],
    [["identity", "list", "--json", "--json"], ["--json was given twice"]],
    [["identity", "show"], ["<shared-id>"]],
    [["identity", "show", "a", "b"], ["'b'"]],
    [
      ["identity", "link", "--whatsapp", "--telegram", "@john"],
      ['--whatsapp "--telegram"', phone]
    ],
    [
      ["identity", "link", "--whatsapp", "+123"],
      ['--whatsapp "+123"', phone]
    ],
    [["identity", "link", "--whatsapp=+123=4"], ['--whatsapp "+123=4"']],
    [
      ["identity", "link", "--twilio", "@john"],
      ['--twilio "@john"', "+1234567890"]
    ],
    [
      ["identity", "link", "--telegram", "-100123"],
      ['--telegram "-100123"', "@john"]
    ],
    [
      ["identity", "link", "--whatsapp"],
      ["--whatsapp", "no value", "+1234567890"]
    ],
    [
      ["identity", "link", "--name", "--json"],
      ['--name "--json"', "a value"]
    ],
    [
      ["identity", "link", "--name", "--keep=none"],
      ['--name "--keep=none"', "a value"]
    ],
    [
      ["identity", "link", "--name", " "],
      ['--name " "', "1 to 200 characters"]
    ],
    [["identity", "link", "--name", "a", "--name", "b"], ["--name was given twice"]],
    [
      ["identity", "link", "--keep", "john"],
      ['--keep "john"', "none, or an identity"]
    ],
    [["agent", "--message", "Hi"], ["--to"]],
    [
      ["agent", "--to", "nobody", "--message", "Hi"],
      ['--to "nobody"', "telegram:@john"]
    ],
    [["agent", "--to", "telegram:-100123", "--message", "Hi"], ['--to "telegram:-100123"']],
    [["agent", "--to", "telegram:@john"], ["--message"]],
    [
      ["agent", "--to", "telegram:@john", "--message", "--json"],
      ['--message "--json"', "a value"]
    ],
    [
      ["agent", "--to", "telegram:@john", "--message", "Hi", "--session-id", "1"],
      ['--session-id "1"', uuid]
    ],
    [
      ["agent", "--to", "telegram:@john", "--message", "Hi", "--provider", "sms"],
      ['--provider "sms"', "whatsapp, telegram, twilio"]
    ],
    [
      ["relay", "--providers"],
      ["--providers", "telegram,twilio,whatsapp,console"]
    ],
    [
      ["relay", "--providers", "sms"],
      ['--providers "sms"', "telegram,twilio,whatsapp,console"]
    ],
    [
      ["relay", "--log-level", "loud"],
      ['--log-level "loud"', "debug, info, warn, error"]
    ],
    [
      ["relay", "--log-level", "all", "--providers", "console"],
      ['--log-level "all"', "debug, info, warn, error"]
    ],
    [
      ["relay", "--log-level"],
      ["--log-level", "no value"]
    ],
    [
      ["relay", "--log-format", "xml"],
      ['--log-format "xml"', "auto, text, json"]
    ],
    [["sessions", "--log-level", "debug", "list"], ['"--log-level"']],
    [
      ["sessions", "lst"],
      ['"lst"', "list, show, reset"]
    ],
    [["sessions", "show"], ["<key>"]],
    [["send", "--to", "telegram:42"], ["--message"]]
  ]

  it.live("ends with status 2 and one line that names what was wrong, what is accepted, and where to read more", () =>
    Effect.gen(function* () {
      const { home, run } = yield* user
      const check = ([line, named]: (typeof cases)[number]) =>
        Effect.map(run(line), (ran) => {
          const refusal = refusalOf(ran, 2)
          for (const part of named) assert.include(refusal, part, line.join(" "))
          assert.match(refusal, /\. How to: warelay .*--help$/)
        })
      yield* Effect.forEach(cases, check, { concurrency: 4, discard: true })
      assert.isFalse(existsSync(home))
    }).pipe(Effect.scoped)
  )

  it.live("a value that merely begins like an option is a value", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      const env = { WARELAY_AGENT_ECHO: "true" }
      for (const message of [["--message", "--to be or not"], ["--message=--to be or not"], ["--message=1+1=2"]]) {
        const said = answerOf(yield* run(["agent", "--to", "telegram:@john", ...message], { env }))
        assert.include(said, message.at(-1)?.replace("--message=", "") ?? "")
      }
    }).pipe(Effect.scoped)
  )
})
