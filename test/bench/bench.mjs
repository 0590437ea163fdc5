// Measures how long things take, each beside what they could not be faster than, by turns and in the same run; prints one
// table in Markdown. `--json <file>` also writes all figures there, `--svg <file>` a plot of how the costs grow.
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { cpus, release, tmpdir, totalmem, type } from "node:os"
import { basename, delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { build } from "esbuild"
import { mapOf } from "./maps.mjs"
import { plot } from "./plot.mjs"
import { spreadOf } from "./spread.mjs"
import { measureStart } from "./start.mjs"

const { values: asked } = parseArgs({ options: { json: { type: "string" }, svg: { type: "string" } } })

const directory = mkdtempSync(join(tmpdir(), "warelay-bench-"))
process.on("exit", () => rmSync(directory, { recursive: true, force: true }))

const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env

/** A program of this directory's, made into one file where it finds what it does not hold. */
const bundle = async (source) => {
  const name = basename(source.pathname).replace(".ts", ".cjs")
  const outfile = fileURLToPath(new URL(`../../node_modules/.cache/bench/${name}`, import.meta.url))
  const entryPoints = [fileURLToPath(source)]
  const external = ["fs-native-extensions"]
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "cjs", logLevel: "error", external })
  return outfile
}

/** What a program prints as JSON. */
const answer = (program, ...words) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--expose-gc", program, ...words.map(String)], {
      env,
      stdio: ["ignore", "pipe", "inherit"]
    })
    let text = ""
    child.stdout.on("data", (part) => {
      text += part
    })
    child.on("close", (status) => (status === 0 ? resolve(JSON.parse(text)) : reject(new Error(`${program} failed`))))
  })

const homeOf = (size) => {
  const home = mkdtempSync(join(directory, "home-"))
  writeFileSync(join(home, "identity-map.json"), mapOf(size), { mode: 0o600 })
  return home
}

const programs = {
  lookup: await bundle(new URL("./lookup.ts", import.meta.url)),
  load: await bundle(new URL("./load.ts", import.meta.url)),
  change: await bundle(new URL("./change.ts", import.meta.url)),
  relay: await bundle(new URL("./relay.ts", import.meta.url)),
  turns: await bundle(new URL("./turns.ts", import.meta.url))
}

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })

/** What was measured: many times by turns with its limit, so that both meet the same machine. */
const rows = []
const row = (what, unit, figure, limitedBy, limit, target) => {
  rows.push({ what, unit, ...figure, limitedBy, limit: limit.median, ratio: figure.median / limit.median, target })
}

const start = await measureStart({ home: homeOf(100), directory, env })
for (const { label, figure, megabytes, target } of start.commands) {
  row(`\`${label}\`, the process`, "ms", figure, "an empty script", start.empty, target)
  rows.at(-1).megabytes = megabytes
}

/** Where somebody else's program for the same is installed, which is none of ours and need not be there. */
const peers = process.env.WARELAY_BENCH_PEERS ?? process.cwd()
const hasPeer = () => {
  try {
    return createRequire(join(peers, "bench.cjs")).resolve("openclaw/plugin-sdk/routing") !== ""
  } catch {
    return false
  }
}
const peer = hasPeer() ? fileURLToPath(new URL("./peer.mjs", import.meta.url)) : undefined

const growth = { lookup: [], link: [], load: [] }
for (const size of [10, 1_000, 100_000, 1_000_000]) {
  // A million mappings are more than a file holds.
  const home = size > 100_000 ? "" : homeOf(size)
  const { key, limit, linked, scan, unlinked } = await answer(programs.lookup, home, size)
  const where = home === "" ? "in memory" : "in a file"
  const bare = home === "" ? "a `Map` lookup" : "`stat` and a `Map` lookup"
  row(`lookup, linked, ${number(size)} mappings ${where}`, "µs", linked, bare, limit, home === "" ? undefined : 3)
  row(`lookup, not linked, ${number(size)} mappings ${where}`, "µs", unlinked, bare, limit, home === "" ? undefined : 3)
  if (home !== "") row(`\`deriveSessionKey\`, ${number(size)} mappings ${where}`, "µs", key, bare, limit)
  row(`a scan of all links instead, ${number(size)} mappings`, "µs", scan, "our lookup", linked)
  if (home !== "" && peer !== undefined) {
    const { key: theirs, version } = await answer(peer, peers, size)
    const who = `OpenClaw ${version}, a session key, ${number(size)} people linked`
    row(who, "µs", theirs, "our `deriveSessionKey`", key)
  }
  growth.lookup.push([size, linked.median])
}

