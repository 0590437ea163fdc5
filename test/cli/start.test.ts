import { execFile, spawnSync } from "node:child_process"
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { bin, mapping, mapText, pair } from "./command.js"
import { makePipe } from "../support/pipe.js"

const chunks = fileURLToPath(new URL("../../dist/command/", import.meta.url))
const { version } = JSON.parse(readFileSync("package.json", "utf8"))

const notRoot = process.getuid?.() !== 0

let own = ""
beforeEach(() => {
  own = mkdtempSync(join(tmpdir(), "warelay start-"))
})
afterEach(() => {
  rmSync(own, { recursive: true, force: true })
})

type Environment = Readonly<Record<string, string | undefined>>
const environment = (more: Environment = {}) => ({ PATH: process.env["PATH"], HOME: own, ...more })

const run = (args: ReadonlyArray<string>, more: Environment = {}, program = bin) =>
  spawnSync(process.execPath, [program, ...args], {
    env: environment(more),
    cwd: own,
    encoding: "utf8",
    timeout: 60_000
  })

const list = ["identity", "list", "--json"]

const root = () => join(own, ".cache", "warelay")
const kept = (): string => join(root(), readdirSync(root())[0] ?? "")

const saysVersion = (expected: string, more: Environment = {}) => {
  const { status, stderr, stdout } = run(["--version"], more)
  assert.deepStrictEqual({ status, stderr, stdout }, { status: 0, stderr: "", stdout: `${expected}\n` })
}

/** Another program of the same length, as V8 made it: whoever trusts it gives another version as ours. */
const other = "9".repeat(version.length)
const forge = (file: string) => {
  const script = `
    const { readFileSync, writeFileSync } = require("node:fs")
    const source = readFileSync(process.argv[1], "latin1").replaceAll('"${version}"', '"${other}"')
    const wrapped = \`(function (exports, require, module, __filename, __dirname) { \${source}\\n})\`
    const data = new (require("node:vm").Script)(wrapped).createCachedData()
    writeFileSync(process.argv[2], Buffer.concat([data, data]))`
  const { status, stderr } = spawnSync(process.execPath, ["-e", script, join(chunks, "main.cjs"), file])
  assert.strictEqual(status, 0, String(stderr))
}

