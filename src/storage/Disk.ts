import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Option from "effect/Option"

/** A system call that failed. `code` is the errno's name (`ENOSPC`), as the operating system gave it. */
export class DiskError extends Data.TaggedError("DiskError")<{
  readonly operation: string
  readonly path: string
  readonly code: string
}> {}

/** Two equal signatures mean the same content. Milliseconds do not suffice: a file can change often within one. */
export interface Signature {
  readonly device: bigint
  readonly inode: bigint
  readonly size: bigint
  readonly modified: bigint
  readonly changed: bigint
  readonly regular: boolean
  /** The permission bits, `0o600` for example, and the user they are for. They say nothing of the content. */
  readonly mode: number
  readonly owner: number
}

/** What a file is opened for: `read` never blocks on a pipe, `create` fails if it exists, `append` and `lock` make it if they must. */
export type Purpose = "read" | "create" | "append" | "lock" | "directory"

/** An open file. */
export type Descriptor = number

/**
 * The system calls that the files of the home are made of, one member each and nothing on top, so that a test can stop
 * or fail any one of them. Every file is made with mode 0600, every directory with 0700, whatever the umask. None of them
 * can be interrupted half-way.
 */
export class Disk extends Context.Tag("warelay/storage/Disk")<
  Disk,
  {
    /** What stands at the path, through symbolic links; none if nothing does. Synchronous, because a lookup waits for it. */
    readonly stat: (path: string) => Effect.Effect<Option.Option<Signature>, DiskError>
    /** The path without symbolic links. What a dangling link points to is an answer, too. */
    readonly resolve: (path: string) => Effect.Effect<string, DiskError>
    /** Opens; whoever opens closes. */
    readonly open: (path: string, purpose: Purpose) => Effect.Effect<Descriptor, DiskError>
    /** Closes; a failure may be the first sign that earlier writes were lost. */
    readonly close: (file: Descriptor) => Effect.Effect<void, DiskError>
    /** What is open, as `stat` would say. */
    readonly statOpen: (file: Descriptor) => Effect.Effect<Signature, DiskError>
    /** Everything from there, in bytes, to the end of the file. */
    readonly read: (file: Descriptor, from: number) => Effect.Effect<Uint8Array, DiskError>
    /** Writes at the end as many of the bytes as the system takes, and says how many these were. */
    readonly write: (file: Descriptor, bytes: Uint8Array) => Effect.Effect<number, DiskError>
    /** Cuts an open file to this many bytes. */
    readonly truncate: (file: Descriptor, length: number) => Effect.Effect<void, DiskError>
    /** Returns when file or directory is on the device. */
    readonly sync: (file: Descriptor) => Effect.Effect<void, DiskError>
    /** Takes an exclusive kernel lock that ends with the descriptor; false if somebody else has it. */
    readonly tryLock: (file: Descriptor) => Effect.Effect<boolean, DiskError>
    /** Gives the lock up before the descriptor is closed, though another process may have inherited it. */
    readonly unlock: (file: Descriptor) => Effect.Effect<void, DiskError>
    /** Gives a file a second name. */
    readonly link: (from: string, to: string) => Effect.Effect<void, DiskError>
    /** Moves a file, in place of whatever stands there, in one step. */
    readonly rename: (from: string, to: string) => Effect.Effect<void, DiskError>
    /** Lets two files change places, in one step. */
    readonly swap: (one: string, other: string) => Effect.Effect<void, DiskError>
    /** Sets the permission bits. */
    readonly setMode: (path: string, mode: number) => Effect.Effect<void, DiskError>
    /** Removes a name. */
    readonly remove: (path: string) => Effect.Effect<void, DiskError>
    /** Makes the directory and those above it that are missing; the topmost one made, if any was. */
    readonly makeDirectory: (path: string) => Effect.Effect<Option.Option<string>, DiskError>
    /** The names in a directory. */
    readonly list: (path: string) => Effect.Effect<ReadonlyArray<string>, DiskError>
  }
>() {}

/** Uses an open file and closes it in every case. That closing works is part of the success. */
export const using = <A, E>(
  disk: Disk["Type"],
  open: Effect.Effect<Descriptor, DiskError>,
  use: (file: Descriptor) => Effect.Effect<A, E>
): Effect.Effect<A, E | DiskError> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(open, (file) =>
      Effect.flatMap(
        Effect.exit(restore(use(file))),
        (exit): Effect.Effect<A, E | DiskError> =>
          Exit.isSuccess(exit)
            ? Effect.as(disk.close(file), exit.value)
            : Effect.zipRight(Effect.ignore(disk.close(file)), exit)
      )
    )
  )

/** Two looks at one path saw the same content. */
export const sameSignature = (one: Signature, other: Signature): boolean =>
  one.inode === other.inode &&
  one.changed === other.changed &&
  one.modified === other.modified &&
  one.size === other.size &&
  one.device === other.device
