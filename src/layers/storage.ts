import * as Layer from "effect/Layer"
import * as Home from "../config/Home.js"
import * as FileLock from "../storage/FileLock.js"
import * as NodeDisk from "../storage/NodeDisk.js"

/** One after the other: to put layers together side by side takes more than a millisecond of every command. */
const disk = Layer.provideMerge(FileLock.layer, NodeDisk.layer)

/** The home on this machine's disk. */
export const layer = Layer.provideMerge(disk, Home.layer)

/** The same with the home in a given directory. */
export const layerAt = (directory: string) => Layer.provideMerge(disk, Home.layerAt(directory))
