// What is on the device for certain, and what may be, while operations are asked of a disk.
//
// Bytes written to a file count only after a sync of that file: before it none of them may be there, some from the start,
// all, or as many zeros. Names made, moved and removed count only after a sync of their directory: before it any of these
// operations may have happened and any other not. That a file is synced says nothing of its name. A sync that failed is
// the last that is heard of what it was for: the kernel takes it for done, so a later one does not help.
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Call } from "../storage/faulty-disk.js"

type Certainty = "pending" | "certain" | "doubtful"

export type Write = { readonly at: number; readonly bytes: Uint8Array; certainty: Certainty }
export type Cut = { readonly length: number; certainty: Certainty }
export type Naming = {
  readonly names: ReadonlyArray<readonly [name: string, node: Node | undefined]>
  certainty: Certainty
}

export interface File {
  readonly kind: "file"
  readonly before: Uint8Array
  readonly changes: Array<Write | Cut>
}

export interface Directory {
  readonly kind: "directory"
  readonly before: ReadonlyMap<string, Node>
  readonly changes: Array<Naming>
}

interface Link {
  readonly kind: "link"
  readonly target: string
}

export type Node = File | Directory | Link

export const applied = (bytes: Uint8Array, change: Write | Cut): Uint8Array => {
  const length = "bytes" in change ? Math.max(bytes.length, change.at + change.bytes.length) : change.length
  const result = new Uint8Array(length)
  result.set(bytes.subarray(0, length))
  if ("bytes" in change) result.set(change.bytes, change.at)
  return result
}

const appliedAll = ({ before, changes }: File): Uint8Array => changes.reduce(applied, before)

export class Survival {
  readonly #root: string
  /** The directory that stood there in the beginning. */
  readonly top: Directory
  readonly #open = new Map<number, Node>()
  /** All directories that there have been. */
  readonly directories: Array<Directory> = []

  /** What stands in this directory now is safe. */
  constructor(root: string) {
    this.#root = root
    this.top = this.#taken(root, new Map())
  }

  #taken(path: string, files: Map<number, File>): Directory {
    const before = new Map<string, Node>()
    for (const entry of Fs.readdirSync(path, { withFileTypes: true })) {
      const at = Path.join(path, entry.name)
      before.set(
        entry.name,
        entry.isDirectory()
          ? this.#taken(at, files)
          : entry.isSymbolicLink()
            ? { kind: "link", target: Fs.readlinkSync(at) }
            : this.#file(at, files)
      )
    }
    return this.#directory(before)
  }

  #file(path: string, files: Map<number, File>): File {
    const { ino } = Fs.statSync(path)
    const file = files.get(ino) ?? { kind: "file", before: Fs.readFileSync(path), changes: [] }
    files.set(ino, file)
    return file
  }

  #directory(before: ReadonlyMap<string, Node>): Directory {
    const directory: Directory = { kind: "directory", before, changes: [] }
    this.directories.push(directory)
    return directory
  }

  /** What everybody sees who asks before the power fails. */
  #named({ before, changes }: Directory, name: string): Node | undefined {
    for (const { names } of changes.toReversed()) {
      const found = names.find(([changed]) => changed === name)
      if (found !== undefined) return found[1]
    }
    return before.get(name)
  }

  /** The directory that a path's last name stands in, links followed, and that name. */
  #place(path: string, depth = 0): { readonly directory: Directory; readonly name: string } {
    if (depth > 40) throw new Error(`links without end at ${path}`)
    const parts = Path.relative(this.#root, path).split(Path.sep)
    let directory = this.top
    let walked = this.#root
    for (const [at, name] of parts.entries()) {
      const node = this.#named(directory, name)
      const here = Path.join(walked, name)
      if (node?.kind === "link") {
        return this.#place(Path.join(Path.resolve(walked, node.target), ...parts.slice(at + 1)), depth + 1)
      }
      if (at === parts.length - 1) return { directory, name }
      if (node?.kind !== "directory") throw new Error(`no directory at ${here}`)
      directory = node
      walked = here
    }
    throw new Error(`nothing is named by ${path}`)
  }

  #at(path: string): Node | undefined {
    if (path === this.#root) return this.top
    const { directory, name } = this.#place(path)
    return this.#named(directory, name)
  }

  /** As the call says by itself: a link at the end is not followed. */
  #beside(path: string): { readonly directory: Directory; readonly name: string } {
    const parent = this.#at(Path.dirname(path))
    if (parent?.kind !== "directory") throw new Error(`no directory around ${path}`)
    return { directory: parent, name: Path.basename(path) }
  }

  #name(...changes: ReadonlyArray<readonly [path: string, node: Node | undefined]>): void {
    const places = changes.map(([path, node]) => ({ ...this.#beside(path), node }))
    for (const directory of new Set(places.map(({ directory }) => directory))) {
      const names = places.filter((place) => place.directory === directory)
      directory.changes.push({ names: names.map(({ name, node }) => [name, node]), certainty: "pending" })
    }
  }

  #made(path: string): void {
    if (path === this.#root) return
    this.#made(Path.dirname(path))
    if (this.#at(path) === undefined) this.#name([path, this.#directory(new Map())])
  }

  #written(file: Node | undefined, change: (length: number) => Write | Cut): void {
    if (file?.kind !== "file") throw new Error("what was written to is no file")
    file.changes.push(change(appliedAll(file).length))
  }

  /** Takes in one more operation. */
  add({ bytes, done, failed, file = -1, length = 0, operation, path, purpose, to = "" }: Call): void {
    if (operation === "sync") {
      const node = this.#open.get(file)
      if (node === undefined || node.kind === "link") throw new Error("what was synced is not open")
      for (const change of node.changes) {
        if (change.certainty === "pending") change.certainty = failed === undefined ? "certain" : "doubtful"
      }
    }
    if (!done) return
    switch (operation) {
      case "open": {
        // What is above may be synced as well; nothing there is ever changed.
        if (Path.relative(this.#root, path).startsWith("..")) {
          this.#open.set(file, { kind: "directory", before: new Map(), changes: [] })
          return
        }
        if (this.#at(path) === undefined) {
          const { directory, name } = this.#place(path)
          directory.changes.push({
            names: [[name, { kind: "file", before: new Uint8Array(), changes: [] }]],
            certainty: "pending"
          })
        }
        const node = this.#at(path)
        if (node !== undefined) this.#open.set(file, node)
        if (purpose === "directory" && node?.kind !== "directory") throw new Error(`no directory at ${path}`)
        return
      }
      case "close":
        this.#open.delete(file)
        return
      case "write":
        return this.#written(this.#open.get(file), (at) => ({
          at,
          bytes: bytes ?? new Uint8Array(),
          certainty: "pending"
        }))
      case "truncate":
        return this.#written(this.#open.get(file), () => ({ length, certainty: "pending" }))
      case "link":
        return this.#name([to, this.#at(path)])
      case "rename":
        // Of two names of one file neither goes away.
        if (this.#at(path) === this.#at(to)) return
        return this.#name([path, undefined], [to, this.#at(path)])
      case "swap":
        return this.#name([path, this.#at(to)], [to, this.#at(path)])
      case "remove":
        return this.#name([path, undefined])
      case "makeDirectory":
        return this.#made(path)
      // These change nothing, or nothing that is at stake: permissions.
      case "stat":
      case "resolve":
      case "statOpen":
      case "read":
      case "tryLock":
      case "unlock":
      case "setMode":
      case "list":
        return
    }
  }
}
