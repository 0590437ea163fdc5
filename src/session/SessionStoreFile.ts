import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Home } from "../config/Home.js"
import type { Disk } from "../storage/Disk.js"
import * as DurableFile from "../storage/DurableFile.js"
import type { FileLock } from "../storage/FileLock.js"
import { make, SessionStore } from "./SessionStore.js"
import { codec } from "./SessionTable.js"

/** In `sessions.json` in the home. */
export const layerFile: Layer.Layer<SessionStore, never, Home | Disk | FileLock> = Layer.effect(
  SessionStore,
  Effect.flatMap(Home, ({ sessions }) => Effect.flatMap(DurableFile.make(sessions, codec), make))
)
