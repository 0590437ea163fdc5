import * as Effect from "effect/Effect"
import { IdentityMapChanged } from "../../identity/IdentityMapError.js"
import { IdentityStore } from "../../identity/IdentityStore.js"

/** Enough for whoever looks to come between two changes. */
const attempts = 20

/** The map and all that is on record of how it came about, both as they were at one moment. */
export const archive = Effect.flatMap(IdentityStore, ({ history, readable }) =>
  Effect.all([readable, history, readable]).pipe(
    Effect.filterOrFail(
      ([before, , after]) => before.revision === after.revision,
      () => new IdentityMapChanged()
    ),
    Effect.retry({ times: attempts, while: (error) => error instanceof IdentityMapChanged }),
    Effect.map(([, history, snapshot]) => ({ history, snapshot }))
  )
)
