import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import * as Path from "node:path"
import { type Forgetting, forget, forgetting } from "../../src/cli/run/forgetting.js"
import * as Home from "../../src/config/Home.js"
import { Decision } from "../../src/identity/Decision.js"
import * as Identities from "../../src/identity/Identities.js"
import type { SharedId } from "../../src/identity/IdentityMapping.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import { ownKey, sharedKey } from "../../src/session/Key.js"
import { SessionStore } from "../../src/session/SessionStore.js"
import * as SessionStoreFile from "../../src/session/SessionStoreFile.js"
import { SessionId } from "../../src/session/SessionId.js"
import * as Option from "effect/Option"
import type { Disk } from "../../src/storage/Disk.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import { the } from "../identity/arbitrary.js"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { directory } from "../support/home.js"

const [mom, john, johnsNumber, jane, janesPhone] = [
  the("whatsapp", "+12345670001"),
  the("telegram", "@john"),
  the("telegram", "900000001"),
  the("telegram", "@jane"),
  the("twilio", "+12345670003")
]

const services = (home: string, disk: Layer.Layer<Disk> = NodeDisk.layer) =>
  Layer.mergeAll(Identities.layer, SessionStoreFile.layerFile).pipe(
    Layer.provide([layerFile, SharedIds.layerTest]),
    Layer.provideMerge(FileLock.layer),
    Layer.provideMerge(Layer.merge(disk, Home.layerAt(home))),
    Layer.fresh
  )

const session = (n: number) => SessionId.make(`00000000-0000-4000-8000-00000000000${n}`)

/** Mom and John share a conversation, and so do Jane's accounts; all have had their own. */
const furnished = (home: string) =>
  Effect.gen(function* () {
    const { change } = yield* Identities.Identities
    const { swap } = yield* SessionStore
    const { mapping } = yield* change(Decision.Link({ identities: [mom, john], name: "Mom and @john", keep: john }))
    const family = Option.getOrThrow(mapping).id
    yield* change(Decision.Pin({ id: family, username: john, number: johnsNumber }))
    yield* change(Decision.Link({ identities: [jane, janesPhone] }))
    yield* change(Decision.Never({ pair: [john, jane] }))
    yield* change(Decision.Rename({ id: family, name: "Family, with @John" }))
    const keys = [ownKey(mom), ownKey(the("telegram", "@JOHN")), ownKey(johnsNumber), sharedKey(family), ownKey(jane)]
    for (const [n, key] of keys.entries()) yield* swap(key, Option.none(), { sessionId: session(n), updatedAt: n })
    return family
  }).pipe(Effect.provide(services(home)))

const withoutHim = (identity: typeof john) => Effect.tap(forgetting(identity), forget)

const namesIn = (home: string) => readdirSync(home, { recursive: true, encoding: "utf8" })

/** The files in a home that have a text anywhere, in whatever case. */
const having = (home: string, text: string): ReadonlyArray<string> =>
  namesIn(home).filter(
    (name) =>
      !name.endsWith("locks") &&
      readFileSync(Path.join(home, name)).toString("latin1").toLowerCase().includes(text.toLowerCase())
  )

const keysIn = (home: string) => Object.keys(JSON.parse(readFileSync(Path.join(home, "sessions.json"), "utf8")))
const mapIn = (home: string) => JSON.parse(readFileSync(Path.join(home, "identity-map.json"), "utf8")).mappings

const assertForgotten = (home: string, family: SharedId, where: string): void => {
  deepStrictEqual(having(home, "john"), [], where)
  deepStrictEqual(having(home, johnsNumber.id), [], where)
  deepStrictEqual(keysIn(home), [ownKey(mom), family, ownKey(jane)].map(String), where)
  const map = mapIn(home)
  deepStrictEqual(map[family].identities, { whatsapp: mom.id }, where)
  assert.strictEqual(map[family].name, "Family, with [forgotten]", where)
  assert.isUndefined(map[family].keep, where)
  assert.strictEqual(Object.keys(map).length, 2, where)
}

/** Operations that leave everything as it is, and tell whether it is. */
const looking = new Set<FaultyDisk.Operation>(["stat", "statOpen", "read", "resolve", "list"])

