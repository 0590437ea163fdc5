import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { mkdirSync, writeFileSync } from "node:fs"
import * as Path from "node:path"
import type { Call } from "../storage/faulty-disk.js"
import { empty } from "./Place.js"
import { remains } from "./Remains.js"
import { Survival } from "./Survival.js"

type Step = Omit<Call, "done" | "path"> & { readonly path?: string }

const bytes = (text: string) => new TextEncoder().encode(text)

/** What may be left of some operations in a directory `d` with a file `old`: the files with their content. */
const leftBy = (...steps: ReadonlyArray<Step>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const root = yield* empty
      mkdirSync(Path.join(root, "d"))
      writeFileSync(Path.join(root, "d/old"), "1234")
      const survival = new Survival(root)
      for (const { path = "", to, ...step } of steps) {
        const toPath = to === undefined ? {} : { to: Path.join(root, to) }
        survival.add({ ...step, ...toPath, path: Path.join(root, path), done: step.failed === undefined })
      }
      const states = Array.from(remains(survival, new Set(["d/old", "d/new", "d/x/y"])), ({ found }) =>
        Array.from(found, ([path, node]) =>
          node.kind === "file" ? `${path}=${Buffer.from(node.bytes).toString().replaceAll("\0", "0")}` : path
        ).join(" ")
      )
      return [...new Set(states)].sort()
    })
  )

const made: ReadonlyArray<Step> = [
  { operation: "open", path: "d/new", purpose: "create", file: 3 },
  { operation: "write", file: 3, bytes: bytes("abcd") }
]
const synced: ReadonlyArray<Step> = [{ operation: "sync", file: 3 }]
const named: ReadonlyArray<Step> = [
  { operation: "open", path: "d", purpose: "directory", file: 4 },
  { operation: "sync", file: 4 }
]

describe("a power cut", () => {
  it.effect("leaves of a file without any sync none of its name, or nothing, a part, zeros or all of it", () =>
    Effect.map(leftBy(...made), (left) =>
      deepStrictEqual(
        left,
        ["", "0000", "a", "ab", "abc", "abcd"]
          .map((text) => `d d/new=${text} d/old=1234`)
          .concat("d d/old=1234")
          .sort()
      )
    )
  )

  it.effect("leaves of a file that is synced the whole or no name", () =>
    Effect.map(leftBy(...made, ...synced), (left) => deepStrictEqual(left, ["d d/new=abcd d/old=1234", "d d/old=1234"]))
  )

  it.effect("leaves of a file in a synced directory the name with anything in it", () =>
    Effect.map(leftBy(...made, ...named), (left) =>
      deepStrictEqual(left, ["", "0000", "a", "ab", "abc", "abcd"].map((text) => `d d/new=${text} d/old=1234`).sort())
    )
  )

  it.effect("leaves all of what is synced with its directory", () =>
    Effect.map(leftBy(...made, ...synced, ...named), (left) => deepStrictEqual(left, ["d d/new=abcd d/old=1234"]))
  )

  it.effect("leaves what a sync that failed was for as uncertain as before, whatever succeeds later", () =>
    Effect.map(leftBy(...made, { operation: "sync", file: 3, failed: "EIO" }, ...synced, ...named), (left) =>
      deepStrictEqual(left.length, 6)
    )
  )

  it.effect("leaves a file under its old name, its new one, or where another stood, and never under both or none", () =>
    Effect.map(leftBy(...made, ...synced, ...named, { operation: "rename", path: "d/new", to: "d/old" }), (left) =>
      deepStrictEqual(left, ["d d/new=abcd d/old=1234", "d d/old=abcd"])
    )
  )

  it.effect("leaves nothing in a directory of which the name was not synced", () =>
    Effect.map(
      leftBy(
        { operation: "makeDirectory", path: "d/x" },
        { operation: "open", path: "d/x/y", purpose: "create", file: 3 },
        ...synced,
        { operation: "open", path: "d/x", purpose: "directory", file: 4 },
        { operation: "sync", file: 4 }
      ),
      (left) => deepStrictEqual(left, ["d d/old=1234", "d d/old=1234 d/x d/x/y="])
    )
  )

  it.effect("leaves any of two names, both, or neither", () =>
    Effect.map(
      leftBy({ operation: "link", path: "d/old", to: "d/new" }, { operation: "remove", path: "d/old" }),
      (left) => deepStrictEqual(left, ["d", "d d/new=1234", "d d/new=1234 d/old=1234", "d d/old=1234"])
    )
  )
})
