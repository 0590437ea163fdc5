import * as Layer from "effect/Layer"
import * as Identities from "../identity/Identities.js"
import { layerMemory } from "../identity/IdentityStore.js"
import * as SharedIds from "../identity/SharedIds.js"
import * as session from "./session.js"

/** The identity map and the session keys without a home: nothing is read or written, and nothing is left at the end. */
export const layer = Layer.merge(Identities.layer, session.layer).pipe(
  Layer.provideMerge(layerMemory),
  Layer.provide(SharedIds.layer)
)
