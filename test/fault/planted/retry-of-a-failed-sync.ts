import * as Effect from "effect/Effect"
import { type Implementation, real } from "../Implementation.js"

/** Asks once more for a sync that failed, and is told that there is nothing left to do. */
export const retryOfAFailedSync: Implementation = {
  ...real,
  name: "retry of a failed sync",
  disk: (disk) => ({ ...disk, sync: (file) => Effect.retry(disk.sync(file), { times: 1 }) })
}
