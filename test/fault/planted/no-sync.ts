import * as Effect from "effect/Effect"
import { type Implementation, real } from "../Implementation.js"

/** Saves, and leaves it to the system when the bytes get to the device. Directories are synced. */
export const noSync: Implementation = {
  ...real,
  name: "no sync",
  disk: (disk) => {
    const directories = new Set<number>()
    return {
      ...disk,
      open: (path, purpose) =>
        Effect.tap(disk.open(path, purpose), (file) =>
          Effect.sync(() => (purpose === "directory" ? directories.add(file) : directories.delete(file)))
        ),
      sync: (file) => (directories.has(file) ? disk.sync(file) : Effect.void)
    }
  }
}
