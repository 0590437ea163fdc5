import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { randomBytes } from "node:crypto"
import * as Path from "node:path"
import { Home } from "../../config/Home.js"
import { Disk, using } from "../../storage/Disk.js"
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

const failed = (file: string, { code }: { readonly code: string }) =>
  new StorageFailed({ file, doing: "reading", code, state: "unchanged" })

/** The key that is kept in a file. */
export const stored = (file: string): Effect.Effect<Uint8Array, KeyError, Disk> =>
  Effect.flatMap(Disk, (disk) => using(disk, disk.open(file, "read"), (open) => disk.read(open, 0))).pipe(
    Effect.mapError((error) => failed(file, error)),
    Effect.filterOrFail(
      (bytes) => bytes.length === length,
      () => new DocumentUnreadable({ file, reason: `a key has ${length} bytes, and this has not` })
    )
  )

/** In `proof.key` in the home, which whoever needs it first makes. Without the file, no earlier code is good any more. */
export const layerFile: Layer.Layer<ProofKey, never, Home | Disk> = Layer.effect(
  ProofKey,
  Effect.gen(function* () {
    const { proofKey: file } = yield* Home
    const disk = yield* Disk

    const create = disk.makeDirectory(Path.dirname(file)).pipe(
      Effect.zipRight(NewFile.create(file, randomBytes(length))),
      // Somebody else was faster; his is the key.
      Effect.catchTag("FileExists", () => Effect.void),
      Effect.mapError((error) => failed(file, error)),
      Effect.zipRight(stored(file))
    )

    const key = stored(file).pipe(
      Effect.catchIf(
        (error) => error._tag === "StorageFailed" && error.code === "ENOENT",
        () => create
      ),
      Effect.provideService(Disk, disk)
    )

    return { hash: (purpose, secret) => Effect.map(key, (bytes) => hashOf(bytes, purpose, secret)) }
  })
)
