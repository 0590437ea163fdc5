import * as Effect from "effect/Effect"
import { type Implementation, real } from "../Implementation.js"

/** Makes the lock file and goes on without the lock. */
export const lockNotTaken: Implementation = {
  ...real,
  name: "lock not taken",
  disk: (disk) => ({ ...disk, tryLock: () => Effect.succeed(true) })
}
