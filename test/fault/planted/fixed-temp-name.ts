import { type Implementation, real } from "../Implementation.js"

/** Names its temporary files after the file alone, so that what a process leaves is in the way of the next. */
export const fixedTempName: Implementation = {
  ...real,
  name: "fixed temp name",
  disk: (disk) => {
    const names = new Map<string, string>()
    const fixed = (path: string, end: string): string => {
      const name = /^(.*)\.[0-9a-z]+\.tmp$/.exec(path)?.[1]
      if (name === undefined) return path
      const known = names.get(path) ?? `${name}.${end}`
      names.set(path, known)
      return known
    }
    return {
      ...disk,
      open: (path, purpose) => disk.open(fixed(path, "new"), purpose),
      link: (from, to) => disk.link(fixed(from, "new"), fixed(to, "old")),
      swap: (one, other) => disk.swap(fixed(one, "new"), other),
      stat: (path) => disk.stat(fixed(path, "new")),
      rename: (from, to) => disk.rename(fixed(from, "new"), to),
      setMode: (path, mode) => disk.setMode(fixed(path, "old"), mode),
      remove: (path) => disk.remove(fixed(path, "new"))
    }
  }
}
