import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { Process } from "../../config/Process.js"
import { codec, type Exported } from "../../identity/Exported.js"
import { absent } from "../../storage/Document.js"
import type { Disk } from "../../storage/Disk.js"
import * as FileContent from "../../storage/FileContent.js"
import { explained } from "../../storage/StorageError.js"

/** What was to be imported cannot be read, or is not what it should be. Lines and columns count from 1. */
export class ImportUnreadable extends Schema.TaggedError<ImportUnreadable>()("ImportUnreadable", {
  source: Schema.String,
  reason: Schema.String,
  at: Schema.optional(Schema.Struct({ line: Schema.Number, column: Schema.Number }))
}) {
  override get message(): string {
    const where = this.at === undefined ? this.source : `${this.source}, line ${this.at.line}, column ${this.at.column}`
    return `${where}: ${this.reason}. Nothing was changed. Correct it, or name another file (- reads standard input).`
  }
}

const tooLarge = `it is larger than ${FileContent.limit / 2 ** 20} MiB, more than one file can serve`

const inFile = (file: string) =>
  Effect.flatMap(FileContent.make(file, codec), ({ readable }) => readable).pipe(
    Effect.mapError((error) =>
      error._tag === "DocumentUnreadable"
        ? new ImportUnreadable({ source: file, reason: error.reason, at: error.at })
        : new ImportUnreadable({ source: file, reason: explained(error.code)[0] })
    ),
    Effect.filterOrFail(
      ({ revision }) => revision !== absent,
      () => new ImportUnreadable({ source: file, reason: "there is no such file" })
    ),
    Effect.map(({ value }) => value)
  )

const input = "standard input"

/** All that comes in, until there is no more of it. */
const everything = Effect.flatMap(Process, ({ input: stream }) =>
  Effect.async<Uint8Array, ImportUnreadable>((resume) => {
    const parts: Array<Uint8Array> = []
    let length = 0
    const fail = (reason: string) => resume(new ImportUnreadable({ source: input, reason }))
    const take = (part: Uint8Array) => {
      parts.push(part)
      length += part.length
      if (length > FileContent.limit) fail(tooLarge)
    }
    const broken = ({ message }: Error) => fail(message)
    const done = () => resume(Effect.succeed(Buffer.concat(parts)))
    stream.on("data", take).once("error", broken).once("end", done)
    return Effect.sync(() => {
      stream.off("data", take).off("error", broken).off("end", done).destroy()
    })
  })
)

const decoded = (bytes: Uint8Array): Either.Either<Exported, ImportUnreadable> =>
  Either.try({
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    catch: () => new ImportUnreadable({ source: input, reason: "it is not UTF-8 text" })
  }).pipe(
    Either.flatMap((text) =>
      Either.mapLeft(
        codec.decode(text),
        ({ column, line, reason }) => new ImportUnreadable({ source: input, reason, at: { line, column } })
      )
    )
  )

/** What a file holds, or standard input if it is called `-`. It is all in order, or it is refused. */
export const imported = (file: string): Effect.Effect<Exported, ImportUnreadable, Process | Disk> =>
  file === "-" ? Effect.flatMap(everything, decoded) : inFile(file)
