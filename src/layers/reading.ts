import * as Layer from "effect/Layer"
import { layerFile } from "../identity/IdentityStoreFile.js"
import * as storage from "./storage.js"

/** The map in the home, for those who look at it. */
export const layer = Layer.provide(layerFile, storage.layer)
