import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { type Descriptor, Disk, type DiskError } from "./Disk.js"

/**
 * Locks that the kernel keeps: one holder at a time among all processes and within each, and free again the moment its
 * holder is gone, however it went. The file itself says nothing, and is never removed: a lock on a removed file is none.
 */
export class FileLock extends Context.Tag("warelay/storage/FileLock")<
  FileLock,
  {
    /**
     * Holds the lock until the scope closes. Waits its turn for so long, without an order among those who wait. A process
     * that inherits the descriptor holds it, too.
     */
    readonly hold: (
      path: string,
      patience: Duration.Duration
    ) => Effect.Effect<Descriptor, DiskError | LockHeld, Scope.Scope>
  }
>() {}

/** A waiting call of the kernel's could not be interrupted, so we ask again: soon at first, then about every 10 ms. */
const askAgain = Schedule.exponential("1 millis", 1.5).pipe(
  Schedule.union(Schedule.spaced("10 millis")),
  Schedule.jittered
)

/** Somebody else has the lock, and kept it for as long as was waited. */
export class LockHeld extends Data.TaggedError("LockHeld")<{}> {}

/** Waits until the lock of an open file is its own, until it is unlocked or closed. Whose it is already does not wait. */
export const take = (
  disk: Disk["Type"],
  file: Descriptor,
  patience: Duration.Duration
): Effect.Effect<void, DiskError | LockHeld> => {
  const tried = Effect.flatMap(disk.tryLock(file), (taken) => (taken ? Effect.void : new LockHeld()))
  // Nearly always nobody has it, and then nothing is put beside that looks at a clock.
  return Effect.catchTag(tried, "LockHeld", () =>
    tried.pipe(
      Effect.retry({ schedule: askAgain, while: (error) => error._tag === "LockHeld" }),
      Effect.timeoutFail({ duration: patience, onTimeout: () => new LockHeld() })
    )
  )
}

export const make = (disk: Disk["Type"]): FileLock["Type"] => ({
  hold: (path, patience) =>
    Effect.acquireRelease(disk.open(path, "lock"), (file) => Effect.ignore(disk.close(file))).pipe(
      Effect.tap((file) => take(disk, file, patience))
    )
})

export const layer: Layer.Layer<FileLock, never, Disk> = Layer.effect(FileLock, Effect.map(Disk, make))

/** As long as a change by somebody else may take before it is taken for stuck. */
export const patience = Duration.seconds(5)
