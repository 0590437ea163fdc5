import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import * as Home from "../../src/config/Home.js"
import * as FileLock from "../../src/storage/FileLock.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"

/** A directory of the test's own, gone when the scope closes. */
export const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(Path.join(tmpdir(), "warelay-test-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A home in this directory, on the real disk. Two of them with one directory are two processes in all but name. */
export const at = (path: string) =>
  Layer.mergeAll(Home.layerAt(path), Layer.provideMerge(FileLock.layer, NodeDisk.layer))

/** An empty home of the test's own. It does not exist until somebody writes to it. */
export const layer = Layer.unwrapScoped(Effect.map(directory, (path) => at(Path.join(path, "home"))))
