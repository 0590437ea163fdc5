import { execFileSync } from "node:child_process"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { transformSync } from "esbuild"
import { Likeness } from "./Likeness.js"
import { inLanguage, placeOf } from "./markdown.js"
import { Sandbox } from "./Sandbox.js"

const examples = inLanguage("ts").map((block, index) => ({ ...block, place: placeOf(block), name: `example${index}` }))

/** What each `console.log` is said to print. */
const promised = (text: string): string =>
  text
    .split("\n")
    .filter((line) => line.includes("console.log("))
    .map((line) => line.slice(line.lastIndexOf(" // ") + 4))
    .join("\n")

describe("a program that has the package installed", () => {
  const sandbox = new Sandbox()
  afterAll(() => sandbox.remove())
  const packages = join(sandbox.directory, "node_modules")
  mkdirSync(packages)
  symlinkSync(resolve("."), join(packages, "warelay"))
  symlinkSync(resolve("node_modules/effect"), join(packages, "effect"))
  writeFileSync(join(sandbox.directory, "package.json"), JSON.stringify({ type: "module" }))
  for (const { name, text } of examples) writeFileSync(join(sandbox.directory, `${name}.ts`), text)

  it.each(examples)("prints what $place says", ({ name, text }) => {
    const { code } = transformSync(text, { loader: "ts" })
    writeFileSync(join(sandbox.directory, `${name}.js`), code)
    const user = new Sandbox()
    const options = { encoding: "utf8", cwd: sandbox.directory, env: user.environment } as const
    const printed = execFileSync(process.execPath, [`${name}.js`], options).trimEnd()
    user.remove()
    new Likeness().compare(promised(text), printed)
  })

  it("is typed as the examples are", () => {
    const compiler = resolve("node_modules/typescript/bin/tsc")
    const types = ["--types", "node", "--typeRoots", resolve("node_modules/@types")]
    const strict = ["--strict", "--noEmit", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"]
    const files = examples.map(({ name }) => `${name}.ts`)
    assert.isNotEmpty(files)
    execFileSync(process.execPath, [compiler, ...strict, ...types, ...files], {
      cwd: sandbox.directory,
      encoding: "utf8"
    })
  })
})
