// A home in which there is a map with its journal, and what a test does there.
import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Decision } from "../../src/identity/Decision.js"
import * as Identities from "../../src/identity/Identities.js"
import type { Identity } from "../../src/identity/Identity.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { fold, type History } from "../../src/identity/Journal.js"
import * as SharedIds from "../../src/identity/SharedIds.js"
import type { Disk } from "../../src/storage/Disk.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"
import * as Home from "../../src/config/Home.js"
import * as home from "../support/home.js"
import { the } from "./arbitrary.js"
import { written } from "./world.js"

export const phone = the("whatsapp", "+1234567890")
export const john = the("telegram", "@john")
export const mary = the("telegram", "@mary")
export const anna = the("telegram", "900000001")

/** The files of a home, and services over them as another process would have them. */
export interface Place {
  readonly directory: string
  readonly map: string
  readonly journal: string
}

export const at = (directory: string): Place => ({
  directory,
  map: Path.join(directory, "identity-map.json"),
  journal: Path.join(directory, "identity-journal.ndjson")
})

export const services = (directory: string, disk: Layer.Layer<Disk> = NodeDisk.layer) =>
  Layer.provideMerge(Identities.layer, layerFile).pipe(
    Layer.provide(SharedIds.layer),
    Layer.provide(FileLock.layer),
    Layer.provide([disk, Home.layerAt(directory)]),
    Layer.fresh
  )

export const inHome = <A, E>(
  run: (place: Place) => Effect.Effect<A, E, Identities.Identities | IdentityStore | Scope.Scope>
) =>
  Effect.gen(function* () {
    const directory = Path.join(yield* home.directory, "home")
    return yield* Effect.provide(run(at(directory)), services(directory))
  })

export const change = (wish: Identities.Wish) => Effect.flatMap(Identities.Identities, ({ change }) => change(wish))

export const link = (...identities: ReadonlyArray<Identity>) =>
  Effect.map(change(Decision.Link({ identities })), ({ mapping }) => Option.getOrThrow(mapping))

export const now = Effect.gen(function* () {
  const { history, readable } = yield* IdentityStore
  return { map: (yield* readable).value, history: yield* history }
})

export const actions = (history: History) => history.map(({ action, by, sequence }) => `${sequence} ${action} by ${by}`)

/** That what is on record leads to what there is, in whole lines. */
export const isInOrder = ({ journal }: Place) =>
  Effect.map(now, ({ history, map }) => {
    deepStrictEqual(written(fold(history)), written(map))
    deepStrictEqual(
      history.map(({ sequence }) => sequence),
      history.map((_, n) => n + 1)
    )
    const text = Fs.readFileSync(journal, "utf8")
    assert.isTrue(text.endsWith("}\n"))
    for (const line of text.split("\n").slice(0, -1)) JSON.parse(line)
    return history
  })

const mappingOf = (id: string, identity: string) => ({
  id,
  identities: { telegram: identity },
  createdAt: "2024-01-01T00:00:00Z",
  updatedAt: "2024-01-01T00:00:00Z"
})

export const mapWith = (...ids: ReadonlyArray<string>): string => {
  const mappings = Object.fromEntries(ids.map((id, n) => [id, mappingOf(id, String(10 + n))]))
  return `${JSON.stringify({ version: 1, mappings }, null, 2)}\n`
}
