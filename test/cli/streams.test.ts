import { spawn, spawnSync } from "node:child_process"
import { accessSync, chmodSync, constants, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answerOf, bin, mapping, mapText, pair, program, refusalOf, type User, user } from "./command.js"

const node = `'${process.execPath}' '${bin}'`

const succeeds = (command: string, ...args: ReadonlyArray<string>): boolean =>
  spawnSync(command, [...args], { stdio: "ignore" }).status === 0

/** A shell line, in which `warelay` is the product. */
const shell = ({ env, directory }: User, line: string) =>
  program("bash", ["-c", line.replaceAll("warelay", node)], { env, cwd: directory })

const mappings = Array.from({ length: 10_000 }, (_, index) =>
  mapping(`shared-${String(index).padStart(8, "0")}-00000000`, {
    identities: { whatsapp: `+1${2_000_000_000 + index}`, telegram: `@user${index}` }
  })
)

describe("a pipe", () => {
  it.live("a reader that has seen enough is no failure", () =>
    Effect.gen(function* () {
      const someone = yield* user
      someone.write("identity-map.json", mapText(...mappings))
      const list = yield* shell(someone, "warelay identity list | head -1; echo ${PIPESTATUS[@]} >&2")
      assert.match(list.stdout, /^ID .* ACCOUNTS\n$/)
      assert.strictEqual(list.stderr, "0 0\n")
      const json = yield* shell(someone, "warelay identity list --json | true; echo ${PIPESTATUS[@]} >&2")
      assert.strictEqual(json.stderr, "0 0\n")
    }).pipe(Effect.scoped)
  )

  it.live("a slow reader gets all of it", () =>
    Effect.gen(function* () {
      const someone = yield* user
      someone.write("identity-map.json", mapText(...mappings))
      const { stdout } = yield* shell(someone, "warelay identity list --json | (sleep 0.7; cat)")
      assert.deepStrictEqual(JSON.parse(stdout), mappings)
    }).pipe(Effect.scoped)
  )

  it.live("nobody who reads the errors changes nothing about the status", () =>
    Effect.gen(function* () {
      const someone = yield* user
      for (const [line, status] of [
        ["identity list", 0],
        ["identity show x", 1],
        ["identity lst", 2]
      ] as const) {
        const gone = yield* shell(someone, `warelay ${line} 2>&1 >/dev/null | true; echo \${PIPESTATUS[0]}`)
        assert.deepStrictEqual([gone.stdout, gone.stderr], [`${status}\n`, ""])
        const closed = yield* shell(someone, `warelay ${line} 2>&-; echo $?`)
        assert.strictEqual(closed.stdout, `${status}\n`)
      }
    }).pipe(Effect.scoped)
  )

  it.live("a relay goes on when nobody reads its log any more", () =>
    Effect.gen(function* () {
      const env = "TELEGRAM_BOT_TOKEN=1:x WARELAY_TELEGRAM_API_URL=http://127.0.0.1:1"
      const line = `${env} timeout --preserve-status -s INT 2 warelay relay 2> >(true); echo $?`
      assert.strictEqual((yield* shell(yield* user, line)).stdout, "130\n")
    }).pipe(Effect.scoped)
  )

  const full = (() => {
    try {
      return accessSync("/dev/full", constants.W_OK) === undefined
    } catch {
      return false
    }
  })()
  it.live.skipIf(!full)(full ? "an answer that cannot be written is a failure" : "no /dev/full here", () =>
    Effect.gen(function* () {
      const ran = yield* shell(yield* user, "warelay identity list --json > /dev/full")
      assert.match(refusalOf(ran, 1), /could not be written/)
    }).pipe(Effect.scoped)
  )
})

