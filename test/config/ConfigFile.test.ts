import { mkdirSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { variableOf } from "../../src/config/Variable.js"
import * as ConfigFile from "../../src/config/ConfigFile.js"
import { at, directory } from "../support/home.js"

const Part = Schema.Struct({
  publicUrl: Schema.optional(Schema.String.pipe(Schema.startsWith("https://"))),
  port: Schema.optionalWith(Schema.Int, { default: () => 3210 })
})
const File = Schema.Struct({
  idleMinutes: Schema.optionalWith(Schema.Positive, { default: () => 60 }),
  names: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
  on: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  twilio: Schema.optionalWith(Part, { default: () => ({ port: 3210 }) })
})
const defaults = { idleMinutes: 60, names: [], on: false, twilio: { port: 3210 } }

const environment = (variables: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

/** What is read of this text in a home, with these variables. `place` is the path of the file. */
const reading = <A>(
  text: string | undefined,
  variables: Readonly<Record<string, string>>,
  use: (read: Effect.Effect<typeof File.Type, ConfigFile.ConfigInvalid>, place: string) => Effect.Effect<A, unknown>
) =>
  Effect.gen(function* () {
    const path = yield* directory
    const place = `${path}/clawdis.json`
    if (text !== undefined) writeFileSync(place, text)
    const read = ConfigFile.read(File).pipe(environment(variables), Effect.provide(at(path)))
    return yield* use(read, place)
  }).pipe(Effect.scoped)

const problemsOf = (text: string | undefined, variables: Readonly<Record<string, string>> = {}) =>
  reading(text, variables, (read, place) =>
    Effect.map(Effect.flip(read), ({ message }) => {
      const [first = "", ...lines] = message.replaceAll(place, "<file>").split("\n")
      return lines.length === 0 ? [first.replace(/^.* try again: /, "")] : lines.map((line) => line.trim())
    })
  )

const valueOf = (text: string | undefined, variables: Readonly<Record<string, string>> = {}) =>
  reading(text, variables, (read) => read)

describe("the configuration file", () => {
  it.effect("absent or empty of settings, everything has its default", () =>
    Effect.gen(function* () {
      for (const text of [undefined, "{}", "// nothing yet\n{}\n"]) assert.deepEqual(yield* valueOf(text), defaults)
    })
  )

  it.effect("comments, unquoted names, single quotes and trailing commas are taken", () =>
    Effect.gen(function* () {
      const value = yield* valueOf(
        "\uFEFF{ /* a */ idleMinutes: +5, // b\n 'names': ['x', \"y\",], twilio: { port: 0x10, }, }"
      )
      assert.deepEqual(value, { ...defaults, idleMinutes: 5, names: ["x", "y"], twilio: { port: 16 } })
    })
  )

  it.effect("every problem is told at once, each with its line and its path", () =>
    Effect.gen(function* () {
      const text =
        '{\n  idleMinutes: -1,\n  names: ["a",\n    5],\n  twilio: {\n    publicUrl: "x",\n    port: "80" }\n}'
      assert.deepStrictEqual(yield* problemsOf(text), [
        "<file>, line 2, column 16, idleMinutes: Expected a positive number, actual -1",
        "<file>, line 4, column 5, names.1: Expected string, actual 5",
        '<file>, line 6, column 16, twilio.publicUrl: Expected a string starting with "https://", actual "x"',
        '<file>, line 7, column 11, twilio.port: Expected number, actual "80"'
      ])
    })
  )

  it.effect("what is to be a list or an object is called that", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* problemsOf('{ names: "a, actual b", twilio: 5 }'), [
        '<file>, line 1, column 10, names: Expected a list: [ … ], actual "a, actual b"',
        "<file>, line 1, column 33, twilio: Expected an object: { … }, actual 5"
      ])
    })
  )

  it.effect("a setting that nobody knows is refused, wherever it stands", () =>
    Effect.gen(function* () {
      const [twilio = "", top = ""] = [...(yield* problemsOf("{\n idle: 1,\n twilio: {\n  ports: 1 } }"))]
        .sort()
        .reverse()
      assert.match(twilio, /^<file>, line 4, column 10, twilio.ports: is unexpected/)
      assert.match(top, /^<file>, line 2, column 8, idle: is unexpected/)
    })
  )

  it.effect("a text that cannot be understood is told with line and column", () =>
    Effect.gen(function* () {
      for (const [text, place] of [
        ["{\n  idleMinutes: ,\n}", "<file>, line 2, column 16: "],
        ["{\n  on: true,\n  on: false }", "<file>, line 3, column 3: "],
        ['{ "__proto__": {} }', "<file>, line 1, column 3: "],
        ["{} {}", "<file>, line 1, column 4: "],
        ["", "<file>, line 1, column 1: "]
      ] as const) {
        const problems = yield* problemsOf(text)
        assert.strictEqual(problems.length, 1)
        assert.isTrue(problems[0]?.startsWith(place), problems[0])
      }
      assert.match((yield* problemsOf("[]"))[0] ?? "", /^<file>, line 1, column 1: Expected /)
    })
  )

  it.effect("the sentence names the file, whether there is one problem or several", () =>
    reading("{ idleMinutes: 0, on: 1 }", {}, (read, place) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(read)
        assert.strictEqual(error._tag, "ConfigInvalid")
        assert.strictEqual(error.message.split("\n").length, 3)
        writeFileSync(place, "{ on: 1 }")
        const one = yield* Effect.flip(read)
        assert.strictEqual(
          one.message,
          `the configuration cannot be used, correct it and try again: ${place}, line 1, column 7, on: Expected boolean, actual 1`
        )
      })
    )
  )

  it.effect("one that cannot be read is not taken for an absent one", () =>
    reading(undefined, {}, (read, place) =>
      Effect.gen(function* () {
        mkdirSync(place)
        assert.isTrue((yield* Effect.flip(read)).message.endsWith(`again: ${place}: it is not a regular file`))
      })
    )
  )
})

