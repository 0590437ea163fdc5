import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "node:path"
import { Disk, type DiskError, type Signature, using } from "./Disk.js"
import { type Problem, problemIn, quoted, Repair, written } from "./Problem.js"
import { explained } from "./StorageError.js"

export interface Expected {
  readonly kind: "file" | "directory" | "socket"
  /** It may be root's instead, who may let others read it: a configuration that many machines have in common. */
  readonly orRoots?: boolean
}

/** What stands at a path, whatever is in it. Nothing at all is no problem. */
export interface Standing {
  readonly signature: Option.Option<Signature>
  /** Whether it is of the expected kind. */
  readonly usable: boolean
  readonly problems: ReadonlyArray<Problem>
}

/** A look at one path, which never fails. */
export type Look = (path: string, expected: Expected) => Effect.Effect<Standing>

const modes = { file: 0o600, directory: 0o700, socket: 0o600 }

/** The permission bits; those for more than access say nothing about who may read. */
const access = 0o777

const moveAway = "Move it away."

/** A call that failed, as a problem of what it was about. */
export const failed = (path: string, { code }: Pick<DiskError, "code">): Problem => {
  const [what, next] = explained(code)
  return problemIn(path, what, next)
}

/** What a file is in the place of something. */
const insteadOf = {
  file: () => [],
  directory: (path: string) => [failed(path, { code: "ENOTDIR" })],
  socket: (path: string) => [problemIn(path, "it is a file, and a socket has its place here", moveAway)]
}

const rights = (
  path: string,
  { mode, owner: whose }: Signature,
  { kind, orRoots }: Expected,
  owner: number
): ReadonlyArray<Problem> => {
  const roots = orRoots === true && whose === 0 && owner !== 0
  if (whose !== owner && !roots) {
    const problem = `it belongs to the user ${whose}, and the directory that everything is in to the user ${owner}`
    return [problemIn(path, problem, `Give it to its user: sudo chown ${owner} ${quoted(path)}`)]
  }
  const most = roots ? 0o644 : modes[kind]
  if ((mode & access & ~most) === 0) return []
  const fix = `Take the rights of others away: chmod ${written(most)} ${quoted(path)}`
  const repair = Option.some(Repair.SetMode({ path, mode: most }))
  return [{ ...problemIn(path, `its mode ${written(mode)} is wider than ${written(most)}`, fix), repair }]
}

/** Looks at one path at a time. `owner` is the user whose everything should be. */
export const make = (owner: number) =>
  Effect.map(Disk, (disk) => {
    const isDirectory = (path: string): Effect.Effect<boolean, DiskError> =>
      using(disk, disk.open(path, "directory"), () => Effect.succeed(true)).pipe(
        Effect.catchIf(
          ({ code }) => code === "ENOTDIR",
          () => Effect.succeed(false)
        )
      )

    const kindOf = (path: string, { regular }: Signature, { kind }: Expected) => {
      if (regular) return Effect.succeed(insteadOf[kind](path))
      return Effect.map(isDirectory(path), (directory) => {
        if (directory) return kind === "directory" ? [] : [failed(path, { code: "EISDIR" })]
        return kind === "socket" ? [] : [problemIn(path, "it is a pipe, a socket or a device", moveAway)]
      })
    }

    const dangling = (path: string) =>
      Effect.zipWith(disk.resolve(path), disk.resolve(Path.dirname(path)), (end, directory) =>
        end === Path.join(directory, Path.basename(path))
          ? []
          : [
              problemIn(
                path,
                `it is a link to ${end}, where nothing is`,
                "Put back what is missing, or remove the link."
              )
            ]
      )

    const look: Look = (path, expected) =>
      Effect.gen(function* () {
        const signature = yield* disk.stat(path)
        if (Option.isNone(signature)) return { signature, usable: false, problems: yield* dangling(path) }
        const irregular = yield* kindOf(path, signature.value, expected)
        const usable = irregular.length === 0
        return { signature, usable, problems: usable ? rights(path, signature.value, expected, owner) : irregular }
      }).pipe(
        Effect.catchAll((error) =>
          Effect.succeed({ signature: Option.none(), usable: false, problems: [failed(path, error)] })
        )
      )

    return look
  })
