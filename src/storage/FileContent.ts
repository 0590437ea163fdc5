import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { createHash } from "node:crypto"
import { Disk, type DiskError, type Signature, sameSignature, using } from "./Disk.js"
import { absent, type Codec, type Revision, revisionOf, type Snapshot, unreadable } from "./Document.js"
import { DocumentUnreadable, StorageFailed } from "./StorageError.js"

export const limit = 64 * 1024 * 1024

/** Two changes within this many milliseconds can leave one time stamp, so a file this young is read again. */
const grain = 20n

/** What one look at the file gave: which file that was, and what was in it. */
export interface Seen<A> {
  readonly signature: Option.Option<Signature>
  readonly result: Either.Either<Snapshot<A>, DocumentUnreadable | StorageFailed>
  /** Names content that cannot be used, or what stands in its place. */
  readonly name: string
}

const revisionOfBytes = (bytes: Uint8Array): Revision => revisionOf(createHash("sha256").update(bytes).digest("hex"))

/** As many bytes are kept at most: to compare them with what is there now takes a tenth of naming that. */
const most = 4 * 1024 * 1024

/** A value, and the name of the bytes that it is written as. While these are kept, they get it when somebody asks for it. */
export const snapshotOf = <A>(value: A, bytes: Uint8Array, known?: Revision): Snapshot<A> => {
  let revision = bytes.length > most ? (known ?? revisionOfBytes(bytes)) : known
  if (revision !== undefined) return { value, revision }
  return {
    value,
    get revision() {
      revision ??= revisionOfBytes(bytes)
      return revision
    }
  }
}

const settled = (signature: Option.Option<Signature>, now: number): boolean =>
  Option.match(signature, {
    onNone: () => true,
    onSome: ({ changed, modified }) => {
      const youngest = (changed > modified ? changed : modified) / 1_000_000n
      return BigInt(now) - youngest > grain
    }
  })

/**
 * The content of a file as readers see it. It is decoded once per content and looked at, by one system call, at every
 * question.
 */
export const make = <A>(path: string, codec: Codec<A>) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const empty: Snapshot<A> = { value: codec.empty, revision: absent }
    let known: { readonly seen: Seen<A>; readonly settled: boolean } | undefined
    let good = empty
    /** What was there last, and what is about to be: while a change is being made, readers find one or the other. */
    let recent: ReadonlyArray<{ readonly of: Snapshot<A>; readonly bytes: Uint8Array | undefined }> = []
    let warned: string | undefined

    const failed = (error: DiskError) =>
      new StorageFailed({ file: path, doing: "reading", code: error.code, state: "unchanged" })

    const broken = (reason: string) => new DocumentUnreadable({ file: path, reason })

    const keep = (of: Snapshot<A>, bytes: Uint8Array): Snapshot<A> => {
      recent = bytes.length > most ? [{ of, bytes: undefined }] : [{ of, bytes }, ...recent.slice(0, 1)]
      return of
    }

    const decode = (bytes: Uint8Array): Either.Either<Snapshot<A>, DocumentUnreadable> => {
      let revision: Revision | undefined
      const found = recent.find((one) => {
        if (one.bytes !== undefined) return Buffer.compare(one.bytes, bytes) === 0
        revision ??= revisionOfBytes(bytes)
        return one.of.revision === revision
      })
      if (found !== undefined) return Either.right(found.of)
      return Either.try({
        try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
        catch: () => broken("it is not UTF-8 text")
      }).pipe(
        Either.flatMap((text) => Either.mapLeft(codec.decode(text), (problem) => unreadable(path, problem))),
        Either.map((value) => keep(snapshotOf(value, bytes, revision), bytes))
      )
    }

    const contentOf = (file: number): Effect.Effect<Seen<A>, DiskError> =>
      Effect.gen(function* () {
        const signature = yield* disk.statOpen(file)
        const seen = (result: Seen<A>["result"], name: string): Seen<A> => ({
          signature: Option.some(signature),
          result,
          name
        })
        if (!signature.regular) return seen(Either.left(broken("it is not a regular file")), "irregular")
        if (signature.size > BigInt(limit)) {
          return seen(
            Either.left(broken("it is larger than 64 MiB, more than one file can serve: it is time for a database")),
            "large"
          )
        }
        const bytes = yield* disk.read(file, 0)
        // Written in place while we read: what we have may be half of each.
        if (!sameSignature(signature, yield* disk.statOpen(file))) return yield* contentOf(file)
        const result = decode(bytes)
        return seen(result, Either.isLeft(result) ? revisionOfBytes(bytes) : "content")
      })

    /** Opens and reads, whatever is known already. */
    const look: Effect.Effect<Seen<A>> = Effect.flatMap(Clock.currentTimeMillis, (before) =>
      using(disk, disk.open(path, "read"), contentOf).pipe(
        Effect.catchAll((error) =>
          Effect.succeed<Seen<A>>({
            signature: Option.none(),
            result: error.code === "ENOENT" ? Either.right(empty) : Either.left(failed(error)),
            name: error.code
          })
        ),
        Effect.map((seen) => {
          // How old it was when we began: it may have changed, within one time stamp, since we had read it.
          known = { seen, settled: Either.isRight(seen.result) && settled(seen.signature, before) }
          if (Either.isRight(seen.result)) good = seen.result.right
          return seen
        })
      )
    )

    const same = Option.getEquivalence(sameSignature)

    const newest: Effect.Effect<Seen<A>> = Effect.matchEffect(disk.stat(path), {
      onFailure: () => look,
      onSuccess: (signature) =>
        known?.settled === true && same(known.seen.signature, signature) ? Effect.succeed(known.seen) : look
    })

    const warn = (name: string, { message }: DocumentUnreadable | StorageFailed) =>
      Effect.suspend(() => {
        if (warned === name) return Effect.void
        warned = name
        return Effect.logWarning(message)
      })

    return {
      newest,
      /** What a change is about to put there. Who finds it there compares, and does not decode it. */
      expect: (snapshot: Snapshot<A>, bytes: Uint8Array): Effect.Effect<void> =>
        Effect.sync(() => void keep(snapshot, bytes)),
      /** What a change has put there: the last that was readable, until somebody looks. */
      written: (snapshot: Snapshot<A>): Effect.Effect<void> => Effect.sync(() => void (good = snapshot)),
      readable: Effect.flatMap(newest, ({ result }) => result),
      current: Effect.flatMap(newest, ({ name, result }) =>
        Either.match(result, {
          onLeft: (problem) => Effect.map(warn(name, problem), () => good),
          onRight: (snapshot) => Effect.succeed(snapshot)
        })
      )
    }
  })
