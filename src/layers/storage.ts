import * as Layer from "effect/Layer"
import * as Home from "../config/Home.js"
import * as FileLock from "../storage/FileLock.js"
import * as NodeDisk from "../storage/NodeDisk.js"

/** The home on this machine's disk. */
export const layer = Layer.mergeAll(Home.layer, Layer.provideMerge(FileLock.layer, NodeDisk.layer))

/** The same with the home in a given directory. */
export const layerAt = (directory: string) =>
  Layer.mergeAll(Home.layerAt(directory), Layer.provideMerge(FileLock.layer, NodeDisk.layer))
