import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { Actor } from "../identity/Recorded.js"
import * as identities from "./identity.js"
import * as storage from "./storage.js"

/** The map in the home, for those who type what is to be done to it. */
export const context = Effect.gen(function* () {
  const home = yield* storage.context
  return Context.add(yield* Effect.provide(identities.context, home), Actor, "cli")
})
