import * as Data from "effect/Data"
import * as Option from "effect/Option"

/** Where in a text. Both count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** What can be done about a problem without deciding anything that is the operator's to decide. */
export type Repair = Data.TaggedEnum<{
  /** The permission bits that a file or directory should have. */
  SetMode: { readonly path: string; readonly mode: number }
  /** What killed processes left beside a file, and the lock that its writers hold. */
  Sweep: { readonly target: string; readonly lock: string }
}>

export const Repair = Data.taggedEnum<Repair>()

/** Something that is wrong in the home, and what to do about it. */
export interface Problem {
  /** The file or directory; for a setting of the environment, the variable. */
  readonly file: string
  readonly at: Option.Option<Place>
  readonly problem: string
  readonly fix: string
  readonly repair: Option.Option<Repair>
}

/** Something that is wrong in a text that can be read all the same. */
export type Finding = Pick<Problem, "at" | "problem" | "fix">

/** About a file as a whole, or a place in it, and nothing that we could repair. */
export const problemIn = (file: string, problem: string, fix: string, at?: Place): Problem => ({
  file,
  at: Option.fromNullable(at),
  problem,
  fix,
  repair: Option.none()
})

/** Octal, as `chmod` takes it and `ls` does not show it. */
export const written = (mode: number): string => mode.toString(8).padStart(4, "0")

/** A path as a shell reads it. */
export const quoted = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
