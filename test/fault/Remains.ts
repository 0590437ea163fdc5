import * as Fs from "node:fs"
import * as Path from "node:path"
import { applied, type Directory, type File, type Naming, type Node, type Survival } from "./Survival.js"

/** What may be found at a path. Two files with the same number are one file with two names. */
export type Found =
  | { readonly kind: "file"; readonly number: number; readonly bytes: Uint8Array }
  | { readonly kind: "directory" }
  | { readonly kind: "link"; readonly target: string }

export interface State {
  /** Equal for equal states. */
  readonly key: string
  readonly found: ReadonlyMap<string, Found>
}

/** More ways than this are not all looked at, but the orderly ones and as many others as make this many. */
const most = 2 ** 10

/** Everything that may be read in a file after a power cut. */
const contentsOf = (file: File): ReadonlyArray<Uint8Array> => {
  const contents: Array<Uint8Array> = []
  let bytes = file.before
  // What is certain is there, whatever became of the rest; a doubtful change before it may be missing.
  const certain = file.changes.filter(({ certainty }) => certainty === "certain")
  contents.push(certain.reduce(applied, file.before))
  for (const change of file.changes) {
    if (change.certainty !== "certain" && "bytes" in change) {
      const { at, bytes: written } = change
      for (const length of new Set([1, Math.floor(written.length / 2), written.length - 1])) {
        if (length > 0) contents.push(applied(bytes, { ...change, bytes: written.subarray(0, length) }))
      }
      contents.push(applied(bytes, { at, bytes: new Uint8Array(written.length), certainty: "pending" }))
    }
    bytes = applied(bytes, change)
    if (change.certainty !== "certain") contents.push(bytes)
  }
  const last = contents.at(-1)
  return last === undefined || file.changes.every(({ certainty }) => certainty === "certain") ? [bytes] : contents
}

/** Numbers that look as if they were random, the same every time (a linear congruential generator). */
const randomly = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

/** For each of `count` changes whether it has happened, in every way or in many. */
function* ways(count: number): Iterable<(change: number) => boolean> {
  if (2 ** count <= most) {
    for (let way = 0; way < 2 ** count; way++) yield (change) => ((way >> change) & 1) === 1
    return
  }
  for (let happened = 0; happened <= count; happened++) yield (change) => change < happened
  const random = randomly(count)
  for (let way = count; way < most; way++) {
    const happened = Array.from({ length: count }, () => random() < 0.5)
    yield (change) => happened[change] === true
  }
}

/** One of each, in every way or, if these were too many, one after the other away from the first. */
function* choices(counts: ReadonlyArray<number>): Iterable<ReadonlyArray<number>> {
  const all = counts.reduce((product, count) => product * count, 1)
  if (all <= most) {
    for (let way = 0; way < all; way++) {
      let rest = way
      yield counts.map((count) => {
        const choice = rest % count
        rest = Math.floor(rest / count)
        return choice
      })
    }
    return
  }
  for (const [at, count] of counts.entries()) {
    for (let choice = 0; choice < count; choice++) yield counts.map((_, other) => (other === at ? choice : 0))
  }
}

/** What stands below a directory if of its changes just these have happened. */
const walk = (
  directory: Directory,
  path: string,
  happened: (change: Naming) => boolean,
  tree: Map<string, Node>
): void => {
  const names = new Map(directory.before)
  for (const change of directory.changes) {
    if (change.certainty !== "certain" && !happened(change)) continue
    for (const [name, node] of change.names) {
      if (node === undefined) names.delete(name)
      else names.set(name, node)
    }
  }
  for (const [name, node] of [...names].sort(([one], [other]) => (one < other ? -1 : 1))) {
    tree.set(Path.join(path, name), node)
    if (node.kind === "directory") walk(node, Path.join(path, name), happened, tree)
  }
}

/** Contents by number, for all that are looked at: equal ones have one. */
const texts = new Map<string, number>()

const stateOf = (tree: ReadonlyMap<string, Node>, bytesOf: ReadonlyMap<File, Uint8Array>): State => {
  const found = new Map<string, Found>()
  const order = new Map<File, number>()
  const keys: Array<string> = []
  for (const [path, node] of tree) {
    if (node.kind !== "file") {
      found.set(path, node.kind === "link" ? node : { kind: "directory" })
      keys.push(path)
      continue
    }
    const number = order.get(node) ?? order.size
    order.set(node, number)
    const bytes = bytesOf.get(node) ?? new Uint8Array()
    const text = Buffer.from(bytes).toString("latin1")
    const known = texts.get(text) ?? texts.size
    texts.set(text, known)
    found.set(path, { kind: "file", number, bytes })
    keys.push(`${path}=${number}:${known}`)
  }
  return { key: keys.join(" "), found }
}

/** Everything that may be found if the power fails now. `known` are the paths at which somebody may look for something. */
export function* remains({ directories, top }: Survival, known: ReadonlySet<string>): Iterable<State> {
  const uncertain = directories.flatMap(({ changes }) => changes.filter(({ certainty }) => certainty !== "certain"))
  const places = new Map(uncertain.map((change, at) => [change, at]))
  const contents = new Map<File, ReadonlyArray<Uint8Array>>()
  const contentsFor = (file: File) => {
    const found = contents.get(file) ?? contentsOf(file)
    contents.set(file, found)
    return found
  }
  const seen = new Set<string>()
  const numbers = new Map<File, number>()
  const numberOf = (file: File) => {
    const number = numbers.get(file) ?? numbers.size
    numbers.set(file, number)
    return number
  }
  for (const happened of ways(uncertain.length)) {
    const tree = new Map<string, Node>()
    walk(top, "", (change) => happened(places.get(change) ?? -1), tree)
    const sought = new Set(Array.from(tree).flatMap(([path, node]) => (known.has(path) ? [node] : [])))
    // What is left over under a name that nobody knows is none or whole: how much of it is there makes no difference.
    const files = [...new Set(tree.values())].flatMap((node) => {
      if (node.kind !== "file") return []
      const all = contentsFor(node)
      return [{ node, contents: sought.has(node) ? all : [...new Set([...all.slice(0, 1), ...all.slice(-1)])] }]
    })
    const names = Array.from(tree, ([path, node]) =>
      node.kind === "file" ? `${path}=${numberOf(node)}` : node.kind === "link" ? `${path}>` : `${path}/`
    ).join(" ")
    if (seen.has(names)) continue
    seen.add(names)
    for (const chosen of choices(files.map((file) => file.contents.length))) {
      const bytesOf = new Map(
        files.map((file, at) => [file.node, file.contents[chosen[at] ?? 0] ?? new Uint8Array()] as const)
      )
      yield stateOf(tree, bytesOf)
    }
  }
}

/** Makes in an empty directory what a power cut left. */
export const materialise = (root: string, { found }: State): void => {
  const first = new Map<number, string>()
  for (const [path, node] of found) {
    const at = Path.join(root, path)
    if (node.kind === "directory") Fs.mkdirSync(at, { mode: 0o700 })
    else if (node.kind === "link") Fs.symlinkSync(node.target, at)
    else {
      const other = first.get(node.number)
      if (other === undefined) Fs.writeFileSync(at, node.bytes, { mode: 0o600 })
      else Fs.linkSync(other, at)
      first.set(node.number, other ?? at)
    }
  }
}
