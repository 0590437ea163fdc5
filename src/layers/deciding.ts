import * as Layer from "effect/Layer"
import { Actor } from "../identity/Recorded.js"
import * as identities from "./identity.js"
import * as storage from "./storage.js"

/** The map in the home, for those who type what is to be done to it. */
export const layer = identities.layer.pipe(
  Layer.provide(storage.layer),
  Layer.provideMerge(Layer.succeed(Actor, "cli"))
)
