import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { IdentityStore } from "../identity/IdentityStore.js"
import { makeFile } from "../identity/IdentityStoreFile.js"
import * as storage from "./storage.js"

/** The map in the home, for those who look at it. */
export const context = Effect.gen(function* () {
  const home = yield* storage.context
  return Context.make(IdentityStore, yield* Effect.provide(makeFile, home))
})
