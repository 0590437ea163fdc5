import { execFileSync } from "node:child_process"
import { readFileSync, statSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"

interface Packed {
  readonly files: ReadonlyArray<{ readonly path: string }>
}
const packed = (): ReadonlyArray<string> => {
  const [report]: ReadonlyArray<Packed> = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8" })
  )
  return (report?.files ?? []).map(({ path }) => path)
}

describe("the package", () => {
  const files = packed()

  it("contains what runs, and nothing else", () => {
    const kinds =
      /^(package\.json|README\.md|LICENSE|dist\/LICENSES\.txt|dist\/bin\.cjs|dist\/command\/[\w.-]+\.cjs|dist\/(chunks\/)?[\w.-]+\.js|dist\/types\/.+\.d\.ts)$/
    assert.deepStrictEqual(
      files.filter((path) => !kinds.test(path)),
      []
    )
    for (const path of [
      "README.md",
      "LICENSE",
      "dist/bin.cjs",
      "dist/command/main.cjs",
      "dist/index.js",
      "dist/promise.js",
      "dist/types/index.d.ts",
      "dist/types/promise.d.ts"
    ]) {
      assert.include(files, path)
    }
  })

  it("has a command that the system can start", () => {
    assert.isTrue(readFileSync("dist/bin.cjs", "utf8").startsWith("#!/usr/bin/env node\n"))
    assert.strictEqual(statSync("dist/bin.cjs").mode & 0o111, 0o111)
  })

  it("has declarations that mention only what is installed with it", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"))
    const declarations = files.filter((path) => path.endsWith(".d.ts"))
    assert.isNotEmpty(declarations)
    const foreign = declarations.flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/(?:from |import\(|import )["']([^."'][^"']*)["']/g)]
        .map(([, module]) => module ?? "")
        .filter((module) => !Object.hasOwn(dependencies, module.split("/")[0] ?? ""))
        .map((module) => `${path} mentions ${module}`)
    )
    assert.deepStrictEqual(foreign, [])
  })
})
