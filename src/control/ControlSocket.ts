import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import { type ListenFailed, listen } from "../channels/webhook/Listener.js"
import { Home } from "../config/Home.js"
import { Disk, type DiskError } from "../storage/Disk.js"
import { explained } from "../storage/StorageError.js"
import * as ControlApp from "./ControlApp.js"
import type { Sender } from "./Sender.js"
import { fits } from "./SocketPath.js"
import type { Survey } from "./Survey.js"

const without = (reason: string) =>
  Effect.logWarning(
    `warelay status and warelay send cannot reach this relay, which does its work all the same: ${reason}`
  )

/**
 * Listens on `relay.sock` in the home for as long as the layer lives, for the owner alone. Whoever builds it holds the
 * relay's lock, so a socket that is there was left behind by a relay that was killed.
 */
export const layer: Layer.Layer<never, never, Home | Disk | Survey | Sender> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { locks, relaySocket } = yield* Home
    const disk = yield* Disk
    // Nobody else can look into this directory, so that the socket is nobody else's before its mode is set.
    const made = Path.join(locks, "socket")
    if (!fits(made) || !fits(relaySocket)) {
      return yield* without(
        `the path of the socket, ${relaySocket}, would be too long. Choose a shorter one for the home (WARELAY_HOME)`
      )
    }
    const remove = (path: string) =>
      Effect.catchIf(
        disk.remove(path),
        ({ code }) => code === "ENOENT",
        () => Effect.void
      )
    yield* Effect.gen(function* () {
      yield* disk.makeDirectory(locks)
      yield* remove(made)
      const broken = yield* listen(yield* ControlApp.make, { path: made })
      yield* Effect.forkScoped(Effect.catchAll(broken, ({ code }) => without(explained(code)[0])))
      yield* disk.setMode(made, 0o600)
      yield* Effect.acquireRelease(disk.rename(made, relaySocket), () => Effect.ignore(remove(relaySocket)))
    }).pipe(Effect.catchAll(({ code }: ListenFailed | DiskError) => without(explained(code)[0])))
  })
)
