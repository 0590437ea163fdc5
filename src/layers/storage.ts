import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Home from "../config/Home.js"
import { Disk } from "../storage/Disk.js"
import * as FileLock from "../storage/FileLock.js"
import * as NodeDisk from "../storage/NodeDisk.js"

const services = (disk: Disk["Type"], home: Home.Home["Type"]) =>
  Context.make(Disk, disk).pipe(Context.add(FileLock.FileLock, FileLock.make(disk)), Context.add(Home.Home, home))

/**
 * The home on this machine's disk, for commands that do one thing and end. It is put together without layers: each that is
 * put to another takes some of a millisecond.
 */
export const context = Effect.map(Home.found, (home) => services(NodeDisk.directDisk, home))

/** The same for those who do more at a time. */
export const layer = Layer.effectContext(Effect.map(Home.found, (home) => services(NodeDisk.disk, home)))

/** The same with the home in a given directory. */
export const layerAt = (directory: string) =>
  Layer.effectContext(Effect.sync(() => services(NodeDisk.disk, Home.at(directory))))
