import { spawnSync } from "node:child_process"
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { join, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { bin, mapping, mapText, pair } from "../cli/command.js"
import { directory } from "../support/home.js"
import { record } from "./figures.js"

/** To root, no mode is in the way, so root tries it as nobody, if nobody can run the command. */
const nobody = { uid: 65534, gid: 65534 }
const canBeNobody =
  process.getuid?.() === 0 && spawnSync(process.execPath, [bin, "--version"], { ...nobody, env: {} }).status === 0
const user = canBeNobody ? nobody : {}

/** A directory that belongs to whoever the command runs as. */
const own = Effect.tap(directory, (path) =>
  Effect.sync(() => {
    if (canBeNobody) chownSync(path, nobody.uid, nobody.gid)
  })
)

/** Lets the user make something, or puts it there for the user. */
const given = (path: string): void => {
  if (canBeNobody) chownSync(path, nobody.uid, nobody.gid)
}

const run = (mask: string, home: string, args: ReadonlyArray<string>, variables: Record<string, string> = {}) => {
  const { status, stderr, stdout } = spawnSync(
    "sh",
    ["-c", 'umask "$0"; exec "$@"', mask, process.execPath, bin, ...args],
    {
      ...user,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: join(home, ".."), WARELAY_HOME: home, ...variables }
    }
  )
  assert.strictEqual(status, 0, `${args.join(" ")} under ${mask}: ${stderr}`)
  return stdout
}

const other = ["identity", "link", "--whatsapp", "+1999999999", "--telegram", "@jane"]
const ask = (message: string) => ["agent", "--to", "telegram:@john", "--message", message]
const echo = { WARELAY_AGENT_ECHO: "true" }
const program = { WARELAY_AGENT_COMMAND: '["sh", "-c", "cat"]', WARELAY_AGENT_OUTPUT: "text" }

/** Everything that the product makes, made twice over. */
const use = (mask: string, home: string): void => {
  run(mask, home, pair)
  run(mask, home, other)
  run(mask, home, ask("One"), echo)
  run(mask, home, ask("Two"), echo)
  run(mask, home, ask("Three"), program)
}

/** All that stands in a directory, and the directory itself, by path from there. */
const everythingIn = (home: string): ReadonlyArray<string> => [
  "",
  ...readdirSync(home, { recursive: true, encoding: "utf8" })
]

const modes = (home: string) =>
  everythingIn(home).map((path) => {
    const stats = lstatSync(join(home, path))
    return { path, directory: stats.isDirectory(), mode: (stats.mode & 0o7777).toString(8) }
  })

const masks = ["000", "022", "027", "077", "0777"]

describe.each(masks)(`under the umask %s, ${canBeNobody ? "for a user like any other" : "for this user"}`, (mask) => {
  it.scopedLive("files are 0600 and directories 0700, all that there are", () =>
    Effect.gen(function* () {
      const home = join(yield* own, "deep", "home")
      use(mask, home)
      const found = modes(home)
      assert.deepStrictEqual(
        found.filter(({ directory, mode }) => mode !== (directory ? "700" : "600")),
        []
      )
      assert.strictEqual((lstatSync(join(home, "..")).mode & 0o7777).toString(8), "700")
      const kinds = new Set(
        found.map(({ path }) => path.replace(/[0-9a-f-]{36}/, "<session>").replace(/[0-9a-f]{4}\.lock/, "<lock>"))
      )
      const conversation = "echo/<session>.json"
      for (const file of ["identity-map.json", "sessions.json", conversation]) {
        for (const one of [file, `${file}.lock`, `${file}.bak`]) assert.isTrue(kinds.has(one), one)
      }
      for (const path of ["agent", "locks", "locks/<lock>", "echo"]) assert.isTrue(kinds.has(path), path)
      assert.match(run(mask, home, ["identity", "doctor"]), /^Nothing is wrong in /)
      record("D10", { files: found.length })
    })
  )

  it.scopedLive("a file that was wider is not, when it has been changed", () =>
    Effect.gen(function* () {
      const home = join(yield* own, "home")
      mkdirSync(home, { mode: 0o700 })
      given(home)
      const map = join(home, "identity-map.json")
      writeFileSync(map, mapText(mapping("shared-abc-123")))
      given(map)
      chmodSync(map, 0o666)
      run(mask, home, other)
      assert.strictEqual(lstatSync(map).mode & 0o7777, 0o600)
    })
  )
})

describe("a symbolic link stays one", () => {
  const isLinkTo = (path: string, target: string): void => {
    assert.isTrue(lstatSync(path).isSymbolicLink(), path)
    assert.strictEqual(readlinkSync(path), target)
  }
  /** Only links, and what stands beside the real files. */
  const names = (path: string) => readdirSync(path).sort()

  for (const [what, prepare] of [
    ["a directory", (target: string) => mkdirSync(target, { mode: 0o700 })],
    ["nothing yet", () => {}]
  ] as const) {
    it.scopedLive(`the home, to ${what}`, () =>
      Effect.gen(function* () {
        const above = yield* own
        const [home, target] = [join(above, "home"), join(above, "elsewhere")]
        prepare(target)
        if (existsSync(target)) given(target)
        symlinkSync("elsewhere", home)
        use("022", home)
        isLinkTo(home, "elsewhere")
        assert.isFalse(lstatSync(target).isSymbolicLink())
        assert.deepStrictEqual(
          modes(target).filter(({ directory, mode }) => mode !== (directory ? "700" : "600")),
          []
        )
        assert.include(readFileSync(join(target, "identity-map.json"), "utf8"), "@jane")
        record("D10", { links: 1 })
      })
    )
  }

  for (const [what, prepare] of [
    [
      "a file",
      (target: string) =>
        writeFileSync(target, mapText(mapping("shared-abc-123", { identities: { telegram: "7" } })), { mode: 0o600 })
    ],
    ["nothing yet", () => {}]
  ] as const) {
    it.scopedLive(
      `the identity map, over another link, to ${what}; lock and earlier version are beside the real one`,
      () =>
        Effect.gen(function* () {
          const above = yield* own
          const [home, data] = [join(above, "home"), join(above, "data")]
          for (const path of [home, data]) {
            mkdirSync(path, { mode: 0o700 })
            given(path)
          }
          const target = join(data, "real.json")
          prepare(target)
          if (existsSync(target)) given(target)
          symlinkSync("real.json", join(data, "link.json"))
          symlinkSync(relative(home, join(data, "link.json")), join(home, "identity-map.json"))
          run("022", home, pair)
          run("022", home, other)
          isLinkTo(join(home, "identity-map.json"), "../data/link.json")
          isLinkTo(join(data, "link.json"), "real.json")
          assert.include(readFileSync(target, "utf8"), "@jane")
          assert.notInclude(readFileSync(`${target}.bak`, "utf8"), "@jane")
          const beside = ["link.json", "real.json", "real.json.bak", "real.json.lock"]
          assert.deepStrictEqual(
            names(data).filter((name) => !name.includes("journal")),
            beside
          )
          assert.deepStrictEqual(
            names(home).filter((name) => !name.includes("journal")),
            ["identity-map.json"]
          )
          for (const name of beside) assert.strictEqual(statSync(join(data, name)).mode & 0o7777, 0o600, name)
          record("D10", { links: 1 })
        })
    )
  }
})
