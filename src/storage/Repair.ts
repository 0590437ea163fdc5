import * as Effect from "effect/Effect"
import * as Path from "node:path"
import { Disk } from "./Disk.js"
import { FileLock, patience } from "./FileLock.js"
import { Repair, written } from "./Problem.js"
import { sweep } from "./Replacement.js"
import { FileBusy, StorageFailed } from "./StorageError.js"

const failed = (file: string) => (error: { readonly code: string }) =>
  new StorageFailed({ file, doing: "saving", code: error.code, state: "unchanged" })

/** Makes one repair, and says in a sentence what it did. */
export const repair: (repair: Repair) => Effect.Effect<string, StorageFailed | FileBusy, Disk | FileLock> =
  Repair.$match({
    SetMode: ({ mode, path }) =>
      Effect.flatMap(Disk, (disk) => disk.setMode(path, mode)).pipe(
        Effect.mapError(failed(path)),
        Effect.as(`The mode of ${path} is now ${written(mode)}.`)
      ),
    Sweep: ({ lock: path, target }) =>
      Effect.gen(function* () {
        const disk = yield* Disk
        const lock = yield* FileLock
        yield* Effect.catchTags(lock.hold(path, patience), {
          LockHeld: () => new FileBusy({ file: target, lock: path }),
          DiskError: (error) => failed(path)(error)
        })
        yield* Effect.mapError(sweep(disk, target), failed(target))
        return `What a killed process had left beside ${Path.basename(target)} is gone.`
      }).pipe(Effect.scoped)
  })
