import * as Effect from "effect/Effect"
import { type Implementation, real } from "../Implementation.js"

/** Syncs what is in the files, and not under which name they stand. */
export const noDirectorySync: Implementation = {
  ...real,
  name: "no directory sync",
  disk: (disk) => {
    const directories = new Set<number>()
    return {
      ...disk,
      open: (path, purpose) =>
        Effect.tap(disk.open(path, purpose), (file) =>
          Effect.sync(() => (purpose === "directory" ? directories.add(file) : directories.delete(file)))
        ),
      sync: (file) => (directories.has(file) ? Effect.void : disk.sync(file))
    }
  }
}
