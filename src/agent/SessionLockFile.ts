import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { randomUUID } from "node:crypto"
import * as Path from "node:path"
import { Home } from "../config/Home.js"
import { type Descriptor, Disk, type DiskError, using } from "../storage/Disk.js"
import { take as takeLock } from "../storage/FileLock.js"
import { StorageFailed } from "../storage/StorageError.js"
import { SessionHeld } from "./AgentError.js"
import { endGroup } from "./ProcessGroup.js"
import { make, SessionLock } from "./SessionLock.js"

/** From when on somebody should know that one waits. */
const long = Duration.seconds(10)

/**
 * For how long after a turn others are kept out, where a command stays in the session: `claude` has written down a turn
 * some 0.1 s after its answer.
 */
const settling = Duration.seconds(1)

/** The first line of a lock that a relay holds; behind it are the process groups that inherited it. */
const ofRelay = "relay"

/** The last: one that began before another had ended by then. */
const groupIn = (content: string): Option.Option<number> => {
  const [owner, ...groups] = content.trim().split("\n")
  if (owner !== ofRelay) return Option.none()
  return Option.filter(Option.map(Arr.last(groups), Number), (group) => Number.isSafeInteger(group) && group > 1)
}

export interface Manner {
  /** How long one waits at most for another process: longer than a turn can take. */
  readonly patience: Duration.Duration
  /** Whether this process is the one relay of the home. */
  readonly isRelay: boolean
}

/**
 * Among all processes with this home: `locks/<hash>.lock`, kept by the kernel and gone with the process and with those
 * that inherited it.
 */
export const layerFile = ({ isRelay, patience }: Manner): Layer.Layer<SessionLock, never, Home | Disk> =>
  Layer.scoped(
    SessionLock,
    Effect.gen(function* () {
      const { locks } = yield* Home
      const disk = yield* Disk

      const failed = ({ code, path }: DiskError) =>
        new StorageFailed({ file: path, doing: "saving", code, state: "unchanged" })

      const reported = Effect.logWarning(
        "a turn waits for another process in its conversation: that of warelay agent, or one that it has started"
      ).pipe(Effect.delay(long), Effect.zipRight(Effect.never))

      const write = (file: Descriptor, line: string) => disk.write(file, new TextEncoder().encode(`${line}\n`))
      const read = (file: Descriptor) => Effect.map(disk.read(file, 0), (bytes) => new TextDecoder().decode(bytes))

      const open = (name: string) =>
        Effect.gen(function* () {
          const path = Path.join(locks, `${name}.lock`)
          yield* disk.makeDirectory(locks)
          const file = yield* Effect.acquireRelease(disk.open(path, "lock"), (file) =>
            // What left the process's group at the end of a turn may live on with the descriptor.
            Effect.zipRight(Effect.ignore(disk.unlock(file)), Effect.ignore(disk.close(file)))
          )
          const giving = yield* FiberHandle.make()
          let group = Option.none<number>()
          // A lock that is free names nobody, because the number may be another's by then. We know who was in it last if it
          // holds what we left there.
          let ours = { mark: "", group }
          let isTaken = false

          const take = Effect.gen(function* () {
            yield* FiberHandle.clear(giving)
            yield* takeLock(disk, file, patience)
            isTaken = true
            const found = (yield* read(file)).trim()
            yield* disk.truncate(file, 0)
            if (isRelay) yield* write(file, ofRelay)
            return found !== "" && found === ours.mark ? ours.group : Option.none()
          })
          const leaveMark = Effect.gen(function* () {
            ours = { mark: yield* Effect.sync(randomUUID), group }
            isTaken = false
            group = Option.none()
            yield* disk.truncate(file, 0)
            yield* write(file, ours.mark)
          })
          return {
            turn: yield* Effect.makeSemaphore(1),
            descriptors: [file],
            take: take.pipe(
              Effect.raceFirst(reported),
              Effect.catchTags({
                LockHeld: () => new SessionHeld({ file: path, seconds: Duration.toSeconds(patience) }),
                DiskError: failed
              })
            ),
            giveUp: Effect.suspend(() => (isTaken ? Effect.ignore(leaveMark) : Effect.void)).pipe(
              Effect.zipRight(FiberHandle.run(giving, Effect.delay(Effect.ignore(disk.unlock(file)), settling))),
              // Closed with all others, it is given up already.
              Effect.catchAllCause(() => Effect.void)
            ),
            note: (now: number) =>
              Effect.suspend(() => {
                group = Option.some(now)
                return Effect.ignore(write(file, String(now)))
              })
          }
        }).pipe(Effect.catchTag("DiskError", failed))

      /** The group that was let into a session last, if whoever let it in is gone and somebody still holds the session. */
      const left = (file: string) =>
        using(disk, disk.open(file, "lock"), (descriptor) =>
          Effect.flatMap(disk.tryLock(descriptor), (isFree) =>
            isFree ? Effect.as(disk.truncate(descriptor, 0), Option.none()) : Effect.map(read(descriptor), groupIn)
          )
        ).pipe(Effect.orElseSucceed(Option.none))

      const evict = Effect.gen(function* () {
        const names = yield* Effect.orElseSucceed(disk.list(locks), () => [])
        const found = yield* Effect.forEach(names, (name) => left(Path.join(locks, name)))
        const groups = new Set(Arr.getSomes(found))
        yield* Effect.forEach(groups, endGroup, { concurrency: "unbounded", discard: true })
        return groups.size
      })

      return yield* make(open, evict)
    })
  )
