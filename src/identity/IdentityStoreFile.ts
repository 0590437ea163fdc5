import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Home } from "../config/Home.js"
import type { Disk } from "../storage/Disk.js"
import * as DurableFile from "../storage/DurableFile.js"
import type { FileLock } from "../storage/FileLock.js"
import * as LogFile from "../storage/LogFile.js"
import { codec } from "./IdentityMapText.js"
import { IdentityStore, make } from "./IdentityStore.js"

/**
 * In `identity-map.json` in the home, explained by `identity-journal.ndjson`. Edits of the map by hand are followed, and
 * deleting it is the way to start afresh.
 */
export const makeFile: Effect.Effect<IdentityStore["Type"], never, Home | Disk | FileLock> = Effect.flatMap(
  Home,
  ({ identityMap, journal }) => Effect.zipWith(DurableFile.make(identityMap, codec), LogFile.make(journal), make)
)

export const layerFile: Layer.Layer<IdentityStore, never, Home | Disk | FileLock> = Layer.effect(
  IdentityStore,
  makeFile
)
