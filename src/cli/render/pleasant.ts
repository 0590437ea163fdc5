import * as Effect from "effect/Effect"

/** Mappings as people read them. To know how wide a text is takes long to load, and is loaded only then. */
export const pleasant = Effect.promise(() => import("./mapping.js"))
