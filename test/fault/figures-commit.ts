// Measures a change of the identity map, from the decision to the acknowledgement, against the bare system calls that put
// the same bytes on the disk: one of each by turns, so that both meet the same disk. Prints medians, in milliseconds.
//
// Its arguments: a directory to work in; how many mappings the map has; how often.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Home from "../../src/config/Home.js"
import { Decision } from "../../src/identity/Decision.js"
import * as Identities from "../../src/identity/Identities.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { linking, mapOf, nameOf } from "./writer-mappings.js"

const [directory = "", mappings = "", often = ""] = process.argv.slice(2)
const [home, bare] = [Path.join(directory, "home"), Path.join(directory, "bare")]
const map = Path.join(home, "identity-map.json")
const journal = Path.join(home, "identity-journal.ndjson")

const layer = Identities.layer.pipe(
  Layer.provide([layerFile, SharedIds.layer]),
  Layer.provide(FileLock.layer),
  Layer.provide([NodeDisk.layer, Home.layerAt(home)])
)

const synced = (path: string, flags: string, bytes?: Uint8Array) => {
  const file = Fs.openSync(path, flags, 0o600)
  if (bytes !== undefined) Fs.writeSync(file, bytes)
  Fs.fsyncSync(file)
  Fs.closeSync(file)
}

const bareFile = Path.join(bare, "map")

/** Write, sync, rename, sync the directory. */
const replace = (bytes: Uint8Array) => {
  synced(`${bareFile}.tmp`, "wx", bytes)
  Fs.renameSync(`${bareFile}.tmp`, bareFile)
  synced(bare, "r")
}

/** The same, with the version before kept, and what was added to the journal added and synced before. */
const replaceAndKeep = (bytes: Uint8Array, added: Uint8Array) => {
  synced(`${bareFile}.tmp`, "wx", bytes)
  if (added.length > 0) synced(`${bareFile}.journal`, "a", added)
  Fs.linkSync(bareFile, `${bareFile}.bak.tmp`)
  Fs.renameSync(`${bareFile}.bak.tmp`, `${bareFile}.bak`)
  Fs.renameSync(`${bareFile}.tmp`, bareFile)
  synced(bare, "r")
}

const bytesOf = (path: string): Uint8Array => (Fs.existsSync(path) ? Fs.readFileSync(path) : new Uint8Array())

const times: Record<"change" | "bare" | "bareAndKept", Array<number>> = { change: [], bare: [], bareAndKept: [] }

const timed = (what: keyof typeof times, run: () => void) => {
  const begun = performance.now()
  run()
  times[what].push(performance.now() - begun)
}

const program = Effect.gen(function* () {
  const { change } = yield* Identities.Identities
  let id = ""
  for (let n = 0; n < Number(often); n++) {
    const before = bytesOf(journal).length
    const decision = id === "" ? linking(nameOf(1, n)) : Decision.Unlink({ id })
    const begun = performance.now()
    const { mapping } = yield* change(decision)
    times.change.push(performance.now() - begun)
    id = id === "" ? Option.match(mapping, { onNone: () => "", onSome: ({ id }) => id }) : ""
    const [bytes, added] = [bytesOf(map), bytesOf(journal).subarray(before)]
    const both = [
      () => timed("bare", () => replace(bytes)),
      () => timed("bareAndKept", () => replaceAndKeep(bytes, added))
    ]
    // Whichever comes second finds the disk at rest.
    for (const run of n % 2 === 0 ? both : both.reverse()) run()
  }
})

const median = (numbers: ReadonlyArray<number>) =>
  [...numbers].sort((one, other) => one - other)[numbers.length >> 1] ?? 0

for (const path of [home, bare]) Fs.mkdirSync(path, { mode: 0o700 })
Fs.writeFileSync(map, mapOf(9, Number(mappings)), { mode: 0o600 })
const medians = () => Object.fromEntries(Object.entries(times).map(([what, numbers]) => [what, median(numbers)]))
void Effect.runPromise(Effect.provide(program, layer)).then(() => console.log(JSON.stringify(medians())))
