import * as Effect from "effect/Effect"
import type { Disk } from "../../../src/storage/Disk.js"

/** A disk that syncs directories and nothing else, or everything but them. */
export const syncing =
  (what: "directories" | "files") =>
  (disk: Disk["Type"]): Disk["Type"] => {
    const directories = new Set<number>()
    return {
      ...disk,
      open: (path, purpose) =>
        Effect.tap(disk.open(path, purpose), (file) =>
          Effect.sync(() => (purpose === "directory" ? directories.add(file) : directories.delete(file)))
        ),
      sync: (file) => (directories.has(file) === (what === "directories") ? disk.sync(file) : Effect.void)
    }
  }
