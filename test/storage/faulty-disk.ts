import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import { closeSync } from "node:fs"
import { type Descriptor, Disk, DiskError, type Purpose } from "../../src/storage/Disk.js"
import * as NodeDisk from "../../src/storage/NodeDisk.js"

export type Operation = keyof Disk["Type"]

/**
 * What is to happen at an operation: nothing; a failure with an errno's name, before it is done or after; the end of the
 * process, before it is done or after; or something else that is to be over before it is done.
 */
export type Fault =
  | "none"
  | { readonly code: string; readonly when: "before" | "after" }
  | { readonly stop: "before" | "after" }
  | { readonly first: Effect.Effect<void> }

/** An operation as it was asked for, and what came of it. */
export interface Call {
  readonly operation: Operation
  /** The path it names, or the one that its descriptor was opened with. */
  readonly path: string
  readonly to?: string
  readonly purpose?: Purpose
  /** Written are those that the system took. */
  bytes?: Uint8Array
  readonly length?: number
  /** The descriptor that it uses, or that it has opened. */
  file?: Descriptor
  /** Whether the disk has done it. */
  done: boolean
  /** Why it failed, whether it was done or not. */
  failed?: string
}

type Details = Omit<Call, "operation" | "path" | "done" | "failed">

/** For a process that is no more: nothing of it happens again. Without the timer that `Effect.never` has. */
const gone = Effect.async<never>(() => undefined)

/** A machine's disk whose sync is taken note of and not done: for those who ask what a sync is good for a thousand times. */
export const withoutSync: Layer.Layer<Disk> = Layer.effect(
  Disk,
  Effect.map(Disk, (disk) => Disk.of({ ...disk, sync: () => Effect.void }))
).pipe(Layer.provide(NodeDisk.layer))

/** A disk, as one process has it, that writes down its operations and asks of each what is to happen. */
export const make = (
  faultAt: (index: number, operation: Operation, path: string, call: Call) => Fault,
  under: Layer.Layer<Disk> = NodeDisk.layer
) => {
  const calls: Array<Call> = []
  const operations: Array<Operation> = []
  const open = new Map<Descriptor, string>()
  const stopped = Deferred.unsafeMake<void>(FiberId.none)
  let stopping = false
  let underWay = 0

  /** What the kernel does for a process that has died: locks go with the descriptors. */
  const bury = Effect.sync(() => {
    if (!stopping || underWay > 0) return
    for (const file of open.keys()) closeSync(file)
    open.clear()
    Deferred.unsafeDone(stopped, Effect.void)
  })

  const die = Effect.suspend(() => {
    stopping = true
    return Effect.zipRight(bury, gone)
  })

  const faulty =
    <Arguments extends ReadonlyArray<unknown>, A>(
      operation: Operation,
      run: (...values: Arguments) => Effect.Effect<A, DiskError>,
      detailsOf: (...values: Arguments) => Details & { readonly path?: string }
    ) =>
    (...values: Arguments): Effect.Effect<A, DiskError> =>
      Effect.suspend(() => {
        if (stopping) return gone
        const { path, ...details } = detailsOf(...values)
        const where = path ?? (details.file === undefined ? "" : (open.get(details.file) ?? ""))
        const call: Call = { operation, path: where, ...details, done: false }
        const fault = faultAt(calls.length, operation, where, call)
        calls.push(call)
        operations.push(operation)

        const done = Effect.suspend(() => {
          underWay += 1
          return run(...values)
        }).pipe(
          Effect.tapBoth({
            onFailure: ({ code }) =>
              Effect.sync(() => {
                call.failed = code
                // A descriptor is gone after close, whatever close says.
                if (operation === "close" && details.file !== undefined) open.delete(details.file)
              }),
            onSuccess: (result) =>
              Effect.sync(() => {
                call.done = true
                if (operation === "open" && typeof result === "number") {
                  open.set(result, where)
                  call.file = result
                }
                if (operation === "close" && details.file !== undefined) open.delete(details.file)
                if (operation === "write" && typeof result === "number" && call.bytes !== undefined) {
                  call.bytes = call.bytes.slice(0, result)
                }
              })
          }),
          Effect.ensuring(
            Effect.suspend(() => {
              underWay -= 1
              return bury
            })
          ),
          Effect.zipLeft(Effect.suspend(() => (stopping ? gone : Effect.void))),
          Effect.uninterruptible
        )

        if (fault === "none") return done
        if ("first" in fault)
          return Effect.zipRight(
            fault.first,
            Effect.suspend(() => (stopping ? gone : done))
          )
        if ("stop" in fault) return fault.stop === "before" ? die : Effect.zipRight(Effect.exit(done), die)
        const failure = Effect.suspend(() => {
          call.failed = fault.code
          // Who is told that nothing was opened has nothing to close.
          if (operation === "open" && call.file !== undefined && open.delete(call.file)) closeSync(call.file)
          return new DiskError({ operation, path: where, code: fault.code })
        })
        return fault.when === "before" && operation !== "close" ? failure : Effect.zipRight(done, failure)
      })

  const layer = Layer.effect(
    Disk,
    Effect.map(Disk, (disk) =>
      Disk.of({
        stat: faulty("stat", disk.stat, (path) => ({ path })),
        resolve: faulty("resolve", disk.resolve, (path) => ({ path })),
        open: faulty("open", disk.open, (path, purpose) => ({ path, purpose })),
        close: faulty("close", disk.close, (file) => ({ file })),
        statOpen: faulty("statOpen", disk.statOpen, (file) => ({ file })),
        read: faulty("read", disk.read, (file) => ({ file })),
        write: faulty("write", disk.write, (file, bytes) => ({ file, bytes: Uint8Array.from(bytes) })),
        truncate: faulty("truncate", disk.truncate, (file, length) => ({ file, length })),
        sync: faulty("sync", disk.sync, (file) => ({ file })),
        tryLock: faulty("tryLock", disk.tryLock, (file) => ({ file })),
        unlock: faulty("unlock", disk.unlock, (file) => ({ file })),
        link: faulty("link", disk.link, (path, to) => ({ path, to })),
        swap: faulty("swap", disk.swap, (path, to) => ({ path, to })),
        rename: faulty("rename", disk.rename, (path, to) => ({ path, to })),
        setMode: faulty("setMode", disk.setMode, (path) => ({ path })),
        remove: faulty("remove", disk.remove, (path) => ({ path })),
        makeDirectory: faulty("makeDirectory", disk.makeDirectory, (path) => ({ path })),
        list: faulty("list", disk.list, (path) => ({ path }))
      })
    )
  ).pipe(Layer.provide(under))

  return {
    layer,
    calls,
    operations,
    /** The paths of what is open. */
    open: () => Array.from(open.values()),
    /** Returns when a fault has stopped the process, its descriptors are closed and its locks free. */
    stopped: Deferred.await(stopped)
  }
}
