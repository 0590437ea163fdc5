import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Disk, DiskError, type Signature, sameSignature } from "./Disk.js"

/** Somebody who takes no lock, an editor for example, saved the file after it was read. What he saved stands. */
export class ChangedMeanwhile extends Data.TaggedError("ChangedMeanwhile")<{}> {}

/** The new content stands in its place, and then something failed, so that it may not be there for good. */
export class Unsynced extends Data.TaggedError("Unsynced")<{ readonly error: DiskError }> {}

/** What file systems say that cannot give a file two names. */
export const cannotLink = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"])

/** What file systems say that cannot let two files change places. */
const cannotSwap = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])

const cannotExchange = (error: DiskError | ChangedMeanwhile | Unsynced): boolean =>
  error instanceof DiskError && error.operation === "swap" && cannotSwap.has(error.code)

type Service = Disk["Type"]

/** Whether both names are names of one file. */
const isOne = (disk: Service, one: string, other: string): Effect.Effect<boolean> =>
  Effect.zipWith(disk.stat(one), disk.stat(other), (found, also) =>
    Option.exists(found, (a) => Option.exists(also, (b) => a.inode === b.inode && a.device === b.device))
  ).pipe(Effect.orElseSucceed(() => false))

/** Gives the file at `temp` the name `target` in its stead, unless something stands there: then it fails with `EEXIST`. */
export const name = (disk: Service, temp: string, target: string): Effect.Effect<void, DiskError> =>
  disk.link(temp, target).pipe(
    // A network file system may have made the link of which it says that it failed.
    Effect.catchAll((error) => Effect.flatMap(isOne(disk, temp, target), (made) => (made ? Effect.void : error))),
    Effect.zipLeft(Effect.ignore(disk.remove(temp)))
  )

/**
 * The two change places. What has come out is looked at, and put back unless it is what was expected; where not even that
 * can be done it becomes the previous version, so that what somebody has saved is never lost.
 */
const exchange = (disk: Service, temp: string, target: string, expected: Signature) =>
  Effect.zipRight(
    disk.swap(temp, target),
    disk.stat(temp).pipe(
      Effect.filterOrFail(
        // The time of the last change of any kind is that of the exchange.
        Option.exists((out) => sameSignature({ ...out, changed: expected.changed }, expected)),
        () => new ChangedMeanwhile()
      ),
      Effect.zipRight(disk.remove(temp)),
      Effect.tapError(() =>
        Effect.catchAll(disk.swap(temp, target), (error) =>
          Effect.zipRight(Effect.ignore(disk.rename(temp, `${target}.bak`)), new Unsynced({ error }))
        )
      )
    )
  )

/**
 * Gives the file at `temp` the name `target` in one step. If something else than expected stands there by now, that stays.
 * Only a file system that can neither link nor exchange replaces what somebody puts there at this very moment.
 */
export const publish = (
  disk: Service,
  temp: string,
  target: string,
  expected: Option.Option<Signature>
): Effect.Effect<void, DiskError | ChangedMeanwhile | Unsynced> =>
  Option.match(expected, {
    onNone: () =>
      name(disk, temp, target).pipe(
        Effect.catchIf(
          ({ code }) => cannotLink.has(code),
          () => disk.rename(temp, target)
        ),
        Effect.catchIf(
          ({ code }) => code === "EEXIST",
          () => new ChangedMeanwhile()
        )
      ),
    onSome: (expected) =>
      Effect.catchIf(exchange(disk, temp, target, expected), cannotExchange, () => disk.rename(temp, target))
  })
