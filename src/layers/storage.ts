import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Home from "../config/Home.js"
import { Disk } from "../storage/Disk.js"
import * as FileLock from "../storage/FileLock.js"
import * as NodeDisk from "../storage/NodeDisk.js"

const disk = Context.make(Disk, NodeDisk.disk).pipe(Context.add(FileLock.FileLock, FileLock.make(NodeDisk.disk)))

const services = (home: Home.Home["Type"]) => Context.add(disk, Home.Home, home)

/**
 * The home on this machine's disk. For commands that end at once it is put together without layers: each that is put to
 * another takes some of a millisecond.
 */
export const context = Effect.map(Home.found, services)

export const layer = Layer.effectContext(context)

/** The same with the home in a given directory. */
export const layerAt = (directory: string) => Layer.effectContext(Effect.sync(() => services(Home.at(directory))))
