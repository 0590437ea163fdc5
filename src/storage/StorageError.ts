import * as Schema from "effect/Schema"
import * as Path from "node:path"

const elsewhere = "or set WARELAY_HOME to another directory."
const local = "Keep the files on a local disk: set WARELAY_HOME to a directory there."

/** What stands for an errno where the module that asks the kernel for locks cannot be loaded. */
export const noLocks = "LOCKS_MISSING"

/** What people call the errors of a file system, and what they can do. */
const sentences: Record<string, readonly [what: string, next: string]> = {
  ENOSPC: ["No space left on device", "Free some space and try again."],
  EDQUOT: ["The disk quota is used up", "Free some space and try again."],
  EROFS: ["The file system is read-only", `Mount it for writing, ${elsewhere}`],
  EACCES: ["Permission denied", "Run it as the user who owns the file, or correct the permissions."],
  EPERM: ["Operation not permitted", "Run it as the user who owns the file, or correct permissions and attributes."],
  EMFILE: ["Too many open files", "Raise the limit (ulimit -n) or close other programs, and try again."],
  ENFILE: ["Too many open files on this machine", "Close other programs and try again."],
  ENOMEM: ["Not enough memory", "Close other programs and try again."],
  EIO: ["The device reported an input/output error", "Check the disk before you go on."],
  ENOENT: ["There is no such file or directory", `Make the directory that it should be in, ${elsewhere}`],
  EISDIR: ["A directory stands where a file should be", "Move it away and try again."],
  ENOTDIR: ["A file stands where a directory should be", `Move it away, ${elsewhere}`],
  ENXIO: ["A socket or a device stands where a file should be", "Move it away and try again."],
  ELOOP: ["Its symbolic links form a loop", "Correct the links and try again."],
  ENAMETOOLONG: ["The path is too long", "Set WARELAY_HOME to a shorter one."],
  EBUSY: [
    "The file cannot be replaced: another program keeps changing it, or it is mounted by itself",
    "Close it there, or mount its directory instead, and try again."
  ],
  EXDEV: ["The file and its directory are on different file systems", "Mount the directory instead of the file alone."],
  EFBIG: [
    "The file has outgrown what one file can serve (64 MiB, if the system does not allow less)",
    "It is time for a database; take out what is not used."
  ],
  ESTALE: ["The network file system has lost sight of the file", "Mount it again and try again."],
  ENOLCK: ["The file system gives no locks", local],
  ENOTSUP: ["The file system cannot do what is needed", local],
  EOPNOTSUPP: ["The file system cannot do what is needed", local],
  ENOSYS: ["The file system cannot do what is needed", local],
  [noLocks]: [
    "The part of warelay that locks files (fs-native-extensions) is missing, or was made for another machine",
    "Install warelay again, on this machine."
  ]
}

/** The trouble may be with the lock, the temporary file or the directory instead. */
const besides = new Set(["EACCES", "EPERM", "EISDIR", "ENOTDIR", "ENXIO", "ELOOP"])

/** An errno's name as a sentence, and what can be done. */
export const explained = (code: string): readonly [what: string, next: string] =>
  sentences[code] ?? [`The operating system reported ${code}`, "Try again."]

/**
 * A file of the home could not be read or saved. `state` says what became of it: `unchanged` is exactly that, `unsynced`
 * means that the new content stands there but may not outlive a power cut.
 */
export class StorageFailed extends Schema.TaggedError<StorageFailed>()("StorageFailed", {
  file: Schema.String,
  doing: Schema.Literal("reading", "saving"),
  code: Schema.String,
  state: Schema.Literal("unchanged", "unsynced")
}) {
  override get message(): string {
    const [what, next] = explained(this.code)
    const outcome =
      this.state === "unsynced"
        ? "the change was made, but may be lost if the power fails now"
        : this.doing === "saving"
          ? "nothing was changed"
          : "it was left as it is"
    const where = besides.has(this.code) ? " Where it is: warelay identity doctor." : ""
    return `${what} while ${this.doing} ${Path.basename(this.file)} (${this.file}); ${outcome}. ${next}${where}`
  }
}

/** Somebody else is changing the file, for longer than a change can take. */
export class FileBusy extends Schema.TaggedError<FileBusy>()("FileBusy", { file: Schema.String, lock: Schema.String }) {
  override get message(): string {
    return (
      `${Path.basename(this.file)} is being changed by another process, which has held ${this.lock} for more than ` +
      "5 seconds; nothing was changed. Let that process finish or stop it, and try again."
    )
  }
}

/** The file is there and its content is not what it should be. Lines and columns count from 1. */
export class DocumentUnreadable extends Schema.TaggedError<DocumentUnreadable>()("DocumentUnreadable", {
  file: Schema.String,
  reason: Schema.String,
  at: Schema.optional(Schema.Struct({ line: Schema.Number, column: Schema.Number }))
}) {
  override get message(): string {
    const where = this.at === undefined ? this.file : `${this.file}, line ${this.at.line}, column ${this.at.column}`
    return `${where}: ${this.reason}. Nothing was changed. Correct the file, or move it away to start without it.`
  }
}
