import * as Effect from "effect/Effect"
import { IdentityStore } from "../../identity/IdentityStore.js"

/** Enough for whoever looks to come between two changes. */
const attempts = 20

/** The map and all that is on record of how it came about, both as they were at one moment. */
export const archive = Effect.flatMap(IdentityStore, ({ history, readable }) =>
  Effect.map(Effect.all([readable, history, readable]), ([before, changes, snapshot]) => ({
    snapshot,
    history: changes,
    settled: before.revision === snapshot.revision
  })).pipe(Effect.repeat({ times: attempts, until: ({ settled }) => settled }))
)