describe("the environment", () => {
  it("names a setting after its path", () => {
    assert.strictEqual(variableOf(["idleMinutes"]), "WARELAY_IDLE_MINUTES")
    assert.strictEqual(variableOf(["twilio", "publicUrl"]), "WARELAY_TWILIO_PUBLIC_URL")
  })

  it.effect("has the last word, setting by setting", () =>
    Effect.gen(function* () {
      const value = yield* valueOf("{ idleMinutes: 5, on: true, twilio: { port: 1 } }", {
        WARELAY_IDLE_MINUTES: "7",
        WARELAY_ON: "false",
        WARELAY_NAMES: "['a', \"b\"]",
        WARELAY_TWILIO_PUBLIC_URL: "https://relay.example.org/twilio"
      })
      assert.deepEqual(value, {
        idleMinutes: 7,
        on: false,
        names: ["a", "b"],
        twilio: { port: 1, publicUrl: "https://relay.example.org/twilio" }
      })
    })
  )

  it.effect("works without a file, and an empty variable says nothing", () =>
    Effect.gen(function* () {
      assert.deepEqual(yield* valueOf(undefined, { WARELAY_TWILIO_PORT: "1", WARELAY_IDLE_MINUTES: "" }), {
        ...defaults,
        twilio: { port: 1 }
      })
    })
  )

  it.effect("a value that is wrong names its variable, and what stands in the file is not blamed", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* problemsOf("{\n on: 1, idleMinutes: 3, twilio: { port: 2 } }", {
          WARELAY_IDLE_MINUTES: "soon",
          WARELAY_NAMES: "[1]",
          WARELAY_TWILIO_PUBLIC_URL: "ftp"
        }),
        [
          'WARELAY_IDLE_MINUTES: Expected number, actual "soon"',
          "WARELAY_NAMES: Expected string, actual 1",
          "<file>, line 2, column 6, on: Expected boolean, actual 1",
          'WARELAY_TWILIO_PUBLIC_URL: Expected a string starting with "https://", actual "ftp"'
        ]
      )
    })
  )

  it.effect("a section cannot be set as a whole, and other variables are none of ours", () =>
    Effect.gen(function* () {
      const variables = { WARELAY_TWILIO: "{ port: 1 }", IDLE_MINUTES: "1", WARELAY_NOTHING: "1" }
      assert.deepEqual(yield* valueOf("{}", variables), defaults)
    })
  )
})
