import * as Layer from "effect/Layer"
import * as SessionIds from "../session/SessionIds.js"
import { layerFile } from "../session/SessionStoreFile.js"
import * as Sessions from "../session/Sessions.js"
import * as Settings from "./Settings.js"

/** The conversations on record in the home. */
export const layer = Sessions.layer.pipe(
  Layer.provide([layerFile, SessionIds.layer]),
  Layer.provideMerge(Settings.layer)
)
