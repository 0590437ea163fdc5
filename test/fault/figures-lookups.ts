// Looks somebody up every five milliseconds for some seconds, as a relay does at every message, and measures how late its
// event loop is meanwhile. Prints milliseconds.
//
// Its arguments: the home; whom, as a Telegram number; for how many seconds.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { monitorEventLoopDelay } from "node:perf_hooks"
import * as Home from "../../src/config/Home.js"
import { find } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { the } from "../identity/arbitrary.js"

const [home = "", whom = "", seconds = ""] = process.argv.slice(2)

const layer = layerFile.pipe(Layer.provide([Home.layerAt(home), Layer.provideMerge(FileLock.layer, NodeDisk.layer)]))

const program = Effect.gen(function* () {
  const { current } = yield* IdentityStore
  const lookup = Effect.filterOrDieMessage(
    Effect.map(current, (map) => find(map, the("telegram", whom))),
    Option.isSome,
    "not found"
  )
  // What is done for the first time is compiled first.
  yield* Effect.repeatN(lookup, 200)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const end = performance.now() + Number(seconds) * 1000
  const took: Array<number> = []
  delay.enable()
  while (performance.now() < end) {
    const begun = performance.now()
    yield* lookup
    took.push(performance.now() - begun)
    yield* Effect.sleep("5 millis")
  }
  delay.disable()
  took.sort((one, other) => one - other)
  const [median = 0, rare = 0] = [took[Math.floor(took.length / 2)], took[Math.floor(took.length * 0.99)]]
  return {
    delay: [delay.percentile(50) / 1e6, delay.percentile(99) / 1e6, delay.max / 1e6],
    lookup: [median, rare, took.at(-1) ?? 0],
    lookups: took.length
  }
})

void Effect.runPromise(Effect.provide(program, layer)).then((found) => console.log(JSON.stringify(found)))
