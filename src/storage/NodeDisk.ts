/// <reference path="./fs-native-extensions.d.ts" />
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import { platform } from "node:os"
import * as Path from "node:path"
import { type Descriptor, Disk, DiskError, type Purpose, type Signature } from "./Disk.js"
import { noLocks } from "./StorageError.js"

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

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error)

type Callback<A> = (error: NodeJS.ErrnoException | null, value: A) => void

/** An asynchronous call of `node:fs`. It runs to its end in a thread of its own, so an interruption waits for it. */
const call = <A>(operation: string, path: string, run: (done: Callback<A>) => void): Effect.Effect<A, DiskError> =>
  Effect.uninterruptible(
    Effect.async<A, DiskError>((resume) =>
      run((error, value) =>
        resume(
          error === null ? Effect.succeed(value) : Effect.fail(new DiskError({ operation, path, code: codeOf(error) }))
        )
      )
    )
  )

const callSync = <A>(operation: string, path: string, run: () => A): Effect.Effect<A, DiskError> =>
  Effect.try({ try: run, catch: (error) => new DiskError({ operation, path, code: codeOf(error) }) })

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

const opened = (file: Descriptor): string => `descriptor ${file}`

const absent = (error: DiskError): boolean => error.code === "ENOENT"

const resolve = (path: string, links = 0): Effect.Effect<string, DiskError> =>
  call<string>("realpath", path, (done) => Fs.realpath.native(path, done)).pipe(
    Effect.catchIf(
      (error) => absent(error) && links < mostLinks,
      () =>
        call<string>("readlink", path, (done) => Fs.readlink(path, done)).pipe(
          Effect.matchEffect({
            // The target counts from where the link really is.
            onSuccess: (target) =>
              Effect.flatMap(resolve(Path.dirname(path), links + 1), (parent) =>
                resolve(Path.resolve(parent, target), links + 1)
              ),
            // Nothing stands there, or no link does: then the directory alone can have links in it.
            onFailure: () =>
              Path.dirname(path) === path
                ? Effect.succeed(path)
                : Effect.map(resolve(Path.dirname(path), links + 1), (parent) => Path.join(parent, Path.basename(path)))
          })
        )
    )
  )

const partSize = 1024 * 1024

/** `Fs.readFile` would begin where the last reading of the descriptor ended. */
const readFrom = (file: Descriptor, position: number): Effect.Effect<ReadonlyArray<Uint8Array>, DiskError> => {
  const part = Buffer.allocUnsafe(partSize)
  return call<number>("read", opened(file), (done) => Fs.read(file, part, 0, partSize, position, done)).pipe(
    Effect.flatMap((taken) =>
      taken === 0
        ? Effect.succeed([])
        : Effect.map(readFrom(file, position + taken), (rest) => [part.subarray(0, taken), ...rest])
    )
  )
}

/** So much is read on the spot: to have a thread do it takes ten times as long, and most files are no larger. */
const smallSize = 64 * 1024

const readSmall = (file: Descriptor, position: number) =>
  callSync("read", opened(file), () => {
    const part = Buffer.allocUnsafe(smallSize)
    return part.subarray(0, Fs.readSync(file, part, 0, smallSize, position))
  })

const read = (file: Descriptor, position: number): Effect.Effect<ReadonlyArray<Uint8Array>, DiskError> =>
  Effect.flatMap(readSmall(file, position), (part) => {
    if (part.length === 0) return Effect.succeed([])
    const rest = part.length < smallSize ? read : readFrom
    return Effect.map(rest(file, position + part.length), (parts) => [part, ...parts])
  })

/**
 * What was just made has the bits that the umask left of ours. Where they cannot be set, fewer may use it than might: that
 * is no failure.
 */
const despiteUmask = (operation: string, path: string, run: (done: Callback<void>) => void) =>
  Effect.ignore(call<void>(operation, path, run))

