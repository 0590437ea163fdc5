import { assert, describe, it } from "@effect/vitest"
import { ESLint } from "eslint"

const eslint = new ESLint()

/** What the linter says about a text as if it stood in this file. */
const lint = async (filePath: string, text: string) => {
  const [result] = await eslint.lintText(text, { filePath })
  return (result?.messages ?? []).map(({ message }) => message)
}

const source = "src/storage/Planted.ts"

describe("in src", () => {
  it.each([
    ["any", "export const x = (y: any): void => y", "No `any`"],
    ["a cast", "export const x = {} as string", "No type assertion"],
    ["a cast in angle brackets", "export const x = <string>JSON.parse('')", "No type assertion"],
    ["a non-null assertion", "export const x = (y?: string) => y!", "Option.fromNullable"],
    ["a definite assignment", "export let x!: string", "initialise it"],
    ["an async function", "export const x = async () => 1", "Effect.fn"],
    ["an async method", "export class X { async y() {} }", "Effect.fn"],
    ["await", "export const x = await Promise.resolve(1)", "yield*"],
    ["try", "export const x = () => { try { return 1 } finally {} }", "Effect.try"],
    ["Date", "export const x = Date.now()", "Clock"],
    ["Date as a type", "export const x = (y: Date) => y", "Clock"],
    ["Date behind globalThis", "export const x = new globalThis.Date()", "as a service"],
    ["setTimeout", "setTimeout(() => {}, 1)", "Effect.sleep"],
    ["Math.random", "export const x = Math.random()", "Random service"],
    ["Math.random, taken apart", "export const { random } = Math", "Random service"],
    ["console", "console.log(1)", "Console.log"],
    ["process", "export const x = process.env", "src/bin.ts"],
    ["process, imported", 'export { env } from "node:process"', "src/bin.ts"],
    ["a barrel", 'import { Effect } from "effect"\nexport const x = Effect.void', "No barrel"],
    ["a barrel, exported", 'export * from "@effect/platform"', "No barrel"],
    ["a barrel, loaded late", 'export const x = () => import("@effect/platform-node")', "No barrel"],
    ["a barrel, in a type", 'export type X = import("effect").Effect.Effect<1>', "No barrel"],
    ["names out of Effect", 'import { gen } from "effect/Effect"\nexport const x = gen', "import * as Effect"],
    ["Effect.Service", "export class X extends Effect.Service<X>()('X', {}) {}", "Context.Tag"],
    ["a run", "export const x = Effect.runPromise(y)", "at the edge"],
    ["the command line", 'import * as Command from "@effect/cli/Command"\nexport const x = Command', "src/cli"],
    ["ts-expect-error", "// @ts-expect-error: no\nexport const x = 1", "ts-expect-error"]
  ])("%s is reported, with what to write instead", async (_, text, instead) => {
    const messages = await lint(source, text)
    assert.strictEqual(messages.length, 1, messages.join("\n"))
    assert.include(messages[0], instead)
  })

  it("what is allowed is not reported", async () => {
    const text = `
      import * as Effect from "effect/Effect"
      import * as FileSystem from "@effect/platform/FileSystem"
      import { pipe } from "effect/Function"
      import * as Schema from "effect/Schema"
      export const order = ["a", "b"] as const
      export const x = { Date: Schema.Date, try: 1 } satisfies object
      export const y = Effect.try({ try: (): unknown => JSON.parse(""), catch: () => 1 })
      export const z = (self: { process: string; console: Promise<void> }) => pipe(self.process, FileSystem.Size)
    `
    assert.deepStrictEqual(await lint(source, text), [])
  })

  it("a comment cannot switch a rule off", async () => {
    const messages = await lint(source, "// eslint-disable-next-line\nexport const x = (y: any): void => y")
    assert.isTrue(messages.some((message) => message.startsWith("No `any`")))
  })

  it.each([
    ["src/bin.ts", "export const x = Effect.runPromise(process.argv)"],
    ["src/promise.ts", "export const x = (): Promise<1> => Effect.runPromise(y)"],
    ["src/channels/x/X.ts", "export const x = Runtime.runFork(runtime)"],
    ["src/cli/X.ts", 'import * as Command from "@effect/cli/Command"\nexport const x = Command']
  ])("%s may do what it is there for", async (path, text) => {
    assert.deepStrictEqual(await lint(path, text), [])
  })

  it("not even the faces of the library are async", async () => {
    assert.lengthOf(await lint("src/promise.ts", "export const x = async () => 1"), 1)
  })
})

describe("in test", () => {
  it.each([
    "it.only('x', () => {})",
    "it.skip('x', () => {})",
    "it.effect.only('x', () => {})",
    "it.scoped.skip('x', () => {})",
    "describe.only('x', () => {})",
    "describe.skip('x', () => {})",
    "it.todo('x')",
    "it('x', { skip: true }, () => {})",
    "it.effect('x', () => {}, { only: true })"
  ])("%s is reported", async (text) => {
    assert.lengthOf(await lint("test/storage/Planted.test.ts", text), 1)
  })
})
