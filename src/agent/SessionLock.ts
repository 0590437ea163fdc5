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
import { Disk } from "../storage/Disk.js"
import { FileLock } from "../storage/FileLock.js"
import { StorageFailed } from "../storage/StorageError.js"

/** Claude loses an answer when two turns of one session overlap, so whoever runs one holds its session. */
export class SessionLock extends Context.Tag("warelay/agent/SessionLock")<
  SessionLock,
  {
    /** Holds these sessions until the scope closes. Waits as long as somebody else has one of them. */
    readonly hold: (sessions: ReadonlyArray<SessionId>) => Effect.Effect<void, StorageFailed, Scope.Scope>
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
    return { hold: (sessions) => Effect.forEach(namesOf(sessions), take, { discard: true }) }
  })
)

/** Among all processes with this home: `locks/<hash>.lock`, kept by the kernel and gone with the process. */
export const layerFile: Layer.Layer<SessionLock, never, Home | Disk | FileLock> = Layer.effect(
  SessionLock,
  Effect.gen(function* () {
    const { locks } = yield* Home
    const disk = yield* Disk
    const lock = yield* FileLock
    return {
      hold: (sessions) =>
        disk.makeDirectory(locks).pipe(
          Effect.zipRight(
            Effect.forEach(namesOf(sessions), (name) => lock.hold(Path.join(locks, `${name}.lock`)), { discard: true })
          ),
          Effect.mapError(
            ({ code, path }) => new StorageFailed({ file: path, doing: "saving", code, state: "unchanged" })
          )
        )
    }
  })
)
