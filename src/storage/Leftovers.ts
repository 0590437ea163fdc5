import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "node:path"
import { Disk } from "./Disk.js"
import { FileLock, patience } from "./FileLock.js"
import { type Problem, problemIn, quoted, Repair } from "./Problem.js"
import { temporaries } from "./Replacement.js"
import * as Standing from "./Standing.js"

/** Whoever holds a lock for as long as it runs is not waited for. */
const briefly = Duration.millis(200)

/** Finds what killed writers have left, by the way in which one looks at a path. */
export const make = (look: Standing.Look) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const lock = yield* FileLock

    /** Only under the lock is it certain that nobody is still at it. None if somebody holds that all the time. */
    const find = (target: string, lockFile: string, wait: Duration.Duration) =>
      Effect.gen(function* () {
        const seen = yield* temporaries(disk, target)
        // Whoever has a temporary file has made the lock file before.
        if (Option.isNone(yield* disk.stat(lockFile))) return Option.some(seen)
        return yield* Effect.zipRight(lock.hold(lockFile, wait), temporaries(disk, target)).pipe(
          Effect.scoped,
          Effect.asSome,
          Effect.catchTag("LockHeld", () => Effect.succeedNone)
        )
      })

    const leftover = (target: string, lockFile: string, path: string): Effect.Effect<Problem> =>
      Effect.map(look(path, { kind: "file" }), ({ usable }) =>
        usable
          ? {
              ...problemIn(path, "a process that was killed while it saved has left it", "The next one removes it."),
              repair: Option.some(Repair.Sweep({ target, lock: lockFile }))
            }
          : problemIn(path, "it stands where new versions are written, so that nothing can be saved", "Move it away.")
      )

    const left = (target: string, lockFile: string, wait: Duration.Duration, busy: ReadonlyArray<Problem>) =>
      find(target, lockFile, wait).pipe(
        Effect.flatMap(
          Option.match({
            onNone: () => Effect.succeed(busy),
            onSome: Effect.forEach((path) => leftover(target, lockFile, path))
          })
        ),
        // Where there is no directory, nothing stands beside.
        Effect.catchAll((error) => Effect.succeed(error.code === "ENOENT" ? [] : [Standing.failed(lockFile, error)]))
      )

    return {
      /** Beside a document: the lock, which is held for no longer than a change takes, and what its holders left. */
      ofDocument: (target: string): Effect.Effect<ReadonlyArray<Problem>> =>
        Effect.gen(function* () {
          const path = `${target}.lock`
          const { problems } = yield* look(path, { kind: "file" })
          // Whoever takes it sets its mode, too.
          if (problems.length > 0) return problems
          const problem = `another process is changing ${Path.basename(target)}, and has been for more than 5 seconds`
          const fix = `Let it finish, or stop it. Which it is: fuser -v ${quoted(path)}`
          return yield* left(target, path, patience, [problemIn(path, problem, fix)])
        }),
      /** Beside a file under a lock that somebody may hold for as long as he runs; then he will see to it. */
      ofLog: (target: string, lockFile: string): Effect.Effect<ReadonlyArray<Problem>> =>
        Effect.gen(function* () {
          const seen = yield* Effect.orElseSucceed(temporaries(disk, target), () => [])
          if (seen.length === 0) return []
          const { problems } = yield* look(lockFile, { kind: "file" })
          return problems.length > 0 ? [] : yield* left(target, lockFile, briefly, [])
        })
    }
  })
