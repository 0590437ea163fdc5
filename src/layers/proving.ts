import * as Layer from "effect/Layer"
import * as identities from "./identity.js"
import * as proofs from "./proofs.js"
import * as storage from "./storage.js"

/** What people are about to link themselves, for those who look at it from outside the relay, or take part in it. */
export const layer = proofs.layer.pipe(Layer.provide(identities.layer), Layer.provide(storage.layer))
