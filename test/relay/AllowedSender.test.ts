import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { relayFields } from "../../src/relay/RelaySettings.js"

const Settings = Schema.Struct(relayFields)
const decode = Schema.decodeUnknownEither(Settings, { errors: "all", onExcessProperty: "error" })

/** What is wrong, each with its place. */
const problems = (settings: unknown): ReadonlyArray<string> =>
  Either.match(decode(settings), {
    onLeft: (error) =>
      ParseResult.ArrayFormatter.formatErrorSync(error).map(({ message, path }) => `${path.join(".")}: ${message}`),
    onRight: () => []
  })

const problem = (entry: unknown): string => {
  const [first, ...more] = problems({ allowFrom: [entry] })
  assert.deepStrictEqual(more, [])
  return first ?? ""
}

describe("allowFrom", () => {
  it("is empty where nothing is said, and so are the groups", () => {
    const { chat: _, ...settings } = Either.getOrThrow(decode({}))
    assert.deepStrictEqual(settings, { allowFrom: [], allowGroups: [], maxTurns: 4, maxWaiting: 100 })
  })

  it("lists accounts in the form of a link, with or without a name, and is written as it was", () => {
    const written = {
      allowFrom: [
        "whatsapp:+1234567890",
        "whatsapp:12345@lid",
        "telegram:123456789",
        "twilio:US.1a2b3c",
        { id: "twilio:+1234567890", name: "Mom" }
      ],
      allowGroups: ["12345-678@g.us", "12036304@g.us", "telegram:-1001234567890"],
      maxTurns: 2,
      maxWaiting: 5
    }
    const read = Either.getOrThrow(decode(written))
    const { chat: _, ...again } = Schema.encodeSync(Settings)(read)
    assert.deepStrictEqual(again, written)
    assert.deepStrictEqual(
      Either.getOrThrow(decode({ allowFrom: ["whatsapp:+1 (234) 567-890"] })).allowFrom.map(
        ({ identity }) => `${identity}`
      ),
      ["whatsapp:+1234567890"]
    )
  })

  it("refuses a username, and says how to find the number", () => {
    for (const entry of ["telegram:@john", "@john"]) {
      const message = problem(entry)
      assert.include(message, `allowFrom.0: "${entry}" is a username`)
      assert.include(message, "telegram:123456789")
      assert.include(message, "@userinfobot")
    }
    assert.match(problem({ id: "telegram:@john", name: "John" }), /^allowFrom\.0\.id: "telegram:@john" is a username/)
  })

  it("says what is wrong with anything else, and where", () => {
    assert.match(problem("+1234567890"), /^allowFrom\.0: "\+1234567890" does not say at which provider/)
    assert.match(problem("telegram:-100123"), /^allowFrom\.0: .* is a group: list it in allowGroups/)
    assert.match(problem("12345-678@g.us"), /is a group: list it in allowGroups/)
    assert.match(problem("whatsapp:hello"), /"whatsapp:hello" names nobody: after whatsapp: comes a phone number/)
    assert.match(problem("telegram:0"), /names nobody: after telegram: comes the account's number/)
    assert.match(problem(1234567890), /^allowFrom\.0: expected somebody such as/)
    assert.match(problem({ name: "Mom" }), /^allowFrom\.0: expected somebody such as/)
    assert.match(problem({ id: "whatsapp:+1234567890", nmae: "Mom" }), /^allowFrom\.0: expected somebody such as/)
    assert.match(problem({ id: "whatsapp:+1234567890", name: " " }), /^allowFrom\.0\.name: a name has 1 to 200/)
    assert.deepStrictEqual(
      problems({ allowGroups: ["telegram:123"], maxTurns: 0, maxWaiting: 1.5 }).map((line) =>
        line.split(" ", 2).join(" ")
      ),
      ['allowGroups.0: "telegram:123"', "maxTurns: a", "maxWaiting: a"]
    )
  })
})
