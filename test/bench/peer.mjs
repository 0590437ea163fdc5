// Asks OpenClaw, where it is installed, for the session key of one linked person after another. Prints JSON: its version, and
// microseconds for one key.
//
// Its arguments: a directory from which `openclaw` resolves; how many people are linked.
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { spreadOf } from "./spread.mjs"

const [directory, size] = process.argv.slice(2)
const count = Number(size)

const routing = createRequire(join(directory, "peer.cjs")).resolve("openclaw/plugin-sdk/routing")
const [root] = routing.split(/(?<=node_modules.openclaw.)/)
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
const { buildAgentSessionKey } = await import(pathToFileURL(routing).href)

const identityLinks = Object.fromEntries(
  Array.from({ length: count }, (_, n) => [`person-${n}`, [`whatsapp:+1555${1_000_000 + n}`, `telegram:user_${n}`]])
)

const ask = (n) => {
  const peer = { kind: "direct", id: `user_${n}` }
  const key = buildAgentSessionKey({ agentId: "main", channel: "telegram", peer, dmScope: "per-peer", identityLinks })
  if (key !== `agent:main:direct:person-${n}`) throw new Error(`${key} is not the key of person-${n}`)
}

const rounds = count > 10_000 ? 20 : 60
const perRound = count > 10_000 ? 1 : 100
const times = []
for (let round = -10; round < rounds; round++) {
  // Somebody else each time: some stand first in the list, some last.
  const people = Array.from(
    { length: perRound },
    (_, n) => Math.floor(((round + 10 + n / perRound) * count) / 70) % count
  )
  const begun = performance.now()
  for (const n of people) ask(n)
  if (round >= 0) times.push(((performance.now() - begun) * 1000) / perRound)
}
console.log(JSON.stringify({ version, key: spreadOf(times) }))
