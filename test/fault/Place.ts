import * as Effect from "effect/Effect"
import { tryLock } from "fs-native-extensions"
import { createHash } from "node:crypto"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { documents, type Layout } from "./scenarios.js"

const arrow = "-> "

/** Makes in an empty directory what the layout says. */
export const layOut = (root: string, layout: Layout): void => {
  for (const [path, content] of Object.entries(layout)) {
    const at = Path.join(root, path)
    Fs.mkdirSync(Path.dirname(at), { recursive: true, mode: 0o700 })
    if (content.startsWith(arrow)) Fs.symlinkSync(content.slice(arrow.length), at)
    else Fs.writeFileSync(at, content, { mode: 0o600 })
  }
}

/**
 * In memory if there is such a place and nobody wishes another: what is synced here is only written down, and thousands of
 * small files on a device wait for everybody else's syncs.
 */
const place = process.env["TMPDIR"] ?? (Fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir())

/** An empty directory, by its real path; gone afterwards. */
export const empty = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Fs.realpathSync(place), "warelay-fault-"))),
  (root) => Effect.sync(() => Fs.rmSync(root, { recursive: true, force: true }))
)

/** Every path below, none followed: directories with a slash at the end. */
export const namesIn = (root: string, below = ""): ReadonlyArray<string> =>
  Fs.readdirSync(Path.join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = Path.join(below, entry.name)
    return entry.isDirectory() ? [`${path}/`, ...namesIn(root, path)] : [path]
  })

/** What stands in a directory, as a layout. Empty directories are none of it. */
export const layoutOf = (root: string): Layout =>
  Object.fromEntries(
    namesIn(root)
      .filter((name) => !name.endsWith("/"))
      .map((name) => {
        const at = Path.join(root, name)
        return [
          name,
          Fs.lstatSync(at).isSymbolicLink() ? `${arrow}${Fs.readlinkSync(at)}` : Fs.readFileSync(at, "utf8")
        ]
      })
  )

/** The text at a path, through links. */
export const textAt = (path: string): string | undefined =>
  Fs.existsSync(path) ? Fs.readFileSync(path, "utf8") : undefined

/** The documents, to the byte. */
export const bytesIn = (home: string): string =>
  JSON.stringify(documents.map((name) => textAt(Path.join(home, name)) ?? null))

/** The previous versions, to the byte. They stand beside the real file. */
export const previousIn = (home: string): ReadonlyArray<string | undefined> =>
  documents.map((name) => {
    const path = Path.join(home, name)
    return Fs.existsSync(path) ? textAt(`${Fs.realpathSync(path)}.bak`) : undefined
  })

/** Equal for two directories with the same in them: names, contents, permissions, and which names are one file's. */
export const fingerprint = (root: string): string => {
  const files = new Map<number, string>()
  return namesIn(root)
    .map((name) => {
      const at = Path.join(root, name)
      const { ino, mode } = Fs.lstatSync(at)
      const first = files.get(ino) ?? name
      files.set(ino, first)
      const content = name.endsWith("/")
        ? ""
        : (mode & Fs.constants.S_IFMT) === Fs.constants.S_IFLNK
          ? Fs.readlinkSync(at)
          : createHash("sha256").update(Fs.readFileSync(at)).digest("hex")
      return [name, mode, first, content].join(" ")
    })
    .join("\n")
}

/** The locks that somebody holds. */
export const heldLocks = (root: string): ReadonlyArray<string> =>
  namesIn(root)
    .filter((name) => name.endsWith(".lock"))
    .filter((name) => {
      const file = Fs.openSync(Path.join(root, name), "r+")
      const free = tryLock(file)
      Fs.closeSync(file)
      return !free
    })
