import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Path from "node:path"
import { Disk, DiskError } from "./Disk.js"
import { cannotLink, name } from "./Publish.js"
import { save, syncDirectory, temporary } from "./Replacement.js"
import { explained } from "./StorageError.js"

/** Something stands there already, and was left alone. */
export class FileExists extends Schema.TaggedError<FileExists>()("FileExists", { file: Schema.String }) {
  override get message(): string {
    return `${this.file} exists already, and was left as it is. Choose another name, or move it away first.`
  }
}

/** The file could not be made, and nothing is left of the attempt. */
export class FileNotMade extends Schema.TaggedError<FileNotMade>()("FileNotMade", {
  file: Schema.String,
  code: Schema.String
}) {
  override get message(): string {
    const [what] = explained(this.code)
    return `${what} while saving ${this.file}; nothing was left there. Choose another place, or put that right, and try again.`
  }
}

type Service = Disk["Type"]

const failure =
  (operation: string) =>
  ({ code, path }: DiskError): DiskError =>
    new DiskError({ operation, path, code })

/**
 * Gives the temporary file its name, unless something stands there. Where files cannot have two names, the name is taken
 * by an empty file first, which is then replaced.
 */
const publish = (disk: Service, temp: string, target: string): Effect.Effect<void, DiskError> =>
  Effect.catchIf(
    name(disk, temp, target),
    ({ code }) => cannotLink.has(code),
    () =>
      Effect.flatMap(Effect.mapError(disk.open(target, "create"), failure("link")), disk.close).pipe(
        Effect.zipRight(disk.rename(temp, target)),
        Effect.tapError(({ operation }) => (operation === "link" ? Effect.void : Effect.ignore(disk.remove(target))))
      )
  )

/**
 * Makes a file of its owner's alone with these bytes, where nothing stands yet. It is there as a whole and durable when
 * this succeeds; when it fails or is interrupted, nothing is.
 */
export const create = (path: string, bytes: Uint8Array): Effect.Effect<void, FileExists | FileNotMade, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const target = Path.resolve(path)
        const temp = yield* temporary(target)
        yield* restore(save(disk, temp, bytes)).pipe(
          Effect.zipRight(publish(disk, temp, target)),
          Effect.onError(() => Effect.ignore(disk.remove(temp)))
        )
        yield* Effect.tapError(syncDirectory(disk, Path.dirname(target)), () => Effect.ignore(disk.remove(target)))
      }).pipe(
        Effect.mapError(({ code }) =>
          code === "EEXIST" ? new FileExists({ file: path }) : new FileNotMade({ file: path, code })
        )
      )
    )
  )
