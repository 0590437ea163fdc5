// Runs the tests in this directory, measures, and prints what was counted and measured as one table in Markdown. All of it
// happens in the directory for temporary files, so TMPDIR decides which file system is tried.
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { cpus, release, tmpdir, type } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const rows = {
  D1: "A crash at any operation leaves the old content or the new, and the next command works",
  D2: "An error at any operation leaves the old content, a message, no leftovers and a free lock",
  D3: "A full disk: what was written in part is never put in place",
  D4: "After a power cut, what was acknowledged is there, and the rest is there or not, whole",
  D5: "Four processes that write and one that reads, killed at random",
  D6: "Whoever holds the lock and dies is followed at once; whoever is stopped keeps it",
  D7: "A file that was replaced by one of its size is seen by the next lookup",
  D8: "A bad file is never changed, never fatal, and the message says where it is bad",
  D9: "An edit by hand during a change is in the result",
  D10: "Symbolic links stay, and modes are 0600 and 0700 under every umask",
  D11: "Defects that were planted on purpose are caught"
}

const directory = mkdtempSync(join(tmpdir(), "warelay-durability-"))
process.on("exit", () => rmSync(directory, { recursive: true, force: true }))

const figures = join(directory, "figures")
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env

const tests = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "test/fault"], {
  env: { ...env, WARELAY_FIGURES: figures },
  // The table alone is what this prints.
  stdio: ["ignore", 2, 2]
})
if (tests.status !== 0) process.exit(1)

const counted = new Map(Object.keys(rows).map((row) => [row, new Map()]))
for (const line of existsSync(figures) ? readFileSync(figures, "utf8").trimEnd().split("\n") : []) {
  const { row, figures: added } = JSON.parse(line)
  const sums = counted.get(row)
  if (sums === undefined) throw new Error(`there is no row ${row}`)
  for (const [name, count] of Object.entries(added)) sums.set(name, (sums.get(name) ?? 0) + count)
}

/** A program of this directory's, made into one file where it finds what it does not hold. */
const bundle = async (source) => {
  const name = basename(source.pathname).replace(".ts", ".cjs")
  const outfile = fileURLToPath(new URL(`../../node_modules/.cache/durability/${name}`, import.meta.url))
  const external = ["fs-native-extensions"]
  const entryPoints = [fileURLToPath(source)]
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "cjs", logLevel: "error", external })
  return outfile
}

const programs = {
  commit: await bundle(new URL("./figures-commit.ts", import.meta.url)),
  lookups: await bundle(new URL("./figures-lookups.ts", import.meta.url)),
  writer: await bundle(new URL("./writer.ts", import.meta.url))
}
const sizes = [100, 10_000]

/** What a program prints as JSON, run beside others. */
const answer = (program, ...words) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words.map(String)], {
      env,
      stdio: ["ignore", "pipe", "inherit"]
    })
    let text = ""
    child.stdout.on("data", (part) => {
      text += part
    })
    child.on("close", (status) =>
      status === 0 ? resolve(JSON.parse(text)) : reject(new Error(`${basename(program)} failed`))
    )
  })

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })
const mappings = (size) => `${number(size)} mappings`

const measured = []
for (const size of sizes) {
  const place = mkdtempSync(join(directory, "commit-"))
  const { bare, bareAndKept, change } = await answer(programs.commit, place, size, size === 100 ? 500 : 100)
  measured.push([
    "change",
    `${mappings(size)}: from the decision to the acknowledgement, and the bare system calls for the same bytes by turns; medians`,
    `${number(change)} ms; write, sync, rename, sync the directory: ${number(bare)} ms, ratio ${number(change / bare)}; ` +
      `the same with journal and \`.bak\`: ${number(bareAndKept)} ms, ratio ${number(change / bareAndKept)}`
  ])
}

const three = ([median, rare, most]) => `${number(median)} / ${number(rare)} / ${number(most)} ms`

const mapOf = (size) => {
  const at = "2024-01-01T00:00:00Z"
  const entries = Array.from({ length: size }, (_, n) => {
    const id = `linked-${n}`
    return [
      id,
      { id, identities: { telegram: [`${whom + 2 * n}`, `${whom + 2 * n + 1}`] }, createdAt: at, updatedAt: at }
    ]
  })
  return `${JSON.stringify({ version: 1, mappings: Object.fromEntries(entries) }, null, 2)}\n`
}

const whom = 90_000_000

/** What a reader measures, beside a writer that makes as many changes as it can, or alone. */
const reading = async (size, writing) => {
  const home = mkdtempSync(join(directory, "lookups-"))
  writeFileSync(join(home, "identity-map.json"), mapOf(size), { mode: 0o600 })
  if (!writing) return { ...(await answer(programs.lookups, home, whom, 5)), changes: 0 }
  const writer = spawn(process.execPath, [programs.writer, home, "1", "1", "0"], {
    env,
    stdio: ["pipe", "pipe", "inherit"]
  })
  let changes = 0
  writer.stdout.setEncoding("utf8").on("data", (text) => {
    changes += text.split("done").length - 1
  })
  const found = await answer(programs.lookups, home, whom, 5)
  const made = changes
  writer.stdin.end()
  await new Promise((resolve) => writer.on("close", resolve))
  return { ...found, changes: made }
}

for (const size of sizes) {
  for (const writing of [false, true]) {
    const { changes, delay, lookup, lookups } = await reading(size, writing)
    measured.push([
      "lookup",
      `${mappings(size)}, every 5 ms, while ${writing ? "another process changes the map as fast as it can" : "nobody changes the map"}; ` +
        "median / 99 % / most",
      `event loop every ${three(delay)}, where 1 ms is on time; a lookup ${three(lookup)}; lookups: ${number(lookups)}, changes: ${number(changes)}`
    ])
  }
}

const df = spawnSync("df", ["--output=fstype", tmpdir()], { encoding: "utf8" })
const fileSystem = df.status === 0 ? df.stdout.trim().split("\n").at(-1) : "unknown"

const table = [
  ...Object.entries(rows).map(([row, what]) => [
    row,
    what,
    [...counted.get(row)].map(([name, count]) => `${name}: ${number(count)}`).join(", ") || "not tried here"
  ]),
  ...measured,
  [
    "here",
    "Where this was",
    `Node ${process.version.slice(1)}, ${fileSystem}, ${type()} ${release()}, ${cpus().length} cores`
  ]
]
console.log(
  ["| | What holds | Counted |", "| --- | --- | --- |", ...table.map((cells) => `| ${cells.join(" | ")} |`)].join("\n")
)
