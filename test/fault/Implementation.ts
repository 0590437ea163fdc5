import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Home from "../../src/config/Home.js"
import * as Identities from "../../src/identity/Identities.js"
import { layerFile as identityFile } from "../../src/identity/IdentityStoreFile.js"
import * as SessionStore from "../../src/session/SessionStore.js"
import { codec as sessionsText } from "../../src/session/SessionTable.js"
import { Disk } from "../../src/storage/Disk.js"
import type { Codec, Document } from "../../src/storage/Document.js"
import * as DurableFile from "../../src/storage/DurableFile.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as ids from "./ids.js"
import type { Stores } from "./scenarios.js"

/** A way of keeping documents that the checks are run against: the one that there is, or a wrong one. */
export interface Implementation {
  readonly name: string
  /** What stands between all stores and the disk. */
  readonly disk: (disk: Disk["Type"]) => Disk["Type"]
  /** How the sessions are kept. */
  readonly document: <A>(
    path: string,
    codec: Codec<A>
  ) => Effect.Effect<Document<A>, never, Disk | FileLock.FileLock | Scope.Scope>
}

export const real: Implementation = {
  name: "the one that there is",
  disk: (disk) => disk,
  document: DurableFile.make
}

const live = Clock.make()

/** A change made twice is the same bytes twice, and every time stamp is old enough to be trusted. Waiting is real. */
const fixed = 2_000_000_000_000

const clock: Clock.Clock = {
  [Clock.ClockTypeId]: Clock.ClockTypeId,
  unsafeCurrentTimeMillis: () => fixed,
  currentTimeMillis: Effect.succeed(fixed),
  unsafeCurrentTimeNanos: () => live.unsafeCurrentTimeNanos(),
  currentTimeNanos: live.currentTimeNanos,
  sleep: (duration) => live.sleep(duration)
}

/** The stores of one process, on its disk and with its home in this directory. */
const stores = ({ disk, document }: Implementation, home: string, machine: Layer.Layer<Disk>): Layer.Layer<Stores> =>
  Layer.mergeAll(
    Layer.provideMerge(Layer.provide(Identities.layer, ids.layer), identityFile),
    Layer.scoped(
      SessionStore.SessionStore,
      Effect.flatMap(Home.Home, ({ sessions }) => Effect.flatMap(document(sessions, sessionsText), SessionStore.make))
    )
  ).pipe(
    Layer.provide(FileLock.layer),
    Layer.provide([Layer.provide(Layer.effect(Disk, Effect.map(Disk, disk)), machine), Home.layerAt(home)]),
    Layer.fresh
  )

/** Runs as one process does: with stores of its own, and at an hour that does not pass. */
export const within =
  (implementation: Implementation, home: string, machine: Layer.Layer<Disk>) =>
  <A, E>(effect: Effect.Effect<A, E, Stores>): Effect.Effect<A, E> =>
    effect.pipe(Effect.provide(stores(implementation, home, machine)), Effect.withClock(clock))
