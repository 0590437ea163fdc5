import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Disk, DiskError } from "../../src/storage/Disk.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"

/** What is to happen at an operation: nothing, or a failure with an errno's name, before it is done or after. */
export type Fault = "none" | { readonly code: string; readonly when: "before" | "after" }

/** A disk that counts its operations and asks of each what is to happen. */
export const make = (faultAt: (index: number, operation: string, path: string) => Fault) => {
  const operations: Array<string> = []
  const faulty =
    <Arguments extends ReadonlyArray<unknown>, A>(
      operation: string,
      run: (...values: Arguments) => Effect.Effect<A, DiskError>
    ) =>
    (...values: Arguments): Effect.Effect<A, DiskError> =>
      Effect.suspend(() => {
        const path = values.find((value) => typeof value === "string") ?? ""
        const fault = faultAt(operations.length, operation, path)
        operations.push(operation)
        if (fault === "none") return run(...values)
        // A descriptor is gone after close, whatever close says.
        const failure = Effect.fail(new DiskError({ operation, path, code: fault.code }))
        return fault.when === "before" && operation !== "close" ? failure : Effect.zipRight(run(...values), failure)
      })

  const layer = Layer.effect(
    Disk,
    Effect.map(Disk, (disk) =>
      Disk.of({
        stat: faulty("stat", disk.stat),
        resolve: faulty("resolve", disk.resolve),
        open: faulty("open", disk.open),
        // A descriptor is gone after close, whatever close says.
        close: faulty("close", (file: number) => disk.close(file)),
        statOpen: faulty("statOpen", disk.statOpen),
        read: faulty("read", disk.read),
        write: faulty("write", disk.write),
        truncate: faulty("truncate", disk.truncate),
        sync: faulty("sync", disk.sync),
        tryLock: faulty("tryLock", disk.tryLock),
        link: faulty("link", disk.link),
        rename: faulty("rename", disk.rename),
        setMode: faulty("setMode", disk.setMode),
        remove: faulty("remove", disk.remove),
        makeDirectory: faulty("makeDirectory", disk.makeDirectory),
        list: faulty("list", disk.list)
      })
    )
  ).pipe(Layer.provide(NodeDisk.layer))

  return { layer, operations }
}
