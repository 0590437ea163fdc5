import * as Effect from "effect/Effect"

/** What shows a decision without carrying it out takes the configuration and the sessions, and is loaded only then. */
export const rehearsal = Effect.promise(() => import("./dryRun.js"))
