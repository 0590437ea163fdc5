import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { randomBytes } from "node:crypto"
import * as Path from "node:path"
import { Home } from "../../config/Home.js"
import { Disk, DiskError, using } from "../../storage/Disk.js"
import * as NewFile from "../../storage/NewFile.js"
import { DocumentUnreadable, StorageFailed } from "../../storage/StorageError.js"
import type { Hash } from "./Hash.js"
import { hashOf } from "./Hashing.js"

export type KeyError = StorageFailed | DocumentUnreadable

export class ProofKey extends Context.Tag("warelay/identity/proof/ProofKey")<
  ProofKey,
  {
    /** What is kept of a code, or of a one-time word: equal for equal ones, and of no use without the key. */
    readonly hash: (purpose: "code" | "word", secret: string) => Effect.Effect<Hash, KeyError>
  }
>() {}

/** Bytes: as many as the hash has (RFC 2104, section 3). */
const length = 32

/** Another in each process. */
export const layerMemory: Layer.Layer<ProofKey> = Layer.sync(ProofKey, () => {
  const key = randomBytes(length)
  return { hash: (purpose, secret) => Effect.sync(() => hashOf(key, purpose, secret)) }
})

/** In `proof.key` in the home, which whoever needs it first makes. Without the file, no earlier code is good any more. */
export const layerFile: Layer.Layer<ProofKey, never, Home | Disk> = Layer.effect(
  ProofKey,
  Effect.gen(function* () {
    const { proofKey: file } = yield* Home
    const disk = yield* Disk

    const read = Effect.filterOrFail(
      using(disk, disk.open(file, "read"), (open) => disk.read(open, 0)),
      (bytes) => bytes.length === length,
      () => new DocumentUnreadable({ file, reason: `a key has ${length} bytes, and this has not` })
    )

    const create = disk.makeDirectory(Path.dirname(file)).pipe(
      Effect.zipRight(Effect.provideService(NewFile.create(file, randomBytes(length)), Disk, disk)),
      // Somebody else was faster; his is the key.
      Effect.catchTag("FileExists", () => Effect.void),
      Effect.catchTag("FileNotMade", ({ code }) => new DiskError({ operation: "create", path: file, code })),
      Effect.zipRight(read)
    )

    const key = read.pipe(
      Effect.catchIf(
        (error) => error instanceof DiskError && error.code === "ENOENT",
        () => create
      ),
      Effect.catchTag(
        "DiskError",
        ({ code }) => new StorageFailed({ file, doing: "reading", code, state: "unchanged" })
      )
    )

    return { hash: (purpose, secret) => Effect.map(key, (bytes) => hashOf(bytes, purpose, secret)) }
  })
)
