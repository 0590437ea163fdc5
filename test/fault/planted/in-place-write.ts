import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { using } from "../../../src/storage/Disk.js"
import { byRename } from "../../storage/by-rename.js"
import { type Implementation, real } from "../Implementation.js"

/** Writes the new content over the old one, in the same file, and syncs it. */
export const inPlaceWrite: Implementation = {
  ...real,
  name: "in-place write",
  disk: (disk) => ({
    ...byRename(disk),
    rename: (from, to) =>
      Effect.gen(function* () {
        if (Option.isNone(yield* disk.stat(to))) return yield* disk.rename(from, to)
        const bytes = yield* using(disk, disk.open(from, "read"), (file) => disk.read(file, 0))
        yield* using(disk, disk.open(to, "append"), (file) =>
          disk.truncate(file, 0).pipe(Effect.zipRight(disk.write(file, bytes)), Effect.zipRight(disk.sync(file)))
        )
        yield* disk.remove(from)
      })
  })
}