for (const size of [1_000, 10_000, 100_000]) {
  const home = homeOf(size)
  const { bytes, limit, load } = await answer(programs.load, home, size)
  const target = size >= 10_000 ? 4 : undefined
  row(`load and index ${number(size)} mappings`, "ms", load, "`JSON.parse` of the same", limit, target)
  rows.at(-1).bytesPerMapping = bytes / size
  growth.load.push([size, load.median])
  const { change, limit: bare } = await answer(programs.change, home, size)
  const made = "`JSON.parse`, `JSON.stringify`, durable write"
  row(`one link, ${number(size)} mappings`, "ms", change, made, bare, size === 100_000 ? 1.5 : undefined)
  growth.link.push([size, change.median])
}

for (const [people, sessions] of [
  [1, 0],
  [1_000, 0],
  [1_000, 10_000]
]) {
  const runs = []
  for (let n = 0; n < 3; n++) {
    const home = mkdtempSync(join(directory, "relay-"))
    runs.push(await answer(programs.relay, home, people, 100, 300, sessions))
  }
  const bare = spreadOf(runs.map((run) => run.bare))
  const append = "a synced append of the same"
  const who = people === 1 ? "1 person" : `${number(people)} people`
  const known = sessions === 0 ? who : `${who}, ${number(sessions)} sessions on record`
  const [{ latency }] = runs
  row(`a message through the relay, ${known}`, "ms", latency, append, bare)
  rows.at(-1).most = latency.most
  row(`a message of 300 at once, ${known}`, "ms", spreadOf(runs.map(({ each }) => each)), append, bare)
  rows.at(-1).megabytes = runs[0].megabytes
}

const claude = [
  process.env.WARELAY_TEST_CLAUDE ?? "",
  ...(process.env.PATH ?? "").split(delimiter).map((each) => join(each, "claude"))
].find((path) => path !== "" && existsSync(path))
if (claude !== undefined) {
  const { each, stays, version } = await answer(programs.turns, claude, mkdtempSync(join(directory, "claude-")))
  row(
    `a turn with Claude Code ${version} that stays, without the model`,
    "ms",
    stays,
    "the same, run for each message",
    each
  )
}

const df = spawnSync("df", ["--output=fstype", tmpdir()], { encoding: "utf8" })
const fileSystem = df.status === 0 ? df.stdout.trim().split("\n").at(-1) : "unknown"
const { version } = JSON.parse(readFileSync("package.json", "utf8"))
const effect = JSON.parse(readFileSync("node_modules/effect/package.json", "utf8")).version
const machine =
  `warelay ${version}, effect ${effect}, Node ${process.version.slice(1)}, ${type()} ${release()}, ` +
  `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${number(totalmem() / 2 ** 30)} GiB, ${fileSystem}`

const spread = ({ low, high }, unit) => `${number(low)} to ${number(high)} ${unit}`
const cells = rows.map((one) => [
  one.what,
  `${number(one.median)} ${one.unit}`,
  spread(one, one.unit),
  `${number(one.limit)} ${one.unit}`,
  one.limitedBy,
  number(one.ratio),
  [
    one.target === undefined ? "" : `at most ${one.target}`,
    one.most === undefined ? "" : `99 % within ${number(one.most)} ms`,
    one.megabytes === undefined ? "" : `${number(one.megabytes)} MB`,
    one.bytesPerMapping === undefined ? "" : `${number(one.bytesPerMapping)} bytes of memory a mapping`
  ]
    .filter((text) => text !== "")
    .join("; ")
])
console.log(
  [
    `${machine}. Medians, with what a quarter of the runs was below and a quarter above.`,
    "",
    "| What | Median | Spread | Limit | What the limit is | Ratio | |",
    "| --- | --: | --: | --: | --- | --: | --- |",
    ...cells.map((line) => `| ${line.join(" | ")} |`)
  ].join("\n")
)
if (peer === undefined) {
  console.log(
    "\nOpenClaw was not measured: WARELAY_BENCH_PEERS names no directory from which the package can be loaded."
  )
}
if (claude === undefined)
  console.log("\nClaude Code was not measured: it is not on the PATH, and WARELAY_TEST_CLAUDE does not name it.")
if (asked.json !== undefined) writeFileSync(asked.json, `${JSON.stringify({ machine, rows, growth }, null, 2)}\n`)
if (asked.svg !== undefined) writeFileSync(asked.svg, plot(growth))
