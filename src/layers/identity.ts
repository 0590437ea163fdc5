import * as Layer from "effect/Layer"
import * as Identities from "../identity/Identities.js"
import { layerFile } from "../identity/IdentityStoreFile.js"
import * as linking from "./linking.js"
import * as SharedIds from "../identity/SharedIds.js"

/** Who is who, as the file in the home has it. All that the `identity` commands need. */
export const layer = Identities.layer.pipe(
  Layer.provideMerge(layerFile),
  Layer.provide(SharedIds.layer),
  Layer.provide(linking.layer)
)
