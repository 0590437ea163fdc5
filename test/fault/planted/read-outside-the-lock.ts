import * as Effect from "effect/Effect"
import * as DurableFile from "../../../src/storage/DurableFile.js"
import { type Implementation, real } from "../Implementation.js"

/** Decides by what it has read before it takes the lock. */
export const readOutsideTheLock: Implementation = {
  ...real,
  name: "read outside the lock",
  document: (path, codec) =>
    Effect.map(DurableFile.make(path, codec), (file) => ({
      ...file,
      modify: (change, manner) => Effect.flatMap(file.readable, (before) => file.modify(() => change(before), manner))
    }))
}
