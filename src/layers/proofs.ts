import * as Layer from "effect/Layer"
import { layerFile as keyFile } from "../identity/proof/ProofKey.js"
import * as Proofs from "../identity/proof/Proofs.js"
import { layerFile } from "../identity/proof/ProofStoreFile.js"
import * as Secrets from "../identity/proof/Secrets.js"
import * as linking from "./linking.js"

/** By which people link themselves, as the files in the home have it. */
export const layer = Layer.provide(Proofs.layer, [layerFile, keyFile, Secrets.layer, linking.layer])
