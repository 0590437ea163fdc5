import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { constants, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { direct, threaded } from "../../src/storage/SystemCalls.js"
import { directory } from "../support/home.js"

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = constants
const text = (file: string): string => readFileSync(file, "utf8")
const modeOf = (file: string): number => statSync(file).mode & 0o777

describe.each([
  ["in a thread", threaded],
  ["on the spot", direct]
])("a system call %s", (_, calls) => {
  it.scopedLive("writes, reads and cuts what is open", () =>
    Effect.gen(function* () {
      const file = join(yield* directory, "file")
      const open = yield* calls.open(file, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0o600)
      assert.strictEqual(yield* calls.write(open, Buffer.from("ab")), 2)
      assert.strictEqual(yield* calls.write(open, Buffer.from("cdef")), 4)
      const into = Buffer.alloc(3)
      assert.strictEqual(yield* calls.read(open, into, 1), 3)
      assert.strictEqual(into.toString(), "bcd")
      assert.strictEqual(yield* calls.read(open, into, 5), 1)
      assert.strictEqual(yield* calls.read(open, into, 6), 0)
      yield* calls.truncate(open, 2)
      yield* calls.sync(open)
      assert.strictEqual(text(file), "ab")
      yield* calls.setModeOpen(open, 0o640)
      assert.strictEqual(modeOf(file), 0o640)
    })
  )

  it.scopedLive("names, moves and removes", () =>
    Effect.gen(function* () {
      const home = realpathSync(yield* directory)
      const [one, other, within] = [join(home, "one"), join(home, "other"), join(home, "within")]
      writeFileSync(one, "1")
      yield* calls.link(one, other)
      yield* calls.setMode(other, 0o600)
      assert.strictEqual(modeOf(one), 0o600)
      yield* calls.makeDirectory(within, 0o700)
      yield* calls.rename(other, join(within, "moved"))
      deepStrictEqual(yield* calls.list(within), ["moved"])
      yield* calls.remove(one)
      deepStrictEqual(yield* calls.list(home), ["within"])
      symlinkSync("within/moved", join(home, "link"))
      assert.strictEqual(yield* calls.readlink(join(home, "link")), "within/moved")
      assert.strictEqual(yield* calls.realpath(join(home, "link")), join(within, "moved"))
    })
  )

  it.scopedLive("that fails says what the system said, and of what", () =>
    Effect.gen(function* () {
      const none = join(yield* directory, "none")
      const refused = {
        realpath: calls.realpath(none),
        readlink: calls.readlink(none),
        open: calls.open(none, O_RDONLY, 0),
        chmod: calls.setMode(none, 0o600),
        link: calls.link(none, `${none}-2`),
        rename: calls.rename(none, `${none}-2`),
        remove: calls.remove(none),
        mkdir: calls.makeDirectory(join(none, "below"), 0o700),
        list: calls.list(none)
      }
      for (const [operation, call] of Object.entries<Effect.Effect<unknown, { operation: string; code: string }>>(
        refused
      )) {
        const error = yield* Effect.flip(call)
        deepStrictEqual([error.operation, error.code], [operation, "ENOENT"])
      }
      const closed = {
        read: calls.read(999_999, Buffer.alloc(1), 0),
        write: calls.write(999_999, Buffer.from("x")),
        truncate: calls.truncate(999_999, 0),
        sync: calls.sync(999_999),
        chmod: calls.setModeOpen(999_999, 0o600)
      }
      for (const [operation, call] of Object.entries<Effect.Effect<unknown, { operation: string; code: string }>>(
        closed
      )) {
        const error = yield* Effect.flip(call)
        deepStrictEqual([error.operation, error.code], [operation, "EBADF"])
      }
    })
  )
})
