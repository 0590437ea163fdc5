import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { bin, program } from "../cli/command.js"
import * as home from "../support/home.js"
import { record } from "./figures.js"
import { bundle } from "./processes.js"
import { type SmallDisk, smallDisk, unavailable } from "./tmpfs.js"
import { accounts, mapOf, namesIn } from "./writer-mappings.js"

/** Long names fill a disk faster. What is behind the second colon says nothing. */
const nameOf = (n: number): string => `1:${n}:${"n".repeat(180)}`

const withoutRest = (name: string): string => name.split(":").slice(0, 2).join(":")

interface Told {
  readonly done: boolean
  readonly message: string
}

/** Links what has this name, in the home in this directory, by a process that the disk is mounted for. */
type Link = (disk: SmallDisk, name: string) => Effect.Effect<Told>

/** What became of it: it was made, or it was refused and everything is as it was. Or else, what is wrong. */
const judged = (disk: SmallDisk, n: number, link: Link) =>
  Effect.gen(function* () {
    const file = Path.join(disk.seen, "home", "identity-map.json")
    const read = () => (Fs.existsSync(file) ? Fs.readFileSync(file, "utf8") : undefined)
    const before = read()
    const { done, message } = yield* link(disk, nameOf(n))
    const after = read()
    if (!done) return { verdict: before === after ? "refused" : "refused, and the file is another", message }
    const [had, has] = yield* Effect.all(
      [before, after].map((text) => Effect.try(() => namesIn(text ?? mapOf(9, 0))))
    ).pipe(Effect.orElseSucceed(() => []))
    if (had === undefined || has === undefined) return { verdict: "done, and the file is torn", message }
    deepStrictEqual([...has].map(withoutRest), [...had, nameOf(n)].map(withoutRest))
    return { verdict: "made", message }
  })

/** The command, as it was built. */
const byCommand: Link = (disk, name) => {
  const [command, ...words] = disk.enter
  const [one = "", other = ""] = accounts(name)
  const link = ["identity", "link", "--telegram", one, "--telegram", other, "--name", name, "--json"]
  const env = {
    PATH: process.env["PATH"] ?? "",
    NODE_DISABLE_COMPILE_CACHE: "1",
    WARELAY_HOME: Path.join(disk.mounted, "home")
  }
  return Effect.map(
    program(command, [...words, process.execPath, bin, ...link], { env }),
    ({ status, stderr, stdout }) => {
      if (status === 0) return { done: true, message: stdout }
      assert.deepStrictEqual({ status, stdout }, { status: 1, stdout: "" }, stderr)
      assert.match(
        stderr,
        /^error: No space left on device while saving identity-[\w.-]+ \([^)]+\); nothing was changed\. [^\n]+\n$/
      )
      return { done: false, message: stderr }
    }
  )
}

/** The same, by a program that takes any part of a write for all of it. */
const unchecked =
  (writer: string): Link =>
  (disk, name) => {
    const [command, ...words] = disk.enter
    const n = name.split(":")[1] ?? ""
    return Effect.map(
      program(command, [...words, process.execPath, writer, Path.join(disk.mounted, "home"), "1", n, "1", "unchecked"]),
      ({ stdout }) => ({ done: stdout.includes("\ndone "), message: stdout })
    )
  }

const withMap = (disk: SmallDisk, count: number) => {
  Fs.mkdirSync(Path.join(disk.seen, "home"), { mode: 0o700 })
  Fs.writeFileSync(Path.join(disk.seen, "home", "identity-map.json"), mapOf(9, count), { mode: 0o600 })
}

const names = (disk: SmallDisk) => Fs.readdirSync(Path.join(disk.seen, "home")).join(" ")

/** Links, one after the other, until one is refused or goes wrong. */
const untilRefused = (disk: SmallDisk, link: Link) =>
  Effect.gen(function* () {
    for (let made = 0; made < 100; made++) {
      const { message, verdict } = yield* judged(disk, made, link)
      if (verdict !== "made") return { made, message, verdict }
    }
    return assert.fail("the disk does not become full")
  })

describe.skipIf(unavailable !== undefined)(
  `on a disk that becomes full${unavailable === undefined ? "" : ` (skipped, for want of one: ${unavailable})`}`,
  { timeout: 120_000 },
  () => {
    it.scopedLive("commands go on until one is refused, and then nothing has changed", () =>
      Effect.gen(function* () {
        const disk = yield* smallDisk("size=40k")
        withMap(disk, 40)
        const { made, verdict } = yield* untilRefused(disk, byCommand)
        assert.strictEqual(verdict, "refused")
        assert.isAtLeast(made, 1)
        assert.notInclude(names(disk), ".tmp")
        record("D3", { commands: made + 1, refused: 1, "short writes published": 0 })
      })
    )

    it.scopedLive("a change is made or refused, however much is free, and with enough it is made", () =>
      Effect.gen(function* () {
        const disk = yield* smallDisk("size=64k")
        withMap(disk, 60)
        const verdicts: Array<string> = []
        for (const pages of [0, 1, 2, 3, 4, 5, 6]) {
          disk.leave("pages", pages)
          verdicts.push((yield* judged(disk, pages, byCommand)).verdict)
          assert.notInclude(names(disk), ".tmp")
        }
        disk.free()
        verdicts.push((yield* judged(disk, 7, byCommand)).verdict)
        deepStrictEqual(new Set(verdicts), new Set(["refused", "made"]))
        assert.strictEqual(verdicts[0], "refused")
        assert.strictEqual(verdicts.at(-1), "made")
        const refused = verdicts.filter((verdict) => verdict === "refused").length
        record("D3", { commands: verdicts.length, refused, "short writes published": 0 })
      })
    )

    it.scopedLive.each([
      ["a home can be made", false],
      ["a home is there", true]
    ])("where %s, a change is made or refused, however few files can be made", ([, there]) =>
      Effect.gen(function* () {
        const disk = yield* smallDisk("size=256k,nr_inodes=30")
        if (there) withMap(disk, 1)
        const verdicts: Array<string> = []
        for (const files of [0, 1, 2, 3, 4]) {
          disk.leave("files", files)
          verdicts.push((yield* judged(disk, files, byCommand)).verdict)
          if (files === 0) assert.strictEqual(Fs.existsSync(Path.join(disk.seen, "home")), there)
        }
        disk.free()
        verdicts.push((yield* judged(disk, 5, byCommand)).verdict)
        deepStrictEqual(new Set(verdicts), new Set(["refused", "made"]))
        assert.strictEqual(verdicts[0], "refused")
        assert.strictEqual(verdicts.at(-1), "made")
        assert.notInclude(names(disk), ".tmp")
        const refused = verdicts.filter((verdict) => verdict === "refused").length
        record("D3", { commands: verdicts.length, refused, "short writes published": 0 })
      })
    )

    it.scopedLive(
      "a writer that does not look how much was written puts half a map in its place, and that is noticed",
      () =>
        Effect.gen(function* () {
          const writer = yield* bundle(new URL("./writer.ts", import.meta.url), yield* home.directory)
          const disk = yield* smallDisk("size=32k")
          withMap(disk, 40)
          const { verdict } = yield* untilRefused(disk, unchecked(writer))
          assert.strictEqual(verdict, "done, and the file is torn")
          record("D11", { "defects planted": 1, "caught in a check": 1 })
        })
    )
  }
)