const openAny = (path: string, purpose: Purpose) =>
  call<number>("open", path, (done) => Fs.open(path, flags[purpose], fileMode, done)).pipe(
    Effect.tap((file) =>
      Effect.when(
        despiteUmask("chmod", path, (done) => Fs.fchmod(file, fileMode, done)),
        () => (flags[purpose] & O_CREAT) !== 0
      )
    ),
    Effect.uninterruptible
  )

/** What is there is opened on the spot, as it is looked at. */
const open = (path: string, purpose: Purpose): Effect.Effect<Descriptor, DiskError> =>
  purpose === "read" ? callSync("open", path, () => Fs.openSync(path, flags.read)) : openAny(path, purpose)

const makeOne = (path: string) =>
  call<void>("mkdir", path, (done) => Fs.mkdir(path, directoryMode, done)).pipe(
    Effect.zipRight(despiteUmask("chmod", path, (done) => Fs.chmod(path, directoryMode, done))),
    Effect.as(Option.some(path)),
    Effect.catchIf(
      (error) => error.code === "EEXIST",
      () => Effect.succeedNone
    )
  )

/** One after the other, because Node's own way of making several never returns where none can be made, as in `/proc`. */
const makeDirectory = (path: string): Effect.Effect<Option.Option<string>, DiskError> =>
  Effect.catchIf(makeOne(path), absent, (error) =>
    Path.dirname(path) === path
      ? Effect.fail(error)
      : Effect.zipWith(makeDirectory(Path.dirname(path)), makeOne(path), (above, here) =>
          Option.orElse(above, () => here)
        )
  )

/** Loaded when the first lock is taken: those who only read do without. */
const locking = Effect.tryPromise({
  try: () => import("fs-native-extensions"),
  catch: () => new DiskError({ operation: "lock", path: "fs-native-extensions", code: noLocks })
})

/** The file system of this machine. */
export const disk: Disk["Type"] = {
  stat: (path) =>
    Effect.suspend(() => callSync("stat", path, () => Fs.statSync(path, { bigint: true, throwIfNoEntry: false }))).pipe(
      Effect.map((stats) => Option.map(Option.fromNullable(stats), signature))
    ),
  resolve,
  open,
  close: (file) => callSync("close", opened(file), () => Fs.closeSync(file)),
  statOpen: (file) =>
    Effect.map(
      callSync("stat", opened(file), () => Fs.fstatSync(file, { bigint: true })),
      signature
    ),
  read: (file, from) => Effect.map(read(file, from), (parts) => Buffer.concat(parts)),
  write: (file, bytes) => call<number>("write", opened(file), (done) => Fs.write(file, bytes, done)),
  truncate: (file, length) => call<void>("truncate", opened(file), (done) => Fs.ftruncate(file, length, done)),
  sync: (file) => call<void>("sync", opened(file), (done) => Fs.fsync(file, done)),
  tryLock: (file) => Effect.flatMap(locking, ({ tryLock }) => callSync("lock", opened(file), () => tryLock(file))),
  unlock: (file) => Effect.flatMap(locking, ({ unlock }) => callSync("unlock", opened(file), () => unlock(file))),
  link: (from, to) => call<void>("link", to, (done) => Fs.link(from, to, done)),
  rename: (from, to) => call<void>("rename", to, (done) => Fs.rename(from, to, done)),
  // Where the system has no such call, three renames would stand for it, with nothing at the path in between.
  swap: (one, other) =>
    platform() === "win32"
      ? Effect.fail(new DiskError({ operation: "swap", path: other, code: "ENOTSUP" }))
      : Effect.flatMap(locking, ({ swapSync }) => callSync("swap", other, () => swapSync(one, other))),
  setMode: (path, mode) => call<void>("chmod", path, (done) => Fs.chmod(path, mode, done)),
  remove: (path) => call<void>("remove", path, (done) => Fs.unlink(path, done)),
  makeDirectory,
  list: (path) => call<Array<string>>("list", path, (done) => Fs.readdir(path, done))
}

export const layer: Layer.Layer<Disk> = Layer.succeed(Disk, disk)
