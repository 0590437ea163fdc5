// Links two people and unlinks them again, in a home that nobody else changes, and does the least that could have the same
// effect, by turns: parse the file, print it again, put it in place durably. Prints milliseconds for one link.
//
// Its arguments: the home; how many mappings there are.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import { join } from "node:path"
import * as Home from "../../src/config/Home.js"
import { Decision } from "../../src/identity/Decision.js"
import * as Identities from "../../src/identity/Identities.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import { Disk } from "../../src/storage/Disk.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { the } from "../identity/arbitrary.js"
import { spreadOf } from "./spread.mjs"

const [home = "", size = ""] = process.argv.slice(2)

const layer = Identities.layer.pipe(
  Layer.provide([layerFile, SharedIds.layer]),
  Layer.provide(FileLock.layer),
  Layer.provide([Layer.succeed(Disk, NodeDisk.directDisk), Home.layerAt(home)])
)

const map = join(home, "identity-map.json")
const bare = join(home, "bare.json")

const least = () => {
  const text = JSON.stringify(JSON.parse(Fs.readFileSync(map, "utf8")), null, 2)
  const file = Fs.openSync(`${bare}.tmp`, "w", 0o600)
  Fs.writeSync(file, text)
  Fs.fsyncSync(file)
  Fs.closeSync(file)
  Fs.renameSync(`${bare}.tmp`, bare)
  const directory = Fs.openSync(home, "r")
  Fs.fsyncSync(directory)
  Fs.closeSync(directory)
}

/** A store of its own each time, as each command has: it reads the map first. */
const link = (n: number) =>
  Effect.gen(function* () {
    const { change } = yield* Identities.Identities
    const identities = [the("telegram", `${n}`), the("whatsapp", `+4420000${10_000 + n}`)]
    yield* change(Decision.Link({ identities }))
  }).pipe(Effect.provide(layer))

const rounds = Number(size) > 50_000 ? 10 : 30
const times: Record<"change" | "limit", Array<number>> = { change: [], limit: [] }

const timed = async (act: () => unknown): Promise<number> => {
  const begun = performance.now()
  await act()
  return performance.now() - begun
}

const measure = async () => {
  for (let round = -3; round < rounds; round++) {
    const change = () => timed(() => Effect.runPromise(link(round + 10)))
    const limit = () => timed(least)
    const isFirst = round % 2 === 0
    const [first, second] = isFirst ? [await change(), await limit()] : [await limit(), await change()]
    if (round < 0) continue
    times.change.push(isFirst ? first : second)
    times.limit.push(isFirst ? second : first)
  }
  return { change: spreadOf(times.change), limit: spreadOf(times.limit) }
}

void measure().then((found) => console.log(JSON.stringify(found)))
