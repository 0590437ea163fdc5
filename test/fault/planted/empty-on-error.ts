import * as Either from "effect/Either"
import * as DurableFile from "../../../src/storage/DurableFile.js"
import { type Implementation, real } from "../Implementation.js"

/** Takes what it cannot understand for an empty document. */
export const emptyOnError: Implementation = {
  ...real,
  name: "empty on error",
  document: (path, codec) =>
    DurableFile.make(path, {
      ...codec,
      decode: (text) => Either.orElse(codec.decode(text), () => Either.right(codec.empty))
    })
}
