import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Home } from "../../config/Home.js"
import type { Disk } from "../../storage/Disk.js"
import * as DurableFile from "../../storage/DurableFile.js"
import type { FileLock } from "../../storage/FileLock.js"
import type { Identity } from "../Identity.js"
import { codec, forgotten } from "./Book.js"
import { make, ProofStore } from "./ProofStore.js"

/** In `proofs.json` in the home. */
export const layerFile: Layer.Layer<ProofStore, never, Home | Disk | FileLock> = Layer.effect(
  ProofStore,
  Effect.flatMap(Home, ({ proofs }) => Effect.map(DurableFile.make(proofs, codec), make))
)

/** Takes an account out of the file, with all that it is part of. */
export const forget = (identity: Identity) =>
  Effect.flatMap(ProofStore, ({ change }) => change((book) => [undefined, forgotten(book, identity)])).pipe(
    Effect.provide(layerFile)
  )
