import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import * as Path from "node:path"
import * as Home from "../../src/config/Home.js"
import { Decision } from "../../src/identity/Decision.js"
import { codec, type Exported } from "../../src/identity/Exported.js"
import * as Identities from "../../src/identity/Identities.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import type { Disk } from "../../src/storage/Disk.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as FaultyDisk from "../storage/faulty-disk.js"
import { directory } from "../support/home.js"
import { the } from "./arbitrary.js"

const services = (home: string, disk: Layer.Layer<Disk> = FaultyDisk.withoutSync) =>
  Identities.layer.pipe(
    Layer.provideMerge(layerFile),
    Layer.provide([SharedIds.layer, FileLock.layer]),
    Layer.provide([disk, Home.layerAt(home)]),
    Layer.fresh
  )

const now = Effect.flatMap(IdentityStore, ({ history, readable }) =>
  Effect.map(Effect.all([readable, history]), ([{ value }, history]) => ({ map: value, history }))
)

/** What somebody exports who has linked, unlinked and linked again. */
const exported = Effect.gen(function* () {
  const home = Path.join(yield* directory, "home")
  const { change } = yield* Effect.provide(Identities.Identities, services(home))
  const identities = [the("whatsapp", "+12345670001"), the("telegram", "@john")]
  yield* change(Decision.Link({ identities }))
  yield* change({ _tag: "Undo" })
  yield* change(Decision.Link({ identities, name: "Jo" }))
  const text = codec.encode(yield* Effect.provide(now, services(home)))
  return { text, map: readFileSync(Path.join(home, "identity-map.json"), "utf8") }
})

const read = (text: string): Exported => Either.getOrThrowWith(codec.decode(text), ({ reason }) => new Error(reason))

const importing = ({ history, map }: Exported) =>
  Effect.flatMap(Identities.Identities, ({ change }) => change(Decision.Import({ map, history, onConflict: "refuse" })))

describe("an import", () => {
  it.scopedLive.each(["stopped", "failing"] as const)(
    "that is %s at any point is made or not made, its history with it, and is made when it is tried again",
    (how) =>
      Effect.gen(function* () {
        const { map, text } = yield* exported
        const wanted = read(text)
        const undisturbed = FaultyDisk.make(() => "none", FaultyDisk.withoutSync)
        yield* Effect.provide(importing(wanted), services(Path.join(yield* directory, "home"), undisturbed.layer))
        let unmade = 0
        for (const when of ["before", "after"] as const) {
          for (let at = 0; at < undisturbed.calls.length; at++) {
            const home = Path.join(yield* directory, "home")
            const fault = how === "stopped" ? { stop: when } : { code: "ENOSPC", when }
            const disk = FaultyDisk.make((index) => (index === at ? fault : "none"), FaultyDisk.withoutSync)
            // What is stopped never ends, and cannot be waited for.
            const first = yield* Effect.forkDaemon(Effect.provide(importing(wanted), services(home, disk.layer)))
            const end = Effect.raceFirst(Fiber.join(first), Effect.zipRight(disk.stopped, Effect.fail("stopped")))
            const exit = yield* Effect.exit(end)
            const where = `${how} ${when} ${undisturbed.operations[at]} (${at})`
            const isMade = existsSync(Path.join(home, "identity-map.json"))
            if (Exit.isSuccess(exit)) assert.isTrue(isMade, where)
            const found = yield* Effect.provide(now, services(home))
            assert.strictEqual(found.history.length, isMade ? 4 : 0, where)
            assert.strictEqual(found.map.entries.size, isMade ? 1 : 0, where)
            if (!isMade) unmade += 1
            yield* Effect.provide(importing(wanted), services(home))
            assert.strictEqual(readFileSync(Path.join(home, "identity-map.json"), "utf8"), map, where)
            const { history } = yield* Effect.provide(now, services(home))
            deepStrictEqual(
              history.map(({ action, sequence }) => [sequence, action]),
              [
                [1, "link"],
                [2, "undo"],
                [3, "link"],
                [4, "import"]
              ],
              where
            )
            deepStrictEqual(
              readdirSync(home).filter((name) => name.endsWith(".tmp")),
              [],
              where
            )
          }
        }
        assert.isAtLeast(unmade, 20)
      }),
    60_000
  )
})
