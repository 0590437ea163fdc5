// Reads an identity map from its text to the index of accounts, and lets `JSON.parse` read the same, by turns. Prints
// milliseconds, and bytes of memory for the whole map.
//
// Its arguments: the home; how many mappings there are.
import * as Either from "effect/Either"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { IdentityMap } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { spreadOf } from "./spread.mjs"

const [home = "", size = ""] = process.argv.slice(2)

const file = join(home, "identity-map.json")
const rounds = Number(size) > 50_000 ? 12 : 40

/** From the bytes on each time, so that no text is one that was looked at already. */
const textOf = () => new TextDecoder().decode(readFileSync(file))

const load = (): IdentityMap => {
  const map = Either.getOrThrow(codec.decode(textOf()))
  if (map.owners.size !== 2 * Number(size)) throw new Error("not all of it")
  return map
}

const timed = (act: () => unknown): number => {
  const begun = performance.now()
  act()
  return performance.now() - begun
}

const heap = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const limits: Array<number> = []
const loads: Array<number> = []
for (let round = -3; round < rounds; round++) {
  const limit = timed(() => JSON.parse(textOf()))
  const took = timed(load)
  if (round < 0) continue
  limits.push(limit)
  loads.push(took)
}
const before = heap()
const map = load()
const bytes = heap() - before
console.log(JSON.stringify({ limit: spreadOf(limits), load: spreadOf(loads), bytes, mappings: map.entries.size }))
