import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RcMap from "effect/RcMap"
import type * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import * as Path from "node:path"
import { Home } from "../config/Home.js"
import type { SessionId } from "../session/Start.js"
import { type Descriptor, Disk, using } from "../storage/Disk.js"
import { FileLock } from "../storage/FileLock.js"
import { StorageFailed } from "../storage/StorageError.js"
import { SessionHeld } from "./AgentError.js"
import { endGroup } from "./ChildProcess.js"

/** Claude loses an answer when two turns of one session overlap, so whoever runs one holds its session. */
export class SessionLock extends Context.Tag("warelay/agent/SessionLock")<
  SessionLock,
  {
    /**
     * Holds these sessions until the scope closes. Waits while somebody else has one of them, but not for ever. A process
     * that inherits the descriptors holds them as long as it lives, should ours be killed.
     */
    readonly hold: (
      sessions: ReadonlyArray<SessionId>
    ) => Effect.Effect<ReadonlyArray<Descriptor>, StorageFailed | SessionHeld, Scope.Scope>
    /**
     * Ends what a relay that was killed has left running in sessions, and says how many that were: nobody hears their
     * answers any more. Only who knows that no other relay runs may ask for it.
     */
    readonly evict: Effect.Effect<number>
  }
>() {}

/** Enough that two sessions hardly ever meet in one lock, few enough that their files do not pile up. */
const digits = 4

const nameOf = (session: SessionId): string => createHash("sha256").update(session).digest("hex").slice(0, digits)

/** In one order everywhere, each once, so that nobody waits for somebody who waits for him. */
const namesOf = (sessions: ReadonlyArray<SessionId>): ReadonlyArray<string> =>
  Array.from(new Set(sessions.map(nameOf))).sort()

/** Among the turns of one process. */
export const layerMemory: Layer.Layer<SessionLock> = Layer.scoped(
  SessionLock,
  Effect.gen(function* () {
    const locks = yield* RcMap.make({ lookup: (_: string) => Effect.makeSemaphore(1), idleTimeToLive: Duration.zero })
    const take = (name: string) =>
      Effect.flatMap(RcMap.get(locks, name), (lock) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.zipRight(
            restore(lock.take(1)),
            Effect.addFinalizer(() => lock.release(1))
          )
        )
      )
    return {
      hold: (sessions) => Effect.as(Effect.forEach(namesOf(sessions), take, { discard: true }), []),
      evict: Effect.succeed(0)
    }
  })
)

/** From when on somebody should know that one waits. */
const long = Duration.seconds(10)

/** The first line of a lock that a relay holds; behind it are the process groups that inherited it. */
const ofRelay = "relay"

/** The last: one that began before another had ended by then. */
const groupsIn = (content: Uint8Array): ReadonlyArray<number> => {
  const [owner, ...groups] = new TextDecoder().decode(content).trim().split("\n")
  if (owner !== ofRelay) return []
  return groups
    .slice(-1)
    .map(Number)
    .filter((group) => Number.isSafeInteger(group) && group > 1)
}

export interface Manner {
  /** How long one waits at most: longer than a turn can take. */
  readonly patience: Duration.Duration
  /** Whether this process is the one relay of the home. */
  readonly isRelay: boolean
}

/**
 * Among all processes with this home: `locks/<hash>.lock`, kept by the kernel and gone with the process and with those
 * that inherited it.
 */
export const layerFile = ({ isRelay, patience }: Manner): Layer.Layer<SessionLock, never, Home | Disk | FileLock> =>
  Layer.effect(
    SessionLock,
    Effect.gen(function* () {
      const { locks } = yield* Home
      const disk = yield* Disk
      const lock = yield* FileLock

      const reported = Effect.logWarning(
        "a turn waits for another process in its conversation: that of warelay agent, or one that it has started"
      ).pipe(Effect.delay(long), Effect.zipRight(Effect.never))

      const hold = (file: string) =>
        lock.hold(file).pipe(
          // What left the process's group at the end of a turn may live on with the descriptor.
          Effect.tap((descriptor) => Effect.addFinalizer(() => Effect.ignore(disk.unlock(descriptor)))),
          Effect.tap((descriptor) => disk.truncate(descriptor, 0)),
          Effect.tap((descriptor) => isRelay && disk.write(descriptor, new TextEncoder().encode(`${ofRelay}\n`))),
          Effect.raceFirst(reported),
          Effect.timeoutFail({
            duration: patience,
            onTimeout: () => new SessionHeld({ file, seconds: Duration.toSeconds(patience) })
          })
        )

      /** The groups that may be in a session though whoever let them in is gone. As long as one is, its number is its own. */
      const left = (file: string) =>
        using(disk, disk.open(file, "lock"), (descriptor) =>
          Effect.flatMap(disk.tryLock(descriptor), (isFree) =>
            isFree ? Effect.succeed([]) : Effect.map(disk.read(descriptor, 0), groupsIn)
          )
        ).pipe(Effect.orElseSucceed(() => []))

      return {
        hold: (sessions) =>
          disk.makeDirectory(locks).pipe(
            Effect.zipRight(Effect.forEach(namesOf(sessions), (name) => hold(Path.join(locks, `${name}.lock`)))),
            Effect.catchTag(
              "DiskError",
              ({ code, path }) => new StorageFailed({ file: path, doing: "saving", code, state: "unchanged" })
            )
          ),
        evict: Effect.gen(function* () {
          const names = yield* Effect.orElseSucceed(disk.list(locks), () => [])
          const found = yield* Effect.forEach(names, (name) => left(Path.join(locks, name)))
          const groups = new Set(found.flat())
          yield* Effect.forEach(groups, endGroup, { concurrency: "unbounded", discard: true })
          return groups.size
        })
      }
    })
  )
