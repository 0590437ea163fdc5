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
import { type Descriptor, Disk } from "../storage/Disk.js"
import { FileLock } from "../storage/FileLock.js"
import { StorageFailed } from "../storage/StorageError.js"
import { SessionHeld } from "./AgentError.js"

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
    return { hold: (sessions) => Effect.as(Effect.forEach(namesOf(sessions), take, { discard: true }), []) }
  })
)

/** From when on somebody should know that one waits. */
const long = Duration.seconds(10)

/**
 * Among all processes with this home: `locks/<hash>.lock`, kept by the kernel and gone with the process and with those
 * that inherited it. Whoever waits gives up after `patience`, which is longer than a turn can take.
 */
export const layerFile = (patience: Duration.Duration): Layer.Layer<SessionLock, never, Home | Disk | FileLock> =>
  Layer.effect(
    SessionLock,
    Effect.gen(function* () {
      const { locks } = yield* Home
      const disk = yield* Disk
      const lock = yield* FileLock

      const reported = Effect.logWarning(
        "a turn waits for another process in its conversation: that of warelay agent, or one that a relay has started which was killed"
      ).pipe(Effect.delay(long), Effect.zipRight(Effect.never))

      /** What left the process's group at the end of a turn may live on with the descriptor. */
      const hold = (file: string) =>
        lock.hold(file).pipe(
          Effect.tap((descriptor) => Effect.addFinalizer(() => Effect.ignore(disk.unlock(descriptor)))),
          Effect.raceFirst(reported),
          Effect.timeoutFail({
            duration: patience,
            onTimeout: () => new SessionHeld({ file, seconds: Duration.toSeconds(patience) })
          })
        )

      return {
        hold: (sessions) =>
          disk.makeDirectory(locks).pipe(
            Effect.zipRight(Effect.forEach(namesOf(sessions), (name) => hold(Path.join(locks, `${name}.lock`)))),
            Effect.catchTag(
              "DiskError",
              ({ code, path }) => new StorageFailed({ file: path, doing: "saving", code, state: "unchanged" })
            )
          )
      }
    })
  )
