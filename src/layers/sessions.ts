import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SessionIds from "../session/SessionIds.js"
import type { Key } from "../session/Key.js"
import { SessionStore } from "../session/SessionStore.js"
import { layerFile } from "../session/SessionStoreFile.js"
import { without } from "../session/SessionTable.js"
import * as Sessions from "../session/Sessions.js"
import * as Settings from "./Settings.js"

/** The conversations on record in the home. */
export const layer = Sessions.layer.pipe(
  Layer.provide([layerFile, SessionIds.layer]),
  Layer.provideMerge(Settings.layer)
)

/** The same as if these were not on record. For looking ahead: what is recorded is recorded among all. */
export const layerWithout = (keys: ReadonlyArray<Key>) =>
  Sessions.layer.pipe(
    Layer.provide([
      Layer.effect(
        SessionStore,
        Effect.map(SessionStore, (store) => ({ ...store, all: Effect.map(store.all, (table) => without(table, keys)) }))
      ).pipe(Layer.provide(layerFile)),
      SessionIds.layer
    ]),
    Layer.provideMerge(Settings.layer)
  )