describe("what a command loads", () => {
  /** The chunks that a command line loads, the modules in these, and the modules of Node's. */
  const loadedBy = (args: ReadonlyArray<string>, program = bin) => {
    const spy = join(own, "spy.cjs")
    const report = join(own, "report.json")
    const code = `
      const fs = require("node:fs")
      const { openSync, writeFileSync } = fs
      const read = new Set()
      fs.openSync = (file, ...rest) => (read.add(file), openSync(file, ...rest))
      process.on("exit", () => {
        const files = [...read, ...Object.keys(require.cache)].filter((file) => typeof file === "string")
        writeFileSync(${JSON.stringify(report)}, JSON.stringify({ files, node: process.moduleLoadList }))
      })`
    writeFileSync(spy, code)
    const { status, stderr } = spawnSync(process.execPath, ["--require", spy, program, ...args], { env: environment() })
    assert.strictEqual(status, 0, String(stderr))
    const { files, node }: Record<"files" | "node", ReadonlyArray<string>> = JSON.parse(readFileSync(report, "utf8"))
    // What the bundler puts beside them has a few lines.
    const ours = files.filter((file) => file.startsWith(chunks) && !basename(file).startsWith("rolldown-runtime"))
    const loaded = Array.from(new Set(ours))
    const modules = loaded.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/^\/\/ (?:#region )?(\S+\.[cm]?[jt]s)$/gm)].map(([, path]) => path ?? "")
    )
    return { chunks: loaded.map((file) => basename(file)), modules, node }
  }

  beforeEach(() => {
    mkdirSync(join(own, ".clawdis"))
    writeFileSync(join(own, ".clawdis", "identity-map.json"), mapText(mapping("shared-00000000-00000001")))
  })

  it("of the rooms above identities, `identity list` loads only their names", () => {
    const { modules } = loadedBy(list)
    const rooms = modules.filter((path) => /^src\/(relay|channels|agent|layers)\//.test(path)).sort()
    assert.deepStrictEqual(rooms, ["src/channels/ChannelName.ts", "src/layers/reading.ts", "src/layers/storage.ts"])
    assert.include(modules, "src/identity/IdentityMapText.ts")
  })

  it("of the packages, `identity list --json` loads the parser and Effect, and nothing for channels or for tables", () => {
    const { modules } = loadedBy(list)
    const packages = modules.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "")
    assert.deepStrictEqual([...new Set(packages)].filter((name) => name !== "").sort(), [
      "@effect/cli",
      "@effect/platform",
      "effect"
    ])
  })

  it("of Node, `identity list` loads nothing that an empty script does not, but what tells the home and takes compiled code", () => {
    const empty = join(own, "empty.cjs")
    writeFileSync(empty, "")
    assert.strictEqual(run(list).status, 0)
    const more = new Set(loadedBy(list).node)
    for (const name of loadedBy([], empty).node) more.delete(name)
    const modules = [...more].filter((name) => name.startsWith("NativeModule "))
    // From 22 on, what Node has for directories is apart from its other calls of the file system.
    const apart = Number(process.versions.node.split(".")[0]) >= 22 ? ["NativeModule internal/fs/dir"] : []
    assert.deepStrictEqual(modules.sort(), [...apart, "NativeModule os", "NativeModule vm"])
  })

  it("is no schema, where nothing is wrong with what it reads", () => {
    for (const line of [list, [...pair, "--json"]]) {
      const { modules } = loadedBy(line)
      assert.deepStrictEqual(
        modules.filter((path) => /^[^\\].*(Schema|SchemaAST|ParseResult)\.[jt]s$/.test(path)),
        [],
        line.join(" ")
      )
    }
  })

  it("what comes as a table takes more", () => {
    assert.include(loadedBy(["identity", "list"]).modules, "src/cli/render/columns.ts")
  })

  it("is in two files for `identity list --json`: what all need, and what looks at the map", () => {
    const { chunks } = loadedBy(list)
    assert.deepStrictEqual(
      chunks.map((name) => name.replace(/-.*/, "")),
      ["main.cjs", "reading"]
    )
  })

  it("is in one more for a command that changes the map: what decides, with locks; none puts questions to people", () => {
    const { chunks, modules } = loadedBy([...pair, "--json"])
    assert.lengthOf(chunks, 3)
    assert.include(modules, "src/identity/Plan.ts")
    const asking = modules.filter((path) => /^[^\\].*@effect\/cli\/.*\/prompt\/(date|file|select|text)\.js$/.test(path))
    assert.deepStrictEqual(asking, [])
  })

  it("is text of one byte a character", () => {
    for (const name of readdirSync(chunks)) assert.match(readFileSync(join(chunks, name), "utf8"), /^[\0-\x7f]*$/, name)
  })

  it("is told by its names and lines if it fails", () => {
    const spy = join(own, "spy.cjs")
    writeFileSync(spy, "Intl.RelativeTimeFormat = undefined")
    const env = environment()
    const { status, stderr } = spawnSync(process.execPath, ["--require", spy, bin, "identity", "list"], { env })
    assert.strictEqual(status, 70)
    assert.match(String(stderr), /at wording \(.*command\/time-.*\.cjs:\d+:\d+\)/)
  })
})

