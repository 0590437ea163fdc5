import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Identities from "../identity/Identities.js"
import { IdentityStore } from "../identity/IdentityStore.js"
import { makeFile } from "../identity/IdentityStoreFile.js"
import { LinkingSettings } from "../identity/LinkingSettings.js"
import * as SharedIds from "../identity/SharedIds.js"
import * as linking from "./linking.js"

/** Who is who, as the file in the home has it. All that the `identity` commands need. */
export const context = Effect.gen(function* () {
  const store = Context.make(IdentityStore, yield* makeFile)
  const below = store.pipe(
    Context.add(SharedIds.SharedIds, SharedIds.random),
    Context.add(LinkingSettings, yield* linking.make)
  )
  return Context.add(store, Identities.Identities, yield* Effect.provide(Identities.make, below))
})

export const layer = Layer.effectContext(context)
