import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "node:path"
import type { Disk, DiskError } from "./Disk.js"
import { syncDirectory } from "./Replacement.js"

/** The directories above one, up to the one that `topmost` stands in. */
const ancestors = (directory: string, topmost: string): ReadonlyArray<string> => {
  const above = Path.dirname(directory)
  return directory === topmost || above === directory ? [above] : [above, ...ancestors(above, topmost)]
}

/**
 * Makes the directory of a file and those above it that are missing. A directory is there for good when the one above it is
 * synced; where the file is not there yet, so may be one that somebody made who was killed before he came to that.
 */
export const makeFor = (disk: Disk["Type"], file: string): Effect.Effect<void, DiskError> => {
  const directory = Path.dirname(file)
  const syncAbove = (topmost: string) =>
    Effect.forEach(ancestors(directory, topmost), (above) => syncDirectory(disk, above), { discard: true })
  return Effect.flatMap(disk.stat(file), (found) =>
    Effect.flatMap(
      disk.makeDirectory(directory),
      Option.match({
        onNone: () => (Option.isNone(found) ? Effect.ignore(syncAbove(Path.parse(directory).root)) : Effect.void),
        onSome: syncAbove
      })
    )
  )
}
