import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Home } from "../config/Home.js"
import type { Disk } from "../storage/Disk.js"
import * as DurableFile from "../storage/DurableFile.js"
import type { FileLock } from "../storage/FileLock.js"
import { codec } from "./IdentityMapText.js"
import { IdentityStore, make } from "./IdentityStore.js"

/** In `identity-map.json` in the home. Edits by hand are followed, and deleting it is the way to start afresh. */
export const layerFile: Layer.Layer<IdentityStore, never, Home | Disk | FileLock> = Layer.effect(
  IdentityStore,
  Effect.flatMap(Home, ({ identityMap }) => Effect.map(DurableFile.make(identityMap, codec), make))
)