describe("colour", () => {
  const python = succeeds("python3", "-c", "import pty")
  const terminal = `import os, pty, sys
status = pty.spawn(sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(status))`
  const inTerminal = ({ env }: User, more: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
    program("python3", ["-c", terminal, process.execPath, bin, ...args], { env: { ...env, TERM: "xterm", ...more } })

  it.live("there is none in a pipe, whoever asks for it", () =>
    Effect.gen(function* () {
      const { run } = yield* user
      for (const env of [{}, { FORCE_COLOR: "3", TERM: "xterm" }, { NO_COLOR: "1" }]) {
        assert.notInclude(answerOf(yield* run(["--help"], { env })), "\u001b")
      }
      const wrong = yield* run(["nonsense"], { env: { FORCE_COLOR: "3" } })
      assert.notInclude(refusalOf(wrong, 2), "\u001b")
    }).pipe(Effect.scoped)
  )

  it.live.skipIf(!python)(
    python
      ? "is on a terminal, except with NO_COLOR or where the terminal has none"
      : "no python3 to make a terminal with",
    () =>
      Effect.gen(function* () {
        const someone = yield* user
        const coloured = yield* inTerminal(someone, {}, "--help")
        assert.include(coloured.stdout, "\u001b[1mUsage\u001b[0m")
        for (const env of [{ NO_COLOR: "1" }, { NO_COLOR: "1", FORCE_COLOR: "3" }, { TERM: "dumb" }]) {
          const plain = yield* inTerminal(someone, env, "--help")
          assert.notInclude(plain.stdout, "\u001b")
          assert.include(plain.stdout, "Usage")
        }
      }).pipe(Effect.scoped)
  )
})

describe("a disk that refuses", () => {
  const tmpfs = succeeds("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt")
  it.live.skipIf(!tmpfs)(
    tmpfs ? "a full one leaves the map as it was and says so" : "no user namespaces here to mount a small disk in",
    () =>
      Effect.gen(function* () {
        const { directory, env } = yield* user
        const disk = join(directory, "disk")
        mkdirSync(disk)
        writeFileSync(join(directory, "map"), mapText(...mappings.slice(0, 150)))
        const script = `set -e
mount -t tmpfs -o size=64k none ${disk}; cp ${directory}/map ${disk}/identity-map.json
export WARELAY_HOME=${disk}; code=0
${[node, ...pair].join(" ")} --json || code=$?
cmp ${directory}/map ${disk}/identity-map.json; ls ${disk}; exit $code`
        const ran = yield* program("unshare", ["-rm", "bash", "-c", script], { env })
        assert.strictEqual(ran.status, 1)
        assert.match(
          ran.stderr,
          /^error: No space left on device while saving identity-map.json .*nothing was changed.*\n$/
        )
        assert.strictEqual(ran.stdout, "identity-map.json\nidentity-map.json.lock\n")
      }).pipe(Effect.scoped)
  )

  const readOnly = succeeds("unshare", "-rm", "true")
  it.live.skipIf(!readOnly)(
    readOnly ? "one for reading only is read, and a link says why it cannot be" : "no user namespaces here",
    () =>
      Effect.gen(function* () {
        const { env, home, write } = yield* user
        write("identity-map.json", mapText(mapping("shared-abc-123")))
        const script = (line: string) => `mount --bind ${home} ${home} && mount -o remount,bind,ro ${home} && ${line}`
        const inside = (line: string) => program("unshare", ["-rm", "bash", "-c", script(line)], { env })
        assert.include(answerOf(yield* inside(`${node} identity list`)), "shared-abc-123")
        const link = yield* inside(`${node} identity link --whatsapp +1999999999 --telegram @jane`)
        assert.match(refusalOf(link, 1), /read-only.*nothing was changed/)
      }).pipe(Effect.scoped)
  )

  const root = process.getuid?.() === 0
  it.live.skipIf(root)(
    root ? "root may write anywhere, so permissions cannot be tried" : "a home of somebody else",
    () =>
      Effect.gen(function* () {
        const { home, run } = yield* user
        mkdirSync(home)
        chmodSync(home, 0o500)
        assert.match(refusalOf(yield* run(pair), 1), /Permission denied/)
      }).pipe(Effect.scoped)
  )
})

describe("Ctrl-C", () => {
  it.live("in the middle of a command ends it with 130, without a word, and with a clean home", () =>
    Effect.gen(function* () {
      const { home, read, run, start, write } = yield* user
      const before = mapText(mapping("shared-abc-123"))
      write("identity-map.json", before)
      // Somebody else holds the lock, so the command waits.
      const lock = join(home, "identity-map.json.lock")
      const held = `const { tryLock } = require(${JSON.stringify(join(process.cwd(), "node_modules/fs-native-extensions"))})
if (!tryLock(require("fs").openSync(${JSON.stringify(lock)}, "w"))) process.exit(1)
console.log("held"); setInterval(() => {}, 1000)`
      const other = yield* Effect.acquireRelease(
        Effect.sync(() => spawn(process.execPath, ["-e", held], { stdio: ["ignore", "pipe", "inherit"] })),
        (child) => Effect.sync(() => void child.kill("SIGKILL"))
      )
      yield* Effect.promise(() => new Promise((resolve) => other.stdout.once("data", resolve)))
      const linking = yield* start(["identity", "link", "--whatsapp", "+1999999999", "--telegram", "@jane"])
      yield* Effect.sleep("600 millis")
      yield* linking.signal("SIGINT")
      assert.deepStrictEqual(yield* linking.ended, { status: 130, stdout: "", stderr: "" })
      assert.strictEqual(read("identity-map.json"), before)
      assert.deepStrictEqual(readdirSync(home), ["identity-map.json", "identity-map.json.lock"])
      other.kill("SIGKILL")
      assert.include(
        (yield* run(["identity", "link", "--whatsapp", "+1999999999", "--telegram", "@jane"])).stdout,
        "joins"
      )
    }).pipe(Effect.scoped)
  )

  it.live("at any other moment it ends with 130 or has done all of it", () =>
    Effect.gen(function* () {
      const { home, run, start } = yield* user
      const ends = yield* Effect.forEach([20, 60, 100, 140, 180, 220], (millis, index) =>
        Effect.gen(function* () {
          const linking = yield* start([
            "identity",
            "link",
            "--whatsapp",
            `+155500011${10 + index}`,
            "--telegram",
            `@user${index}`
          ])
          yield* Effect.sleep(millis)
          yield* linking.signal("SIGTERM")
          return yield* linking.ended
        })
      )
      for (const { status } of ends) assert.include([130, 0, "SIGTERM"], status)
      const all: ReadonlyArray<unknown> = JSON.parse(answerOf(yield* run(["identity", "list", "--json"])))
      assert.isAtLeast(all.length, ends.filter(({ stdout }) => stdout.includes("now joins")).length)
      const left = succeeds("test", "-d", home) ? readdirSync(home) : []
      assert.deepStrictEqual(
        left.filter((name) => name.endsWith(".tmp")),
        []
      )
    }).pipe(Effect.scoped)
  )
})