describe("to forget somebody", () => {
  it.scopedLive("leaves no byte of him, and everybody else as they were", () =>
    Effect.gen(function* () {
      const home = Path.join(yield* directory, "home")
      const family = yield* furnished(home)
      assert.isAtLeast(having(home, "@john").length, 4)
      const found: Forgetting = yield* Effect.provide(withoutHim(john), services(home))
      assertForgotten(home, family, "")
      deepStrictEqual(
        found.dropped.map(({ session }) => session),
        [session(1), session(2)]
      )
      deepStrictEqual(found.shared, [{ key: sharedKey(family), session: session(3) }])
      deepStrictEqual(found.names, [])
      // And again there is nothing to do.
      const again = yield* Effect.provide(forgetting(john), services(home))
      deepStrictEqual([again.isInMap, again.isInSessions, again.records, again.dropped], [false, false, 0, []])
    })
  )

  it.scopedLive("takes the conversation along that nobody else is in", () =>
    Effect.gen(function* () {
      const home = Path.join(yield* directory, "home")
      const family = yield* furnished(home)
      const { dropped, shared } = yield* Effect.provide(
        Effect.zipRight(withoutHim(john), withoutHim(mom)),
        services(home)
      )
      deepStrictEqual([dropped.map(({ session }) => session), shared], [[session(0), session(3)], []])
      deepStrictEqual(keysIn(home), [String(ownKey(jane))])
      assert.isUndefined(mapIn(home)[family])
      deepStrictEqual(having(home, mom.id), [])
    })
  )

  it.scopedLive("by the number of his account takes the username along that is pinned to it", () =>
    Effect.gen(function* () {
      const home = Path.join(yield* directory, "home")
      const family = yield* furnished(home)
      const found = yield* Effect.provide(withoutHim(johnsNumber), services(home))
      deepStrictEqual(mapIn(home)[family].identities, { whatsapp: mom.id })
      deepStrictEqual(having(home, johnsNumber.id), [])
      deepStrictEqual(keysIn(home), [ownKey(mom), family, ownKey(jane)].map(String))
      // Before the pin, nobody knew whose name that was: he is told of it.
      deepStrictEqual(found.names.map(String), ["telegram:@john"])
    })
  )

  it.scopedLive(
    "works where nothing of him is left but in an earlier version, in the history, or in the sessions",
    () =>
      Effect.gen(function* () {
        const complete = Path.join(yield* directory, "home")
        yield* furnished(complete)
        const only = [["identity-map.json.bak"], ["identity-journal.ndjson"], ["sessions.json"], ["sessions.json.bak"]]
        for (const names of [...only, ["identity-journal.ndjson", "sessions.json.bak"]]) {
          const home = Path.join(yield* directory, "home")
          mkdirSync(home)
          for (const name of names) cpSync(Path.join(complete, name), Path.join(home, name))
          assert.isNotEmpty(having(home, "@john"), names.join())
          yield* Effect.provide(withoutHim(john), services(home))
          deepStrictEqual(having(home, "@john"), [], names.join())
        }
        // Whose map is untouched needs none.
        const home = Path.join(yield* directory, "home")
        mkdirSync(home)
        cpSync(Path.join(complete, "sessions.json"), Path.join(home, "sessions.json"))
        yield* Effect.provide(withoutHim(john), services(home))
        deepStrictEqual(namesIn(home).sort(), ["sessions.json", "sessions.json.lock"])
      })
  )

  it.scopedLive("makes nothing where there is nothing of him", () =>
    Effect.gen(function* () {
      const own = yield* directory
      const home = Path.join(own, "home")
      yield* Effect.provide(withoutHim(john), services(home))
      deepStrictEqual(readdirSync(own), [])
    })
  )

  it.scopedLive("changes nothing if a file cannot be read", () =>
    Effect.gen(function* () {
      const complete = Path.join(yield* directory, "home")
      yield* furnished(complete)
      for (const name of ["identity-map.json", "identity-journal.ndjson", "sessions.json"]) {
        const home = Path.join(yield* directory, "home")
        cpSync(complete, home, { recursive: true })
        writeFileSync(Path.join(home, name), '{ "broken\n')
        const before = namesIn(home).map((one) => [one, readFileSync(Path.join(home, one), "utf8")])
        const error = yield* Effect.flip(Effect.provide(withoutHim(john), services(home)))
        assert.include(error.message, Path.join(home, name))
        deepStrictEqual(
          namesIn(home).map((one) => [one, readFileSync(Path.join(home, one), "utf8")]),
          before
        )
      }
    })
  )

  it.scopedLive.each(["stopped", "failing"] as const)(
    "leaves no byte of him when it is done again after it was %s at any point",
    (how) =>
      Effect.gen(function* () {
        const complete = Path.join(yield* directory, "home")
        const family = yield* furnished(complete)
        const copy = Effect.map(directory, (path) => {
          const home = Path.join(path, "home")
          cpSync(complete, home, { recursive: true })
          return home
        })
        const undisturbed = FaultyDisk.make(() => "none", FaultyDisk.withoutSync)
        yield* Effect.provide(withoutHim(john), services(yield* copy, undisturbed.layer))
        let unfinished = 0
        for (const when of ["before", "after"] as const) {
          for (let at = 0; at < undisturbed.calls.length; at++) {
            const { operation } = undisturbed.calls[at] ?? { operation: "stat" }
            // Who was stopped, or failed, where he only looked had changed no more than at the operation before.
            if (looking.has(operation)) continue
            const home = yield* copy
            const fault = how === "stopped" ? { stop: when } : { code: "ENOSPC", when }
            const disk = FaultyDisk.make((index) => (index === at ? fault : "none"), FaultyDisk.withoutSync)
            // What is stopped never ends, and cannot be waited for.
            const first = yield* Effect.forkDaemon(Effect.provide(withoutHim(john), services(home, disk.layer)))
            const end = Effect.raceFirst(Fiber.join(first), Effect.zipRight(disk.stopped, Effect.fail("stopped")))
            const where = `${how} ${when} ${operation} (${at})`
            if (Exit.isFailure(yield* Effect.exit(end))) {
              unfinished += 1
              yield* Effect.provide(withoutHim(john), services(home, FaultyDisk.withoutSync))
            }
            assertForgotten(home, family, where)
            deepStrictEqual(
              namesIn(home).filter((name) => name.endsWith(".tmp")),
              [],
              where
            )
          }
        }
        assert.isAtLeast(unfinished, 20)
      }),
    120_000
  )
})
