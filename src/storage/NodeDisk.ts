/// <reference path="./fs-native-extensions.d.ts" />
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { type Descriptor, Disk, DiskError, type Purpose, type Signature } from "./Disk.js"
import { noLocks } from "./StorageError.js"
import { atOnce, direct, opened, type SystemCalls, threaded } from "./SystemCalls.js"

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = Fs.constants

const flags: Record<Purpose, number> = {
  read: O_RDONLY | O_NONBLOCK,
  create: O_WRONLY | O_CREAT | O_EXCL,
  append: O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK,
  lock: O_RDWR | O_CREAT | O_APPEND,
  directory: O_RDONLY | O_DIRECTORY
}

const fileMode = 0o600
const directoryMode = 0o700

/** More links than this in a row are a loop; Linux draws the line at the same number. */
const mostLinks = 40

const signature = (stats: Fs.BigIntStats): Signature => ({
  device: stats.dev,
  inode: stats.ino,
  size: stats.size,
  modified: stats.mtimeNs,
  changed: stats.ctimeNs,
  regular: stats.isFile(),
  mode: Number(stats.mode & 0o7777n),
  owner: Number(stats.uid)
})

const statOpen = (file: Descriptor): Effect.Effect<Signature, DiskError> =>
  Effect.map(
    atOnce("stat", opened(file), () => Fs.fstatSync(file, { bigint: true })),
    signature
  )

const absent = (error: DiskError): boolean => error.code === "ENOENT"

const resolve = (calls: SystemCalls, path: string, links = 0): Effect.Effect<string, DiskError> =>
  Effect.catchIf(
    calls.realpath(path),
    (error) => absent(error) && links < mostLinks,
    () =>
      Effect.matchEffect(calls.readlink(path), {
        // The target counts from where the link really is.
        onSuccess: (target) =>
          Effect.flatMap(resolve(calls, Path.dirname(path), links + 1), (parent) =>
            resolve(calls, Path.resolve(parent, target), links + 1)
          ),
        // Nothing stands there, or no link does: then the directory alone can have links in it.
        onFailure: () =>
          Path.dirname(path) === path
            ? Effect.succeed(path)
            : Effect.map(resolve(calls, Path.dirname(path), links + 1), (parent) =>
                Path.join(parent, Path.basename(path))
              )
      })
  )

/** So much is read on the spot: to have a thread do it takes ten times as long, and most files are no larger. */
const smallSize = 64 * 1024

/**
 * Fills the room up to the end of the file; `at` bytes of it are full. When it has no more, it gets what the file's size
 * says, so that nothing is put together of parts. `Fs.readFile` would begin where the last reading of the descriptor ended.
 */
const fill = (
  calls: SystemCalls,
  file: Descriptor,
  from: number,
  room: Buffer,
  at: number
): Effect.Effect<Uint8Array, DiskError> =>
  Effect.flatMap((room.length > smallSize ? calls : direct).read(file, room.subarray(at), from + at), (taken) => {
    const end = at + taken
    if (taken === 0) return Effect.succeed(room.subarray(0, end))
    if (end < room.length) return fill(calls, file, from, room, end)
    return Effect.flatMap(statOpen(file), ({ size }) => {
      // A byte more, by which the end is seen.
      const larger = Buffer.allocUnsafe(Math.max(2 * room.length, Number(size) - from + 1))
      larger.set(room)
      return fill(calls, file, from, larger, end)
    })
  })

// What was just made has the bits that the umask left of ours. Where they cannot be set, fewer may use it than might: that
// is no failure.

const openAny = (calls: SystemCalls, path: string, purpose: Purpose) =>
  calls.open(path, flags[purpose], fileMode).pipe(
    Effect.tap((file) =>
      Effect.when(Effect.ignore(calls.setModeOpen(file, fileMode)), () => (flags[purpose] & O_CREAT) !== 0)
    ),
    Effect.uninterruptible
  )

/** What is there is opened on the spot, as it is looked at. */
const open = (calls: SystemCalls, path: string, purpose: Purpose): Effect.Effect<Descriptor, DiskError> =>
  purpose === "read" ? direct.open(path, flags.read, 0) : openAny(calls, path, purpose)

const makeOne = (calls: SystemCalls, path: string) =>
  calls.makeDirectory(path, directoryMode).pipe(
    Effect.zipRight(Effect.ignore(calls.setMode(path, directoryMode))),
    Effect.as(Option.some(path)),
    Effect.catchIf(
      (error) => error.code === "EEXIST",
      () => Effect.succeedNone
    )
  )

/** One after the other, because Node's own way of making several never returns where none can be made, as in `/proc`. */
const makeDirectory = (calls: SystemCalls, path: string): Effect.Effect<Option.Option<string>, DiskError> =>
  Effect.catchIf(makeOne(calls, path), absent, (error) =>
    Path.dirname(path) === path
      ? Effect.fail(error)
      : Effect.zipWith(makeDirectory(calls, Path.dirname(path)), makeOne(calls, path), (above, here) =>
          Option.orElse(above, () => here)
        )
  )

/** Loaded when the first lock is taken: those who only read do without. */
const locking = Effect.tryPromise({
  try: () => import("fs-native-extensions"),
  catch: () => new DiskError({ operation: "lock", path: "fs-native-extensions", code: noLocks })
})

const make = (calls: SystemCalls): Disk["Type"] => ({
  write: calls.write,
  truncate: calls.truncate,
  sync: calls.sync,
  link: calls.link,
  rename: calls.rename,
  setMode: calls.setMode,
  remove: calls.remove,
  list: calls.list,
  stat: (path) =>
    Effect.suspend(() => atOnce("stat", path, () => Fs.statSync(path, { bigint: true, throwIfNoEntry: false }))).pipe(
      Effect.map((stats) => Option.map(Option.fromNullable(stats), signature))
    ),
  resolve: (path) => resolve(calls, path),
  open: (path, purpose) => open(calls, path, purpose),
  close: (file) => atOnce("close", opened(file), () => Fs.closeSync(file)),
  statOpen,
  read: (file, from) => Effect.suspend(() => fill(calls, file, from, Buffer.allocUnsafe(smallSize), 0)),
  tryLock: (file) => Effect.flatMap(locking, ({ tryLock }) => atOnce("lock", opened(file), () => tryLock(file))),
  unlock: (file) => Effect.flatMap(locking, ({ unlock }) => atOnce("unlock", opened(file), () => unlock(file))),
  // Where the system has no such call, three renames would stand for it, with nothing at the path in between.
  swap: (one, other) =>
    Path.sep === Path.win32.sep
      ? Effect.fail(new DiskError({ operation: "swap", path: other, code: "ENOTSUP" }))
      : Effect.flatMap(locking, ({ swapSync }) => atOnce("swap", other, () => swapSync(one, other))),
  makeDirectory: (path) => makeDirectory(calls, path)
})

/** The file system of this machine. */
export const disk = make(threaded)

/** The same for a process that does one thing at a time. */
export const directDisk = make(direct)

export const layer: Layer.Layer<Disk> = Layer.succeed(Disk, disk)
