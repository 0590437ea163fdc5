import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"

/** What a guard says about a project that has just these files. */
const guard = (name: string, files: Record<string, string>) => {
  const root = mkdtempSync(join(tmpdir(), "warelay-guard-"))
  mkdirSync(join(root, "src"))
  mkdirSync(join(root, "test"))
  symlinkSync(resolve("node_modules"), join(root, "node_modules"))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const script = resolve(`test/guards/${name}.mjs`)
  const { status, stderr } = spawnSync(process.execPath, [script], { cwd: root, encoding: "utf8" })
  rmSync(root, { recursive: true })
  return { status, lines: stderr.trim().split("\n") }
}

const clean = {
  "src/bin.ts": 'import "./cli/Run.js"',
  "src/cli/Run.ts": 'export const run = () => import("../storage/Read.js")',
  "src/storage/Read.ts": "export const read = 1"
}

describe("imports", () => {
  it("that point downwards pass, and are counted", () => {
    assert.deepStrictEqual(guard("imports", clean), {
      status: 0,
      lines: ["imports: 3 files looked at, of 3 at least; 0 problems"]
    })
  })

  it("are not taken for clean when there are none", () => {
    assert.strictEqual(guard("imports", {}).status, 1)
  })

  const planted = guard("imports", {
    ...clean,
    "src/storage/Up.ts": 'import type { run } from "../cli/Run.js"\nexport type Up = typeof run',
    "src/storage/There.ts": 'import "./Back.js"',
    "src/storage/Back.ts": 'import "./There.js"',
    "src/storage/Gone.ts": 'import "./Nowhere.js"',
    "src/storage/Lost.ts": "export const lost = 1",
    "src/storage/Tested.ts": 'import "../../test/Test.js"',
    "test/Test.ts": "export {}",
    "src/index.ts": 'export { run } from "./cli/Run.js"',
    "src/cli/Again.ts": 'import "../bin.js"',
    "src/attic/Box.ts": 'import "../storage/Read.js"',
    "src/cli/Attic.ts": 'import "../attic/Empty.js"',
    "src/attic/Empty.ts": "export {}",
    "src/channels/Wire.ts": 'import "../identity/IdentityMap.js"',
    "src/identity/IdentityMap.ts": "export {}"
  })

  it.each([
    ["upwards, even of a type", "src/storage/Up.ts → src/cli/Run.ts: storage-downwards"],
    ["in a circle", "src/storage/Back.ts → src/storage/There.ts → src/storage/Back.ts: no-cycles"],
    ["of what is not there", "src/storage/Gone.ts → ./Nowhere.js: resolvable"],
    ["of nothing, by nobody", "src/storage/Lost.ts: no-orphans"],
    ["of a test", "src/storage/Tested.ts → test/Test.ts: no-tests-in-src"],
    ["of the commands by the library", "src/index.ts → src/cli/Run.ts: index-downwards"],
    ["of a door", "src/cli/Again.ts → src/bin.ts: no-way-in-by-a-door"],
    ["by a room without a floor", "src/attic/Box.ts → src/storage/Read.ts: every-file-in-a-room"],
    ["of a room without a floor", "src/cli/Attic.ts → src/attic/Empty.ts: every-import-from-a-room"],
    ["of the map by a channel", "src/channels/Wire.ts → src/identity/IdentityMap.ts: channels-know-no-map"]
  ])("%s are reported", (_, finding) => {
    assert.lengthOf(
      planted.lines.filter((line) => line.startsWith(`${finding}. `)),
      1,
      planted.lines.join("\n")
    )
    assert.strictEqual(planted.status, 1)
  })
})

describe("Effect's diagnostics", () => {
  const project = (plugins: ReadonlyArray<object>) => ({
    "package.json": JSON.stringify({ type: "module" }),
    "tsconfig.json": JSON.stringify({
      compilerOptions: { module: "NodeNext", strict: true, skipLibCheck: true, noEmit: true, types: [], plugins },
      include: ["src"]
    }),
    "src/Lost.ts": 'import * as Effect from "effect/Effect"\nexport const lost = () => {\n  Effect.log("lost")\n}'
  })

  it("report an effect that nobody runs", () => {
    const { status, lines } = guard("diagnostics", project([{ name: "@effect/language-service" }]))
    assert.include(lines[0], "src/Lost.ts:3:3: error floatingEffect.")
    assert.strictEqual(status, 1)
  })

  it("fail when the tsconfig does not ask for them", () => {
    assert.deepStrictEqual(guard("diagnostics", project([])), {
      status: 1,
      lines: ["Effect diagnostics: 0 files looked at, of 1 at least; 0 problems"]
    })
  })
})
