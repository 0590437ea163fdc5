import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Signature } from "../../../src/storage/Disk.js"
import { type Implementation, real } from "../Implementation.js"

const millisecond = 1_000_000n

/** What a file's size and its time of modification in milliseconds tell of it. */
const coarse = (signature: Signature): Signature => {
  const modified = signature.modified - (signature.modified % millisecond)
  return { ...signature, inode: 0n, modified, changed: modified }
}

/** Takes a file for unchanged if its size and its time of modification, in milliseconds, are. */
export const coarseSignature: Implementation = {
  ...real,
  name: "coarse signature",
  disk: (disk) => ({
    ...disk,
    stat: (path) => Effect.map(disk.stat(path), Option.map(coarse)),
    statOpen: (file) => Effect.map(disk.statOpen(file), coarse)
  })
}
