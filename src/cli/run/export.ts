import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { printableJson } from "../../config/Printable.js"
import { codec } from "../../identity/Exported.js"
import * as storage from "../../layers/storage.js"
import { limit } from "../../storage/FileContent.js"
import * as NewFile from "../../storage/NewFile.js"
import { archive } from "./archive.js"

/** What no command could read again is not worth having. */
class ExportTooLarge extends Schema.TaggedError<ExportTooLarge>()("ExportTooLarge", { bytes: Schema.Number }) {
  override get message(): string {
    return (
      `the export would have ${Math.ceil(this.bytes / 2 ** 20)} MiB, and no more than ${limit / 2 ** 20} can be imported. ` +
      "Copy identity-map.json and identity-journal.ndjson instead, while nothing is being changed."
    )
  }
}

/** Prints the map and its history, or makes a file of them. One that is called `-` is standard output, as in `import`. */
export const run = (output: Option.Option<string>) =>
  Effect.gen(function* () {
    const { history, snapshot } = yield* archive
    const text = printableJson(codec.encode({ map: snapshot.value, history }))
    const bytes = new TextEncoder().encode(text)
    if (bytes.length > limit) return yield* new ExportTooLarge({ bytes: bytes.length })
    if (Option.isNone(output) || output.value === "-") return yield* Console.log(text.trimEnd())
    yield* Effect.provide(NewFile.create(output.value, bytes), storage.layer)
  })