describe("the compiled code of a command", () => {
  it("is kept for its user alone, and not in the home", () => {
    assert.strictEqual(run(list).status, 0)
    assert.deepStrictEqual(readdirSync(own), [".cache"])
    for (const path of [root(), kept()]) assert.strictEqual(statSync(path).mode & 0o777, 0o700, path)
    const names = readdirSync(kept())
    assert.include(names, "identity.list.main.cjs")
    for (const name of names) assert.strictEqual(statSync(join(kept(), name)).mode & 0o777, 0o600, name)
  })

  it("is kept once, where $XDG_CACHE_HOME says", () => {
    const caches = join(own, "caches")
    const env = { XDG_CACHE_HOME: caches, WARELAY_HOME: join(own, "home") }
    assert.strictEqual(run(list, env).status, 0)
    assert.deepStrictEqual(readdirSync(own), ["caches"])
    const seen = () =>
      readdirSync(caches, { recursive: true, encoding: "utf8" }).map((name) => {
        const { ino, mtimeMs } = statSync(join(caches, name))
        return { name, ino, mtimeMs }
      })
    const first = seen()
    assert.strictEqual(run(list, env).status, 0)
    assert.deepStrictEqual(seen(), first)
  })

  it("is kept in the home's usual place if $XDG_CACHE_HOME is relative", () => {
    saysVersion(version, { XDG_CACHE_HOME: "caches" })
    assert.include(readdirSync(kept()), "main.cjs")
  })

  it("is what runs the next time", () => {
    saysVersion(version)
    forge(join(kept(), "main.cjs"))
    saysVersion(other)
  })

  it("is another for another command", () => {
    saysVersion(version)
    run(list)
    run(["identity", "--help"])
    const mains = readdirSync(kept()).filter((name) => name.endsWith("main.cjs"))
    assert.deepStrictEqual(mains.sort(), ["identity.list.main.cjs", "main.cjs"])
  })

  it("is not kept of a line that was refused, whatever it said", () => {
    assert.strictEqual(run(["identity", "lost"]).status, 2)
    assert.isFalse(existsSync(root()))
  })

  it("is neither kept nor used if NODE_DISABLE_COMPILE_CACHE is set", () => {
    const off = { NODE_DISABLE_COMPILE_CACHE: "1" }
    saysVersion(version, off)
    assert.isFalse(existsSync(root()))
    saysVersion(version)
    forge(join(kept(), "main.cjs"))
    saysVersion(version, off)
  })

  const distrusted: ReadonlyArray<readonly [string, (file: string) => void]> = [
    ["it can be written by others", (file) => chmodSync(file, 0o622)],
    ["its directory can be written by others", () => chmodSync(kept(), 0o777)],
    ["the directory above can be written by others", () => chmodSync(root(), 0o770)],
    ["it is a link", (file) => (renameSync(file, join(own, "real")), symlinkSync(join(own, "real"), file))],
    [
      "its directory is a link",
      () => {
        const at = kept()
        renameSync(at, join(own, "real"))
        symlinkSync(join(own, "real"), at)
      }
    ],
    ["the command is younger", (file) => utimesSync(file, 0, 0)],
    ["it is a pipe", (file) => (rmSync(file), makePipe(file))]
  ]
  it.each(distrusted)("is not used if %s", (_, act) => {
    saysVersion(version)
    const file = join(kept(), "main.cjs")
    forge(file)
    act(file)
    saysVersion(version)
  })

  // To give a file to somebody else takes a superuser.
  const given: typeof distrusted = [
    ["it is", (file) => chownSync(file, 12_345, 12_345)],
    ["its directory is", () => chownSync(kept(), 12_345, 12_345)],
    ["the directory above is", () => chownSync(root(), 12_345, 12_345)]
  ]
  const another = notRoot ? " (skipped: only root can give files away)" : ""
  it.skipIf(notRoot).each(given)(`is not used if %s another user's${another}`, (_, give) => {
    saysVersion(version)
    const file = join(kept(), "main.cjs")
    forge(file)
    give(file)
    saysVersion(version)
  })

  it.each([
    ["is damaged", (data: Buffer) => data.map((byte, at) => (at === 100_000 ? byte ^ 1 : byte))],
    ["is nothing but zeros", (data: Buffer) => data.fill(0)],
    ["ends too early", (data: Buffer) => data.subarray(0, data.length / 2)],
    ["is empty", () => Buffer.alloc(0)]
  ])("is made anew if what was kept %s", (_, spoil) => {
    saysVersion(version)
    const file = join(kept(), "main.cjs")
    const whole = readFileSync(file)
    writeFileSync(file, spoil(whole))
    saysVersion(version)
    assert.isAbove(readFileSync(file).length, whole.length / 2)
    forge(file)
    saysVersion(other)
  })

  it("is removed when another build's is kept, and nothing else is", () => {
    const old = [`${"0".repeat(64)}-v20.0.0-x64`, `${"a".repeat(64)}-v18.20.0-arm64`]
    for (const name of [...old, "notes"]) mkdirSync(join(root(), name), { recursive: true })
    chmodSync(root(), 0o700)
    assert.strictEqual(run(list).status, 0)
    const left = readdirSync(root())
    assert.include(left, "notes")
    assert.lengthOf(left, 2)
  })

  it("is kept whole by several at once", async () => {
    const runs = Array.from({ length: 4 }, () =>
      promisify(execFile)(process.execPath, [bin, "--version"], { env: environment() })
    )
    for (const { stderr, stdout } of await Promise.all(runs)) {
      assert.deepStrictEqual({ stderr, stdout }, { stderr: "", stdout: `${version}\n` })
    }
    const names = readdirSync(kept())
    assert.deepStrictEqual(
      names.filter((name) => !name.endsWith(".cjs")),
      []
    )
    const { ino } = statSync(join(kept(), "main.cjs"))
    saysVersion(version)
    assert.strictEqual(statSync(join(kept(), "main.cjs")).ino, ino)
  })
})

