import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "node:path"
import { Home } from "../../config/Home.js"
import { type Identity, isNumber } from "../../identity/Identity.js"
import { mention } from "../../identity/plan/Forgotten.js"
import { Disk, using } from "../../storage/Disk.js"
import { limit } from "../../storage/FileContent.js"
import { temporaries } from "../../storage/Replacement.js"

/** A file in which an account is named. The line counts from 1; it is none for a file that could not be looked into. */
export interface Mention {
  readonly file: string
  readonly line: Option.Option<number>
}

/** The files in the home, by what keeps them. */
export interface Files {
  /** The identity map and its journal, with their earlier versions. */
  readonly map: ReadonlyArray<string>
  /** The same of the sessions. */
  readonly sessions: ReadonlyArray<string>
  /** The same of those who were turned away. */
  readonly strangers: ReadonlyArray<string>
  /** The same of what people are about to link themselves. */
  readonly proofs: ReadonlyArray<string>
  /** What is kept of the device that is linked with WhatsApp. */
  readonly device: ReadonlyArray<string>
  readonly others: ReadonlyArray<string>
}

/** A number alone may mean anything, so it counts only where it is written as an account is. */
export const written = (identity: Identity): RegExp =>
  isNumber(identity)
    ? new RegExp(`telegram:${identity.id}(?!\\d)|"${identity.id}"`)
    : new RegExp(mention(identity), "i")

/** What WhatsApp's client names an account by, alone or in front of one of its devices: `"1234567890.0"`, `"99_1.0"`. */
export const keyed = ({ id, provider }: Identity): RegExp =>
  provider === "whatsapp" ? new RegExp(`["/:]${id.replace(/\D/g, "")}(?=[".:_@])`) : /(?!)/

/** Nothing is there, or a socket is. */
const nothing = new Set(["ENOENT", "ENXIO"])

/** All files of the home, but for those that keep processes apart and are empty. */
export const files: Effect.Effect<Files, never, Home | Disk> = Effect.gen(function* () {
  const disk = yield* Disk
  const home = yield* Home
  const inside = (directory: string) =>
    Effect.map(
      Effect.orElseSucceed(disk.list(directory), () => []),
      (names) => names.map((name) => Path.join(directory, name))
    )
  const versions = (path: string) =>
    Effect.gen(function* () {
      const target = yield* Effect.orElseSucceed(disk.resolve(path), () => path)
      const left = Effect.orElseSucceed(temporaries(disk, target), () => [])
      return [path, target, `${target}.bak`, ...(yield* left)]
    })
  const map = [...(yield* versions(home.identityMap)), ...(yield* versions(home.journal))]
  const sessions = yield* versions(home.sessions)
  const strangers = yield* versions(home.turnedAway)
  const proofs = yield* versions(home.proofs)
  const known = new Set([...map, ...sessions, ...strangers, ...proofs])
  const all = [...(yield* inside(home.directory)), ...(yield* inside(home.echo))]
  const others = all.filter((path) => !known.has(path) && !path.endsWith(".lock"))
  return { map, sessions, strangers, proofs, device: yield* inside(home.whatsapp), others }
})

/** In which of the files the pattern is found, and where first. */
export const mentions = (
  paths: ReadonlyArray<string>,
  pattern: RegExp
): Effect.Effect<ReadonlyArray<Mention>, never, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const lookInto = (file: string) =>
      using(disk, disk.open(file, "read"), (opened) =>
        Effect.gen(function* () {
          const { regular, size } = yield* disk.statOpen(opened)
          if (!regular) return []
          if (size > BigInt(limit)) return [{ file, line: Option.none() }]
          const text = new TextDecoder().decode(yield* disk.read(opened, 0))
          const at = text.search(pattern)
          return at < 0 ? [] : [{ file, line: Option.some(text.slice(0, at).split("\n").length) }]
        })
      ).pipe(Effect.catchAll(({ code }) => Effect.succeed(nothing.has(code) ? [] : [{ file, line: Option.none() }])))
    return (yield* Effect.forEach(paths, lookInto)).flat()
  })
