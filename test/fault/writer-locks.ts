import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { Disk, DiskError } from "../../src/storage/Disk.js"
import { FileLock, LockHeld } from "../../src/storage/FileLock.js"

/** A lock that is a file's existence, which is what most programs use. `takeOver` is what one who waits does. */
const existence = (
  takeOver: (
    path: string,
    waiting: Effect.Effect<void, DiskError>,
    disk: Disk["Type"]
  ) => Effect.Effect<void, DiskError>
) =>
  Layer.effect(
    FileLock,
    Effect.map(Disk, (disk) =>
      FileLock.of({
        hold: (lock, patience) => {
          const path = `${lock}.d`
          const create = Effect.flatMap(disk.open(path, "create"), disk.close)
          const waiting = Effect.retry(create, {
            schedule: Schedule.spaced("50 millis"),
            while: ({ code }) => code === "EEXIST"
          })
          return takeOver(path, waiting, disk).pipe(
            Effect.timeoutFail({ duration: patience, onTimeout: () => new LockHeld() }),
            Effect.zipRight(Effect.addFinalizer(() => Effect.ignore(disk.remove(path)))),
            Effect.as(0)
          )
        }
      })
    )
  )

/** Locks that are wrong, each in a way that is found in the wild. */
export const wrongLocks = {
  /** None. */
  "no-lock": Layer.succeed(FileLock, { hold: () => Effect.succeed(0) }),
  /** Stays when its holder dies. */
  "file-lock": existence((_, waiting) => waiting),
  /** Taken for a dead one's after two seconds. */
  "stale-lock": existence((path, waiting, disk) =>
    Effect.timeoutTo(waiting, {
      duration: "2 seconds",
      onSuccess: () => Effect.void,
      onTimeout: () => Effect.ignore(disk.remove(path)).pipe(Effect.zipRight(waiting))
    }).pipe(Effect.flatten)
  )
}

export type WrongLock = keyof typeof wrongLocks

export const isWrongLock = (name: string): name is WrongLock => name in wrongLocks
