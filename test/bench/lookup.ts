// Looks people up within one fiber, and does the least that could give the same answer, by turns. Prints microseconds.
//
// Its arguments: the home, or nothing for a map in memory; how many mappings there are.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { statSync } from "node:fs"
import { join } from "node:path"
import * as Home from "../../src/config/Home.js"
import type { Identity } from "../../src/identity/Identity.js"
import { empty, find, type IdentityMap, make } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { read } from "../../src/identity/QuickMapping.js"
import * as session from "../../src/layers/session.js"
import { SessionKey } from "../../src/session/SessionKey.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { the } from "../identity/arbitrary.js"
import { mappingOf } from "./maps.mjs"
import { spreadOf } from "./spread.mjs"

const [home = "", size = ""] = process.argv.slice(2)
const count = Number(size)

const inMemory = (): IdentityMap => {
  const entries = Array.from({ length: count }, (_, n) => read(mappingOf(n), mappingOf(n).id))
  return make(new Map(entries.flatMap((entry) => (entry === undefined ? [] : [[entry.raw.id, entry]]))), new Map(), {})
}

const store = () => {
  const map = inMemory()
  return Layer.succeed(IdentityStore, {
    current: Effect.succeed(map),
    readable: Effect.die("unused"),
    commit: () => Effect.void,
    history: Effect.succeed([])
  })
}

const layer = Layer.provideMerge(
  session.layer,
  home === ""
    ? Layer.suspend(store)
    : Layer.provide(layerFile, [Home.layerAt(home), Layer.provideMerge(FileLock.layer, NodeDisk.layer)])
)

const file = join(home, "identity-map.json")
const rounds = 60
const perRound = 1_000

/** Somebody else at every look-up, so that no answer lies ready. */
const people = Array.from({ length: perRound }, (_, n) => Math.floor((n * count) / perRound) % count)
const senders = (who: (n: number) => Identity) => people.map(who)

const program = Effect.gen(function* () {
  const { current } = yield* IdentityStore
  const { derive } = yield* SessionKey
  const linked = senders((n) => the("telegram", `@user_${n}`))
  const strangers = senders((n) => the("telegram", `@nobody_${n}`))
  const froms = people.map((n) => ({ From: `telegram:@user_${n}`, provider: "telegram" as const }))
  const plain = new Map(linked.map((identity, n) => [identity.toString(), n]))
  const names = linked.map(String)
  const links = Array.from(inMemory().entries.values(), ({ accounts = [], mapping }) => ({ accounts, id: mapping.id }))
  let map = empty
  const timed = (act: Effect.Effect<unknown>) =>
    Effect.gen(function* () {
      const begun = performance.now()
      yield* act
      return ((performance.now() - begun) * 1000) / perRound
    })
  const each = <A>(all: ReadonlyArray<A>, act: (one: A) => Effect.Effect<unknown>) =>
    Effect.gen(function* () {
      for (const one of all) yield* act(one)
    })
  const looked = (identity: Identity) =>
    Effect.map(current, (now) => {
      map = now
      return find(now, identity)
    })
  const bare = Effect.sync(() => {
    let found = 0
    for (const name of names) {
      if (home !== "") statSync(file, { bigint: true, throwIfNoEntry: false })
      if (plain.get(name) !== undefined) found += 1
    }
    if (found < names.length) throw new Error("not found")
  })
  const acts = {
    limit: bare,
    linked: each(linked, looked),
    unlinked: each(strangers, looked),
    key: each(froms, (sender) => derive("per-sender", sender))
  }
  const times: Record<keyof typeof acts, Array<number>> = { limit: [], linked: [], unlinked: [], key: [] }
  for (let round = -10; round < rounds; round++) {
    for (const what of ["limit", "linked", "unlinked", "key"] as const) {
      const took = yield* timed(acts[what])
      // What is done for the first time is compiled first.
      if (round >= 0) times[what].push(took)
    }
  }
  if (linked.some((one) => Option.isNone(find(map, one)))) return yield* Effect.dieMessage("not found")
  // For comparison: what a system does that has no index. A few times, since it takes long.
  const scans = names.slice(-5).map((name) => {
    const begun = performance.now()
    if (links.find(({ accounts }) => accounts.some((account) => account === name)) === undefined) throw new Error(name)
    return (performance.now() - begun) * 1000
  })
  const measured = { ...times, scan: scans }
  return Object.fromEntries(Object.entries(measured).map(([what, numbers]) => [what, spreadOf(numbers)]))
})

void Effect.runPromise(Effect.provide(program, layer)).then((found) => console.log(JSON.stringify(found)))
