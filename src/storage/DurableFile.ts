import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Path from "node:path"
import * as Directory from "./Directory.js"
import { Disk, type DiskError } from "./Disk.js"
import { type Codec, type Document, type Manner, ordinary, type Snapshot, type WriteError } from "./Document.js"
import * as FileContent from "./FileContent.js"
import { FileLock, patience } from "./FileLock.js"
import { discard, replace, sweep, syncDirectory } from "./Replacement.js"
import { FileBusy, StorageFailed } from "./StorageError.js"

/** How often a change starts over because an editor, which takes no lock, saved the file meanwhile. */
const retries = 4

/**
 * A document in a file. At every moment the file holds the old content or the new one, whole; a change is acknowledged
 * when the new one would be found after a power cut. Readers take no lock, and see an edit by hand as they see a change.
 */
export const make = <A>(path: string, codec: Codec<A>): Effect.Effect<Document<A>, never, Disk | FileLock> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const lock = yield* FileLock
    const oneAtATime = yield* Effect.makeSemaphore(1)
    const content = yield* FileContent.make(path, codec)

    const failed = (error: Pick<DiskError, "code">, state: StorageFailed["state"] = "unchanged") =>
      new StorageFailed({ file: path, doing: "saving", code: error.code, state })

    /** The file behind all links, with the directory there, the lock held and leftovers gone. */
    const target = Effect.gen(function* () {
      const found = yield* disk.resolve(path)
      yield* Directory.makeFor(disk, found)
      yield* Effect.catchTag(
        lock.hold(`${found}.lock`, patience),
        "LockHeld",
        () => new FileBusy({ file: path, lock: `${found}.lock` })
      )
      yield* sweep(disk, found)
      return found
    }).pipe(Effect.catchTag("DiskError", (error) => failed(error)))

    const discarded = (found: string) => Effect.zipRight(discard(disk, found), syncDirectory(disk, Path.dirname(found)))

    const attempt = <E>(
      found: string,
      change: (now: Snapshot<A>) => Either.Either<Option.Option<A>, E>,
      manner: Manner<A>,
      left: number
    ): Effect.Effect<Snapshot<A>, E | WriteError> =>
      Effect.gen(function* () {
        const { result, signature } = yield* content.newest
        const now = yield* result
        const next = yield* change(now)
        if (Option.isNone(next)) {
          // Gone for good is the earlier version even where nothing takes the place of this one.
          if (manner.previous === "discard") yield* Effect.mapError(discarded(found), (error) => failed(error))
          // Who made it so, and was killed, may not have come to sync it; whoever asks us may rely on it from now on.
          else if (Option.isSome(signature)) {
            yield* Effect.mapError(syncDirectory(disk, Path.dirname(found)), (error) => failed(error, "unsynced"))
          }
          return now
        }
        const bytes = new TextEncoder().encode(codec.encode(next.value))
        if (bytes.length > FileContent.limit) return yield* failed({ code: "EFBIG" })
        const made = FileContent.snapshotOf(next.value, bytes)
        yield* content.expect(made, bytes)
        return yield* replace(disk, found, signature, bytes, {
          witness: manner.witness(now, made),
          previous: manner.previous
        }).pipe(
          Effect.tap(() => content.written(made)),
          Effect.as(made),
          Effect.catchTags({
            ChangedMeanwhile: () => (left > 0 ? attempt(found, change, manner, left - 1) : failed({ code: "EBUSY" })),
            DiskError: (error) => failed(error),
            Unsynced: ({ error }) => failed(error, "unsynced")
          })
        )
      })

    return {
      current: content.current,
      readable: content.readable,
      modify: (change, manner = ordinary) =>
        Effect.flatMap(target, (found) => attempt(found, change, manner, retries)).pipe(
          Effect.scoped,
          oneAtATime.withPermits(1)
        )
    }
  })
