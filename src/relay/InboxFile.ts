import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Home } from "../config/Home.js"
import * as Directory from "../storage/Directory.js"
import { Disk, type DiskError } from "../storage/Disk.js"
import { FileLock } from "../storage/FileLock.js"
import * as LogFile from "../storage/LogFile.js"
import { StorageFailed } from "../storage/StorageError.js"
import { Inbox, make } from "./Inbox.js"

/** A home is served by one relay at a time. */
class RelayRunning extends Schema.TaggedError<RelayRunning>()("RelayRunning", { home: Schema.String }) {
  override get message(): string {
    return (
      `another relay is running with the home ${this.home}. Stop it first, or give this one a home of its own: ` +
      "WARELAY_HOME=/another/directory"
    )
  }
}

/** A relay that is ending has let go of the lock within this time, and so has a program that one was starting when it was killed. */
const patience = Duration.seconds(2)

/** In `inbox.ndjson` in the home, which is this relay's alone until the layer ends. */
export const layerFile = Layer.scoped(
  Inbox,
  Effect.gen(function* () {
    const { directory, inbox, relayLock } = yield* Home
    const disk = yield* Disk
    const lock = yield* FileLock
    const failed = ({ code, path }: DiskError) =>
      new StorageFailed({ file: path, doing: "saving", code, state: "unchanged" })
    yield* Effect.mapError(Directory.makeFor(disk, inbox), failed)
    yield* Effect.catchTags(lock.hold(relayLock, patience), {
      LockHeld: () => new RelayRunning({ home: directory }),
      DiskError: (error) => failed(error)
    })
    return yield* Effect.flatMap(LogFile.make(inbox), make)
  })
)