describe("a command starts all the same", () => {
  it.each<readonly [string, () => Environment]>([
    ["where nothing can be kept", () => ({ XDG_CACHE_HOME: "/dev/null" })],
    ["where even a superuser cannot write", () => ({ XDG_CACHE_HOME: "/proc/self" })],
    ["where a file stands in the way", () => (writeFileSync(join(own, ".cache"), ""), {})],
    [
      "where nobody may write",
      () => {
        mkdirSync(root(), { recursive: true })
        chmodSync(root(), 0o500)
        return {}
      }
    ],
    ["with a home that is no path", () => ({ HOME: "" })],
    [
      "with relative paths, and leaves them alone",
      () => (mkdirSync(join(own, "home")), { HOME: "home", XDG_CACHE_HOME: "home" })
    ]
  ])("%s", (_, prepare) => {
    saysVersion(version, prepare())
    if (existsSync(join(own, "home"))) assert.deepStrictEqual(readdirSync(join(own, "home")), [])
  })

  it("without a home", () => {
    // A line that is refused: what is kept would go to the home of whoever runs this.
    const { status, stderr } = run(["identity", "lost"], { HOME: undefined })
    assert.strictEqual(status, 2)
    assert.include(stderr, "is no command")
  })

  it("through a link, and from a directory with spaces", () => {
    const dist = join(own, "some where", "dist")
    cpSync(fileURLToPath(new URL("../../dist", import.meta.url)), dist, { recursive: true })
    const link = join(own, "war elay")
    symlinkSync(join(dist, "bin.cjs"), link)
    for (const _ of ["first", "second"]) {
      const { status, stderr, stdout } = run(list, {}, link)
      assert.deepStrictEqual({ status, stderr, stdout }, { status: 0, stderr: "", stdout: "[]\n" })
    }
  })

  /** A copy of the program, beside which the locks' module has its part for this machine where it is told to. */
  const withLocks = (place: (prebuilds: string, host: string) => void): string => {
    const modules = join(own, "node_modules")
    const locks = join(modules, "fs-native-extensions")
    const real = realpathSync(fileURLToPath(new URL("../../node_modules", import.meta.url)))
    const host = `${process.platform}-${process.arch}`
    mkdirSync(join(locks, "prebuilds"), { recursive: true })
    for (const name of ["package.json", "index.js", "binding.js", join("prebuilds", host)]) {
      cpSync(join(real, "fs-native-extensions", name), join(locks, name), { recursive: true })
    }
    symlinkSync(join(real, "require-addon"), join(modules, "require-addon"))
    cpSync(fileURLToPath(new URL("../../dist", import.meta.url)), join(own, "dist"), { recursive: true })
    place(join(locks, "prebuilds"), host)
    return join(own, "dist", "bin.cjs")
  }

  it("with its locks elsewhere in their package than where they are nearly always", () => {
    const program = withLocks((prebuilds, host) => {
      const { version } = JSON.parse(readFileSync(join(prebuilds, "..", "package.json"), "utf8"))
      const usual = join(prebuilds, host, "fs-native-extensions.node")
      renameSync(usual, join(prebuilds, host, `fs-native-extensions@${version}.node`))
    })
    const { status, stderr, stdout } = run([...pair, "--json"], {}, program)
    assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
    assert.match(stdout, /"id": "shared-/)
    assert.strictEqual(JSON.parse(run(list, {}, program).stdout).length, 1)
  })

  it("without its configuration, which is not asked for what is set to nothing", () => {
    const { status, stderr } = run([...pair, "--json"], { WARELAY_MAX_IDENTITIES: "", WARELAY_LOG_LEVEL: "loud" })
    assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
    assert.strictEqual(run([...pair, "--json"], { WARELAY_MAX_IDENTITIES: "3", WARELAY_LOG_LEVEL: "loud" }).status, 1)
  })

  it("without its locks, and then changes nothing and says why", () => {
    const program = withLocks((prebuilds) => rmSync(prebuilds, { recursive: true }))
    assert.strictEqual(run(list, {}, program).status, 0)
    const { status, stderr, stdout } = run([...pair, "--json"], {}, program)
    assert.deepStrictEqual({ status, stdout }, { status: 1, stdout: "" })
    assert.match(
      stderr,
      /^error: .* \(fs-native-extensions\) is missing.* nothing was changed\. Install warelay again.*\n$/
    )
    assert.isFalse(existsSync(join(own, ".clawdis", "identity-map.json")))
  })
})
