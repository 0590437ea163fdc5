import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { Disk, type Signature } from "./Disk.js"
import type { Codec, WriteError } from "./Document.js"
import * as FileContent from "./FileContent.js"
import * as Leftovers from "./Leftovers.js"
import { type Finding, type Problem, problemIn, quoted } from "./Problem.js"
import * as Standing from "./Standing.js"

/** What is wrong; nothing fails, and nothing is changed. */
export type Inspected = Effect.Effect<ReadonlyArray<Problem>>

/** Finds what is wrong in a document that can be read. */
export type Check<A> = (value: A, text: string) => ReadonlyArray<Finding>

/** One that is locked takes seconds; all that are take no longer. */
export const together = { concurrency: 16 } as const

/** The value with the text that it was read from. */
const withText = <A>(codec: Codec<A>): Codec<{ readonly text: string; readonly value: A }> => ({
  empty: { text: "", value: codec.empty },
  decode: (text) => Either.map(codec.decode(text), (value) => ({ text, value })),
  encode: ({ value }) => codec.encode(value)
})

/** `back` is how to go back to another version, if that is possible. */
const contentProblem = (file: string, error: WriteError, back = ""): Problem => {
  switch (error._tag) {
    case "DocumentUnreadable":
      return problemIn(file, error.reason, `Correct the file, or move it away to start without it.${back}`, error.at)
    case "StorageFailed":
      return Standing.failed(file, error)
    case "FileBusy":
      return problemIn(file, error.message, "Look again.")
  }
}

const timeOf = ({ modified }: Signature): string =>
  DateTime.formatIso(DateTime.unsafeMake(Number(modified / 1_000_000n))).replace(/\.\d+Z$/, "Z")

/**
 * For a person to decide, and never done by itself: it may link again whom somebody has unlinked since. A relay that runs
 * must not find nothing there for a moment, since that would be a reset.
 */
const goingBack = (target: string, previous: Signature) => {
  const [main, bak, bad, next] = ["", ".bak", ".bad", ".new"].map((end) => quoted(target + end))
  const about =
    ` Or go back to the version before the last change that warelay made, of ${timeOf(previous)}, without what was changed ` +
    "since: "
  return {
    /** Where a file stands that is wrong. */
    fromFile: `${about}cp -p ${main} ${bad} && cp -p ${bak} ${next} && mv ${next} ${main}`,
    /** Where something else stands, which cannot be copied or replaced. */
    fromOther: `${about}mv ${main} ${bad} && cp -p ${bak} ${main}`
  }
}

const nowhere = { fromFile: "", fromOther: "" }

/** Looks at files and directories, and says what is wrong with them. `owner` is the user whose they should be. */
export const make = (owner: number) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const look = yield* Standing.make(owner)
    let looked = 0

    const standing: Standing.Look = (path, expected) =>
      Effect.tap(look(path, expected), ({ signature }) =>
        Effect.sync(() => {
          if (Option.isSome(signature)) looked += 1
        })
      )

    const leftovers = yield* Leftovers.make(standing)

    const contentOf = <A>(path: string, codec: Codec<A>) =>
      Effect.flatMap(FileContent.make(path, withText(codec)), ({ readable }) => Effect.either(readable)).pipe(
        Effect.map(Either.map(({ value }) => value)),
        Effect.provideService(Disk, disk)
      )

    /** The version before the last change: what is wrong with it, and how to go back to it if it can be read. */
    const previousOf = <A>(target: string, codec: Codec<A>) =>
      Effect.gen(function* () {
        const path = `${target}.bak`
        const { problems, signature, usable } = yield* standing(path, { kind: "file" })
        if (Option.isNone(signature) || !usable) return { problems, back: nowhere }
        const content = yield* contentOf(path, codec)
        if (Either.isRight(content)) return { problems, back: goingBack(target, signature.value) }
        const unreadable = contentProblem(path, content.left)
        const problem = `this version, the one before the last change, could not be gone back to: ${unreadable.problem}`
        const fix = `It is of no use, and the next change puts another in its place: rm ${quoted(path)}`
        return { problems: [...problems, { ...unreadable, problem, fix }], back: nowhere }
      })

    const inside = <A>(path: string, codec: Codec<A>, back: string, check: Check<A>) =>
      Effect.map(
        contentOf(path, codec),
        Either.match({
          onLeft: (error) => [contentProblem(path, error, back)],
          onRight: ({ text, value }) =>
            check(value, text).map((finding) => ({ ...problemIn(path, "", ""), ...finding }))
        })
      )

    /** A file with nothing beside it. `read` reads all of it, and fails with what is wrong. */
    const file = (path: string, read: Effect.Effect<unknown, WriteError> = Effect.void): Inspected =>
      Effect.gen(function* () {
        const { problems, usable } = yield* standing(path, { kind: "file" })
        const content = usable ? yield* Effect.either(read) : Either.void
        return Either.isLeft(content) ? [...problems, contentProblem(path, content.left)] : problems
      })

    const caught = (
      path: string,
      inspect: Effect.Effect<ReadonlyArray<Problem>, { readonly code: string }>
    ): Inspected => Effect.catchAll(inspect, (error) => Effect.succeed([Standing.failed(path, error)]))

    return {
      standing,
      /** How many files and directories there were to look at so far. */
      looked: Effect.sync(() => looked),
      /** A document with all that its writers put beside it. */
      document: <A>(path: string, codec: Codec<A>, check: Check<A> = () => []): Inspected =>
        caught(
          path,
          Effect.gen(function* () {
            const { problems, signature, usable } = yield* standing(path, { kind: "file" })
            const target = yield* disk.resolve(path)
            const previous = yield* previousOf(target, codec)
            const irregular = Option.isSome(signature) && !usable
            const back = irregular ? previous.back.fromOther : ""
            return [
              ...problems.map((problem) => ({ ...problem, fix: `${problem.fix}${back}` })),
              ...(usable ? yield* inside(path, codec, previous.back.fromFile, check) : []),
              ...previous.problems,
              ...(yield* leftovers.ofDocument(target))
            ]
          })
        ),
      file,
      /** A file that lines are added to under a lock. */
      log: (path: string, lockFile: string, read: Effect.Effect<unknown, WriteError>): Inspected =>
        caught(
          path,
          Effect.gen(function* () {
            return [...(yield* file(path, read)), ...(yield* leftovers.ofLog(yield* disk.resolve(path), lockFile))]
          })
        ),
      /** A directory, and what `inside` says of each name in it. */
      directory: (path: string, inside: (name: string) => ReadonlyArray<Inspected>): Inspected =>
        caught(
          path,
          Effect.gen(function* () {
            const { problems, usable } = yield* standing(path, { kind: "directory" })
            if (!usable) return problems
            const all = (yield* disk.list(path)).flatMap((name) => inside(name))
            return [...problems, ...(yield* Effect.all(all, together)).flat()]
          })
        )
    }
  })
