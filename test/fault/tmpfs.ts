import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { directory } from "../support/home.js"

const mount = 'mount -t tmpfs -o "$1" none "$2" && echo ready && exec cat'

/** The words of a shell that becomes a process of its own namespace, with the disk, until its input ends. */
const mounting = (options: string, on: string) => ["-c", 'exec unshare -rm sh -c "$@"', "sh", mount, "sh", options, on]

/** Why no disk of a few KiB can be had here; undefined if one can. It takes Linux, and a user namespace to mount in. */
export const unavailable: string | undefined = (() => {
  if (process.platform !== "linux") return "mounting a disk for one process takes Linux"
  const { error, status, stderr } = spawnSync("/bin/sh", mounting("size=16k", tmpdir()), {
    encoding: "utf8",
    input: ""
  })
  return error !== undefined ? error.message : status === 0 ? undefined : (stderr.trim().split("\n")[0] ?? "")
})()

/** A small disk that only processes of its own see where it is mounted. */
export interface SmallDisk {
  /** Where they see it. */
  readonly mounted: string
  /** Where everybody else does. It is a path that cannot be resolved: look at single files only. */
  readonly seen: string
  /** What comes before the words of a command that is to be one of its own. */
  readonly enter: readonly [program: string, ...words: ReadonlyArray<string>]
  /** So many pages, or files, can still be made. */
  readonly leave: (what: "pages" | "files", count: number) => void
  /** Takes away what `leave` has put there. */
  readonly free: () => void
}

const pageSize = 4096

export const smallDisk = (options: string): Effect.Effect<SmallDisk, never, Scope.Scope> =>
  Effect.gen(function* () {
    const mounted = yield* directory
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn("/bin/sh", mounting(options, mounted))),
      (child) => Effect.promise(() => (child.stdin.end(), once(child, "close")))
    )
    yield* Effect.promise(() => once(child.stdout, "data"))
    const seen = `/proc/${child.pid}/root${mounted}`
    const free = () => {
      for (const name of Fs.readdirSync(seen)) if (name.startsWith("ballast")) Fs.rmSync(Path.join(seen, name))
    }
    return {
      mounted,
      seen,
      enter: ["nsenter", "-t", String(child.pid), "-U", "--preserve-credentials", "-m", "--"],
      free,
      leave: (what, count) => {
        free()
        const { bfree, ffree } = Fs.statfsSync(seen)
        if (what === "pages") {
          Fs.writeFileSync(Path.join(seen, "ballast"), Buffer.alloc((bfree - count) * pageSize))
        } else for (let n = 0; n < ffree - count; n++) Fs.writeFileSync(Path.join(seen, `ballast${n}`), "")
      }
    }
  })
