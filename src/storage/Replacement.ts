import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Path from "node:path"
import { type Descriptor, type Disk, DiskError, type Signature, sameSignature, using } from "./Disk.js"
import type { Settle } from "./Document.js"
import { ChangedMeanwhile, cannotLink, publish, Unsynced } from "./Publish.js"

type Service = Disk["Type"]

const same = Option.getEquivalence(sameSignature)

/** Until the system has taken every byte, or takes no more. */
export const writeAll = (disk: Service, file: Descriptor, bytes: Uint8Array): Effect.Effect<void, DiskError> =>
  Effect.flatMap(disk.write(file, bytes), (taken) =>
    taken === 0 || taken === bytes.length ? Effect.void : writeAll(disk, file, bytes.subarray(taken))
  )

/** On the device, every byte, or it fails. A failed sync is not tried again: the kernel would call it clean. */
export const save = (disk: Service, path: string, bytes: Uint8Array): Effect.Effect<void, DiskError> =>
  using(disk, disk.open(path, "create"), (file) =>
    writeAll(disk, file, bytes).pipe(
      Effect.zipRight(disk.statOpen(file)),
      Effect.filterOrFail(
        ({ size }) => size === BigInt(bytes.length),
        () => new DiskError({ operation: "write", path, code: "EIO" })
      ),
      Effect.zipRight(disk.sync(file))
    )
  )

/** A name beside the target that nobody else has. */
export const temporary = (target: string): Effect.Effect<string> =>
  Effect.map(Random.nextIntBetween(0, 2 ** 48), (number) => `${target}.${number.toString(36)}.tmp`)

/** Those that stand beside the target, by their paths. */
export const temporaries = (disk: Service, target: string): Effect.Effect<ReadonlyArray<string>, DiskError> =>
  Effect.map(disk.list(Path.dirname(target)), (names) =>
    names
      .filter((name) => name.startsWith(`${Path.basename(target)}.`) && name.endsWith(".tmp"))
      .map((name) => Path.join(Path.dirname(target), name))
  )

/** Removes what a killed process left beside the target. Whoever calls holds the lock, so nobody else has any there. */
export const sweep = (disk: Service, target: string): Effect.Effect<void, DiskError> =>
  Effect.flatMap(
    temporaries(disk, target),
    Effect.forEach((path) => disk.remove(path), { discard: true })
  )

export const syncDirectory = (disk: Service, path: string): Effect.Effect<void, DiskError> =>
  using(disk, disk.open(path, "directory"), disk.sync)

/** Keeps the version that is about to go, as `<target>.bak`, for a person to restore. */
const keep = (disk: Service, target: string): Effect.Effect<void, DiskError> =>
  Effect.flatMap(temporary(target), (temp) =>
    disk.link(target, temp).pipe(
      // Who has edited the file by hand may have left it for all to read.
      Effect.zipRight(Effect.ignore(disk.setMode(temp, 0o600))),
      Effect.zipRight(disk.rename(temp, `${target}.bak`)),
      // If an earlier attempt ended here, both are names of one file, and then renaming does nothing.
      Effect.zipRight(Effect.ignore(disk.remove(temp))),
      Effect.catchIf(
        (error) => error.operation === "link" && cannotLink.has(error.code),
        () => Effect.void
      ),
      Effect.tapError(() => Effect.ignore(disk.remove(temp)))
    )
  )

/** Leaves nothing of any earlier version. */
export const discard = (disk: Service, target: string): Effect.Effect<void, DiskError> =>
  Effect.catchIf(
    disk.remove(`${target}.bak`),
    ({ code }) => code === "ENOENT",
    () => Effect.void
  )

/**
 * Puts the bytes in place of what `before` is the signature of, in one step that is durable when this succeeds. When it
 * fails, other than with `Unsynced`, or is interrupted, the old content stands and no temporary file is left. `witness`
 * runs when the bytes are safe and nobody can see them, and is told how it ended if that is certain.
 */
export const replace = <E>(
  disk: Service,
  target: string,
  before: Option.Option<Signature>,
  bytes: Uint8Array,
  { previous, witness }: { readonly previous: "keep" | "discard"; readonly witness: Effect.Effect<Settle, E> }
): Effect.Effect<void, E | DiskError | ChangedMeanwhile | Unsynced> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const temp = yield* temporary(target)
      const settle = yield* restore(save(disk, temp, bytes)).pipe(
        Effect.zipRight(witness),
        Effect.tap((settle) =>
          disk.stat(target).pipe(
            Effect.filterOrFail(
              (now) => same(now, before),
              () => new ChangedMeanwhile()
            ),
            Effect.zipRight(
              previous === "discard" ? discard(disk, target) : Option.isSome(before) ? keep(disk, target) : Effect.void
            ),
            Effect.onError(() => settle(false)),
            // If this fails, it may have been made all the same.
            Effect.zipRight(
              Effect.tapErrorTag(publish(disk, temp, target, before), "ChangedMeanwhile", () => settle(false))
            )
          )
        ),
        Effect.onError(() => Effect.ignore(disk.remove(temp)))
      )
      yield* Effect.mapError(syncDirectory(disk, Path.dirname(target)), (error) => new Unsynced({ error }))
      yield* settle(true)
    })
  )
