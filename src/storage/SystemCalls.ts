import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { type Descriptor, DiskError } from "./Disk.js"

/** The system calls that may have to wait for a disk, or work for a while. None of them can be interrupted half-way. */
export interface SystemCalls {
  readonly realpath: (path: string) => Effect.Effect<string, DiskError>
  readonly readlink: (path: string) => Effect.Effect<string, DiskError>
  readonly open: (path: string, flags: number, mode: number) => Effect.Effect<Descriptor, DiskError>
  readonly read: (file: Descriptor, into: Buffer, position: number) => Effect.Effect<number, DiskError>
  readonly write: (file: Descriptor, bytes: Uint8Array) => Effect.Effect<number, DiskError>
  readonly truncate: (file: Descriptor, length: number) => Effect.Effect<void, DiskError>
  readonly sync: (file: Descriptor) => Effect.Effect<void, DiskError>
  readonly setModeOpen: (file: Descriptor, mode: number) => Effect.Effect<void, DiskError>
  readonly setMode: (path: string, mode: number) => Effect.Effect<void, DiskError>
  readonly link: (from: string, to: string) => Effect.Effect<void, DiskError>
  readonly rename: (from: string, to: string) => Effect.Effect<void, DiskError>
  readonly remove: (path: string) => Effect.Effect<void, DiskError>
  readonly makeDirectory: (path: string, mode: number) => Effect.Effect<void, DiskError>
  readonly list: (path: string) => Effect.Effect<ReadonlyArray<string>, DiskError>
}

export const opened = (file: Descriptor): string => `descriptor ${file}`

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error)

const failed = (operation: string, path: string) => (error: unknown) =>
  new DiskError({ operation, path, code: codeOf(error) })

type Callback<A> = (error: NodeJS.ErrnoException | null, value: A) => void

/** An asynchronous call of `node:fs`. It runs to its end in a thread of its own, so an interruption waits for it. */
const meanwhile = <A>(operation: string, path: string, run: (done: Callback<A>) => void): Effect.Effect<A, DiskError> =>
  Effect.uninterruptible(
    Effect.async<A, DiskError>((resume) =>
      run((error, value) =>
        resume(error === null ? Effect.succeed(value) : Effect.fail(failed(operation, path)(error)))
      )
    )
  )

/** A synchronous one. Nothing else happens until it has ended. */
export const atOnce = <A>(operation: string, path: string, run: () => A): Effect.Effect<A, DiskError> =>
  Effect.try({ try: run, catch: failed(operation, path) })

/** For a process that does more than one thing: others go on while one waits. */
export const threaded: SystemCalls = {
  realpath: (path) => meanwhile("realpath", path, (done) => Fs.realpath.native(path, done)),
  readlink: (path) => meanwhile("readlink", path, (done) => Fs.readlink(path, done)),
  open: (path, flags, mode) => meanwhile("open", path, (done) => Fs.open(path, flags, mode, done)),
  read: (file, into, position) =>
    meanwhile("read", opened(file), (done) => Fs.read(file, into, 0, into.length, position, done)),
  write: (file, bytes) => meanwhile("write", opened(file), (done) => Fs.write(file, bytes, done)),
  truncate: (file, length) => meanwhile("truncate", opened(file), (done) => Fs.ftruncate(file, length, done)),
  sync: (file) => meanwhile("sync", opened(file), (done) => Fs.fsync(file, done)),
  setModeOpen: (file, mode) => meanwhile("chmod", opened(file), (done) => Fs.fchmod(file, mode, done)),
  setMode: (path, mode) => meanwhile("chmod", path, (done) => Fs.chmod(path, mode, done)),
  link: (from, to) => meanwhile("link", to, (done) => Fs.link(from, to, done)),
  rename: (from, to) => meanwhile("rename", to, (done) => Fs.rename(from, to, done)),
  remove: (path) => meanwhile("remove", path, (done) => Fs.unlink(path, done)),
  makeDirectory: (path, mode) => meanwhile("mkdir", path, (done) => Fs.mkdir(path, mode, done)),
  list: (path) => meanwhile("list", path, (done) => Fs.readdir(path, done))
}

/** For one that does one thing and ends: to have threads do it takes a tenth of a command. */
export const direct: SystemCalls = {
  realpath: (path) => atOnce("realpath", path, () => Fs.realpathSync.native(path)),
  readlink: (path) => atOnce("readlink", path, () => Fs.readlinkSync(path)),
  open: (path, flags, mode) => atOnce("open", path, () => Fs.openSync(path, flags, mode)),
  read: (file, into, position) => atOnce("read", opened(file), () => Fs.readSync(file, into, 0, into.length, position)),
  write: (file, bytes) => atOnce("write", opened(file), () => Fs.writeSync(file, bytes)),
  truncate: (file, length) => atOnce("truncate", opened(file), () => Fs.ftruncateSync(file, length)),
  sync: (file) => atOnce("sync", opened(file), () => Fs.fsyncSync(file)),
  setModeOpen: (file, mode) => atOnce("chmod", opened(file), () => Fs.fchmodSync(file, mode)),
  setMode: (path, mode) => atOnce("chmod", path, () => Fs.chmodSync(path, mode)),
  link: (from, to) => atOnce("link", to, () => Fs.linkSync(from, to)),
  rename: (from, to) => atOnce("rename", to, () => Fs.renameSync(from, to)),
  remove: (path) => atOnce("remove", path, () => Fs.unlinkSync(path)),
  makeDirectory: (path, mode) => atOnce("mkdir", path, () => Fs.mkdirSync(path, mode)),
  list: (path) => atOnce("list", path, () => Fs.readdirSync(path))
}
