import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "node:path"
import { type Descriptor, Disk, DiskError, type Signature, using } from "./Disk.js"
import { unwitnessed } from "./Document.js"
import { limit } from "./FileContent.js"
import type { Lines, Log } from "./Log.js"
import { replace, sweep, syncDirectory, writeAll } from "./Replacement.js"
import { DocumentUnreadable, StorageFailed } from "./StorageError.js"

/** As many bytes of the end as are read at first; a line is rarely longer. */
const glance = 64 * 1024

const newline = 0x0a

/** The last lines of a log, and where in the file the open one begins, in bytes. */
interface End extends Lines {
  readonly openAt: number
}

/** Where bytes were not synced, a power cut can leave zeros in their place. No line has any, so they say nothing. */
const linesIn = (bytes: Uint8Array): Lines => {
  const parts = new TextDecoder().decode(bytes).replaceAll("\0", "").split("\n")
  const open = parts.at(-1) ?? ""
  return {
    closed: parts.slice(0, -1).filter((line) => line !== ""),
    open: open === "" ? Option.none() : Option.some(open)
  }
}

/**
 * Lines in a file, closed by the newline behind them: a write that was cut short leaves an open line and never half a
 * closed one.
 */
export const make = (path: string): Effect.Effect<Log, never, Disk> =>
  Effect.map(Disk, (disk): Log => {
    const explained =
      (doing: "reading" | "saving") =>
      <A>(effect: Effect.Effect<A, DiskError | DocumentUnreadable | StorageFailed>) =>
        Effect.catchTag(
          effect,
          "DiskError",
          ({ code }) => new StorageFailed({ file: path, doing, code, state: "unchanged" })
        )

    const refused = (reason: string) => new DocumentUnreadable({ file: path, reason })

    const regular = (file: Descriptor): Effect.Effect<Signature, DiskError | DocumentUnreadable> =>
      Effect.filterOrFail(
        disk.statOpen(file),
        ({ regular }) => regular,
        () => refused("it is not a regular file")
      )

    const everything = (file: Descriptor) =>
      Effect.flatMap(
        regular(file),
        ({ size }): Effect.Effect<Lines, DiskError | DocumentUnreadable> =>
          size > BigInt(limit)
            ? refused("it is larger than 64 MiB, more than can be shown")
            : Effect.map(disk.read(file, 0), linesIn)
      )

    /** Looks back further and further, until the last closed line is there as a whole. */
    const endOf = (file: Descriptor, size: number, length = glance): Effect.Effect<End, DiskError> =>
      Effect.flatMap(disk.read(file, Math.max(0, size - length)), (bytes) => {
        const openAt = bytes.lastIndexOf(newline) + 1
        const whole = length >= size || bytes.subarray(0, Math.max(0, openAt - 1)).includes(newline)
        if (!whole) return endOf(file, size, length * 4)
        const { closed, open } = linesIn(bytes)
        return Effect.succeed({ closed: closed.slice(-1), open, openAt: Math.max(0, size - length) + openAt })
      })

    const end = (file: Descriptor) => Effect.flatMap(regular(file), ({ size }) => endOf(file, Number(size)))

    const reading = <A extends Lines>(read: (file: Descriptor) => Effect.Effect<A, DiskError | DocumentUnreadable>) =>
      using(disk, disk.open(path, "read"), read).pipe(
        Effect.catchIf(
          (error) => error instanceof DiskError && error.operation === "open" && error.code === "ENOENT",
          () => Effect.succeed<Lines>({ closed: [], open: Option.none() })
        ),
        explained("reading")
      )

    /** Takes the open line out, or hands back what closes it. */
    const settledIn = (file: Descriptor, { open, openAt }: End, how: "close" | "remove") =>
      Option.isNone(open)
        ? Effect.succeed("")
        : how === "close"
          ? Effect.succeed("\n")
          : Effect.as(disk.truncate(file, openAt), "")

    const appended = (file: Descriptor, text: string, durable = true) =>
      Effect.gen(function* () {
        const bytes = new TextEncoder().encode(text)
        const before = yield* regular(file)
        yield* writeAll(disk, file, bytes).pipe(
          Effect.zipRight(disk.statOpen(file)),
          Effect.filterOrFail(
            ({ size }) => size === before.size + BigInt(bytes.length),
            () => new DiskError({ operation: "write", path, code: "EIO" })
          ),
          Effect.zipRight(durable ? disk.sync(file) : Effect.void),
          Effect.onError(() => Effect.ignore(disk.truncate(file, Number(before.size))))
        )
      })

    return {
      name: path,
      all: reading(everything),
      end: reading(end),
      add: (how, { closed, open }) =>
        using(disk, disk.open(path, "append"), (file) =>
          Effect.gen(function* () {
            // Before the first line, so that a file with lines in it is there for good.
            if ((yield* regular(file)).size === 0n) yield* syncDirectory(disk, Path.dirname(path))
            const start = yield* settledIn(file, yield* end(file), how)
            yield* appended(file, `${start}${[...closed, open].join("\n")}`)
          })
        ).pipe(explained("saving"), Effect.uninterruptible),
      settle: (how) =>
        using(disk, disk.open(path, "append"), (file) =>
          Effect.gen(function* () {
            const start = yield* settledIn(file, yield* end(file), how)
            if (start !== "") yield* disk.write(file, new TextEncoder().encode(start))
          })
        ).pipe(explained("saving"), Effect.uninterruptible),
      append: (lines, durable) =>
        using(disk, disk.open(path, "append"), (file) =>
          appended(file, lines.map((line) => `${line}\n`).join(""), durable)
        ).pipe(explained("saving"), Effect.uninterruptible),
      replace: (lines) =>
        Effect.gen(function* () {
          const target = yield* disk.resolve(path)
          yield* sweep(disk, target)
          const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""))
          yield* replace(disk, target, yield* disk.stat(target), bytes, { witness: unwitnessed, previous: "discard" })
        }).pipe(
          Effect.catchTags({
            ChangedMeanwhile: () => new DiskError({ operation: "rename", path, code: "EBUSY" }),
            Unsynced: ({ error: { code } }) =>
              new StorageFailed({ file: path, doing: "saving", code, state: "unsynced" as const })
          }),
          explained("saving")
        )
    }
  })
