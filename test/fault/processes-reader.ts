// A process that looks at the map all the time, in each of the four ways in which it can be looked at, and is told what was acknowledged, line by line. It says what it sees that must not be, and at the end of its input how often it looked.
//
// Its arguments: the home; and `late` if it is to be wrong itself, by remembering what it should look up.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { existsSync, readFileSync } from "node:fs"
import * as Path from "node:path"
import { createInterface } from "node:readline"
import * as Home from "../../src/config/Home.js"
import { type IdentityMap, list } from "../../src/identity/IdentityMap.js"
import { IdentityMapUnreadable } from "../../src/identity/IdentityError.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { fold } from "../../src/identity/Journal.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { namesIn, newest } from "./writer-mappings.js"

const [home = "", wrong = ""] = process.argv.slice(2)
const file = Path.join(home, "identity-map.json")

const layer = layerFile.pipe(Layer.provide([Home.layerAt(home), Layer.provideMerge(FileLock.layer, NodeDisk.layer)]))

let acknowledged: Array<string> = []
let ended = false
createInterface({ input: process.stdin })
  .on("line", (line) => acknowledged.push(line))
  .on("close", () => {
    ended = true
  })

const say = (line: string) => process.stdout.write(`${line}\n`)

let before: ReadonlySet<string> = new Set()
const gone = new Set<string>()

/** What is seen must follow from what was seen before, and from what this process was told before it looked. */
const judge = (seen: ReadonlySet<string>, told: ReadonlyArray<string>) => {
  const [now, then] = [newest(seen), newest(before)]
  for (const [writer, n] of then) {
    if ((now.get(writer) ?? 0) < n) say(`backwards: ${writer} was at ${n} and is at ${now.get(writer)}`)
  }
  for (const name of before) if (!seen.has(name)) gone.add(name)
  for (const name of seen) if (gone.has(name)) say(`backwards: ${name} is there again`)
  for (const line of told) {
    const [, what, name = ""] = line.split(" ")
    const [writer = 0, n = 0] = name.split(":").map(Number)
    // A later change of its writer's can have taken it out again.
    if (what === "link" && !seen.has(name) && (now.get(writer) ?? 0) < n) say(`stale: ${name} is not there yet`)
    if (what === "unlink" && seen.has(name)) say(`stale: ${name} is there still`)
  }
  before = seen
}

const namesOf = (map: IdentityMap) => new Set(list(map).map(({ name = "" }) => name))

const program = Effect.gen(function* () {
  const { current, history, readable } = yield* IdentityStore
  const first = yield* current
  const ways = [
    Effect.map(wrong === "late" ? Effect.succeed(first) : current, namesOf),
    Effect.map(readable, ({ value }) => namesOf(value)),
    Effect.map(history, (all) => namesOf(fold(all))),
    Effect.try({
      try: () => (existsSync(file) ? namesIn(readFileSync(file, "utf8")) : new Set<string>()),
      catch: (error) => new IdentityMapUnreadable({ reason: String(error) })
    })
  ]
  let looked = 0
  for (; !ended; looked++) {
    const told = acknowledged
    acknowledged = []
    const way = ways[looked % ways.length] ?? Effect.succeed(before)
    yield* Effect.match(way, {
      onFailure: ({ message }) => say(`torn: ${message}`),
      onSuccess: (seen) => judge(seen, told)
    })
    // On a machine with two cores, the others want to run, too.
    yield* Effect.sleep("1 millis")
  }
  say(`looked ${looked}`)
})

say("looking")
void Effect.runPromise(Effect.provide(program, layer))
