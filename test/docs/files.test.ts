import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { extname, join, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Home from "../../src/config/Home.js"
import * as Settings from "../../src/layers/Settings.js"
import { at } from "../support/home.js"
import { inLanguage, placeOf } from "./markdown.js"
import { Sandbox } from "./Sandbox.js"

/** What the command says in a home with one file in it, at the end of all input. */
const withFile = (name: string, text: string, ...words: ReadonlyArray<string>) => {
  const sandbox = new Sandbox()
  writeFileSync(join(sandbox.home, ".clawdis", name), text)
  const result = spawnSync(sandbox.command, words, { encoding: "utf8", env: sandbox.environment, input: "" })
  sandbox.remove()
  return result
}

describe("a configuration", () => {
  it.each(inLanguage("json5").map((block) => [placeOf(block), block.text] as const))("%s is accepted", (_, text) => {
    const { status, stderr } = withFile("clawdis.json", text, "relay", "--providers", "console")
    assert.strictEqual(status, 0, stderr)
  })

  it("with a mistake is not", () => {
    assert.strictEqual(withFile("clawdis.json", "{ port: 1 }", "relay", "--providers", "console").status, 1)
  })
})

const settingsOf = (text: string) =>
  Effect.gen(function* () {
    const directory = mkdtempSync(join(tmpdir(), "warelay-docs-"))
    writeFileSync(Home.at(directory).config, text)
    yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(directory, { recursive: true })))
    const layer = Layer.provide(Settings.layer, at(directory))
    return yield* Effect.provide(Settings.Settings, layer)
  }).pipe(Effect.scoped, Effect.withConfigProvider(ConfigProvider.fromMap(new Map())))

/** The names of all settings in a configuration, those in sections too. */
const namesIn = (settings: object): ReadonlyArray<string> =>
  Object.entries(settings).flatMap(([name, value]) => [
    name,
    ...(Predicate.isRecord(value) && !("_tag" in value) ? namesIn(value) : [])
  ])

describe("the defaults", () => {
  const [defaults, ...others] = inLanguage("json5").filter(({ label }) => label === "defaults")
  const text = defaults?.text ?? ""

  it.effect("are those that the program has", () =>
    Effect.gen(function* () {
      assert.isEmpty(others)
      assert.deepStrictEqual(yield* settingsOf(text), yield* settingsOf("{}"))
    })
  )

  it.effect("are listed for every setting", () =>
    Effect.gen(function* () {
      const names = namesIn(yield* settingsOf("{}"))
      assert.include(names, "sessionArguments")
      assert.deepStrictEqual(
        names.filter((name) => !new RegExp(`\\b${name}:`).test(text)),
        []
      )
    })
  )
})

describe("the files in the home", () => {
  it("are all listed with what is in them", () => {
    const { directory, ...files } = Home.at("/home")
    const listed =
      /\*\*Files\.\*\*[^]*?\n\n([^]*?)\n\n/.exec(readFileSync("docs/session-sharing.md", "utf8"))?.[1] ?? ""
    const named = (file: string) =>
      [`${file}`, `${file}/`, `…${extname(file)}`].some((name) => listed.includes(`\`${name}\``))
    assert.deepStrictEqual(
      Object.values(files)
        .map((file) => relative(directory, file))
        .filter((file) => !named(file)),
      []
    )
  })
})

describe("an identity map", () => {
  it.each(inLanguage("json").map((block) => [placeOf(block), block.text] as const))("%s is accepted", (_, text) => {
    const { status, stderr, stdout } = withFile("identity-map.json", text, "identity", "list", "--json")
    assert.strictEqual(status, 0, stderr)
    assert.deepStrictEqual(JSON.parse(stdout), Object.values(JSON.parse(text).mappings))
  })
})
