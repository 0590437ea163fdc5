import * as Layer from "effect/Layer"
import * as identities from "./identity.js"
import * as session from "./session.js"
import * as storage from "./storage.js"

const services = Layer.provideMerge(session.layer, identities.layer)

/** The identity map and the session keys in the home that the environment names. */
export const layer = Layer.provide(services, storage.layer)

/** The same with the home in a given directory. */
export const layerAt = (directory: string) => Layer.provide(services, storage.layerAt(directory))
