// The process of a command from its start to its end, and how much memory it takes.
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { median, spreadOf } from "./spread.mjs"

const bin = fileURLToPath(new URL("../../dist/bin.cjs", import.meta.url))
const often = 40

/** One after the other by turns, each time in another order, so that none always comes second. */
export const measureStart = ({ directory, env, home }) => {
  const empty = join(directory, "empty.cjs")
  const spy = join(directory, "spy.cjs")
  const report = join(directory, "memory")
  writeFileSync(empty, "")
  writeFileSync(
    spy,
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(report)}, String(process.resourceUsage().maxRSS)))`
  )
  mkdirSync(join(directory, "caches"))
  const own = { ...env, HOME: directory, XDG_CACHE_HOME: join(directory, "caches"), WARELAY_HOME: home }
  let linked = 0
  const commands = [
    { label: "warelay --version", words: () => ["--version"] },
    { label: "warelay --help", words: () => ["--help"], target: 2.4 },
    { label: "warelay identity list --json", words: () => ["identity", "list", "--json"], target: 2.4 },
    {
      label: "warelay identity link --json",
      words: () => [
        "identity",
        "link",
        "--telegram",
        `${(linked += 1)}`,
        "--whatsapp",
        `+1444${1_000_000 + linked}`,
        "--json"
      ],
      target: 2.7
    }
  ]
  const run = (words) => {
    const begun = performance.now()
    const { status, stderr } = spawnSync(process.execPath, words, { env: own, stdio: ["ignore", "ignore", "pipe"] })
    const took = performance.now() - begun
    if (status !== 0) throw new Error(`${words.join(" ")}: ${stderr}`)
    return took
  }
  const all = [
    { words: () => [empty], times: [] },
    ...commands.map(({ words }) => ({ words: () => [bin, ...words()], times: [] }))
  ]
  // What is kept of the compiled code is kept at the first run, and used from the second on.
  for (const { words } of all) for (let n = 0; n < 2; n++) run(words())
  for (let n = 0; n < often; n++) {
    for (const { times, words } of n % 2 === 0 ? all : all.toReversed()) times.push(run(words()))
  }
  const memoryOf = (words) => {
    run(["--require", spy, ...words])
    return Number(readFileSync(report, "utf8")) / 1024
  }
  const [{ times }, ...others] = all
  return {
    empty: spreadOf(times),
    commands: commands.map(({ label, target }, at) => ({
      label,
      target,
      figure: spreadOf(others[at].times),
      megabytes: median(Array.from({ length: 5 }, () => memoryOf(others[at].words())))
    }))
  }
}
