import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { list } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { layerFile } from "../../src/identity/IdentityStoreFile.js"
import { fold } from "../../src/identity/Journal.js"
import * as home from "../support/home.js"
import { record, thorough } from "./figures.js"
import { bundle, start } from "./processes.js"
import type { WrongLock } from "./writer-locks.js"
import { mapOf, nameOf, namesIn, newest } from "./writer-mappings.js"

/** What is there before the first writer begins, so that a file takes some time to write. */
const before = { writer: 9, count: 100 }

interface Verdict {
  readonly kills: number
  /** Changes that their writer was told are done. */
  readonly acknowledged: number
  /** What the reader saw that must not be. */
  readonly seen: ReadonlyArray<string>
  /** Acknowledged, and not in the file at the end. */
  readonly lost: ReadonlyArray<string>
  /** Acknowledged, and not on record once, or on record and not as it is in the file. */
  readonly unrecorded: ReadonlyArray<string>
  /** In the file at the end, though nobody has put it there. */
  readonly invented: ReadonlyArray<string>
  /** Refused, and made all the same. */
  readonly untrue: ReadonlyArray<string>
  /** What writers were told instead of being acknowledged, or how they ended. */
  readonly failed: ReadonlyArray<string>
  readonly leftovers: ReadonlyArray<string>
  /** How often the reader looked. */
  readonly lookups: number
}

interface Wrong {
  readonly writer?: "early" | "in-place" | "slow"
  readonly lock?: WrongLock
  readonly reader?: "late"
}

/** What is on record: each change by the name of its mapping, and the names that are left in the end. */
const recorded = (directory: string) =>
  Effect.gen(function* () {
    const { history } = yield* IdentityStore
    const all = yield* history
    const changes = all.flatMap(({ action, changes }) =>
      changes.flatMap((change) => {
        const place = change._tag === "Mapping" ? Option.orElse(change.after, () => change.before) : Option.none()
        return Option.toArray(Option.map(place, ({ mapping }) => `${action} ${mapping.name}`))
      })
    )
    return { changes, names: new Set(list(fold(all)).map(({ name = "" }) => name)) }
  }).pipe(
    Effect.provide(layerFile),
    Effect.provide(home.at(directory)),
    Effect.orElseSucceed(() => ({ changes: [], names: new Set<string>() }))
  )

/** Four writers and a reader; the writers are killed so often altogether, and then each links so many more in peace. */
const struggle = (kills: number, more: number, wrong: Wrong = {}) =>
  Effect.gen(function* () {
    const place = yield* home.directory
    const directory = Path.join(place, "home")
    const file = Path.join(directory, "identity-map.json")
    const [writerProgram, readerProgram] = yield* Effect.all([
      bundle(new URL("./writer.ts", import.meta.url), place),
      bundle(new URL("./processes-reader.ts", import.meta.url), place)
    ])
    Fs.mkdirSync(directory, { mode: 0o700 })
    Fs.writeFileSync(file, mapOf(before.writer, before.count), { mode: 0o600 })

    // From the first change on, the history has all that the map has.
    const { ended } = yield* start(writerProgram, [directory, "5", "1", "1"])
    deepStrictEqual(yield* ended, { how: 0, errors: "" })

    const begun = new Set<string>()
    const done = new Set<string>()
    const refused = new Set<string>()
    const failed: Array<string> = []
    const reader = yield* start(readerProgram, [directory, wrong.reader ?? ""])
    yield* reader.says(/^looking$/)

    const heard = (line: string) => {
      const [, how, what = ""] = /^(begin|done|refused|failed) (.*)$/.exec(line) ?? []
      if (how === "begin") begun.add(what)
      if (how === "failed") failed.push(line)
      if (how === "refused") refused.add(what)
      if (how === "done") {
        done.add(what)
        reader.send(line)
      }
    }

    let left = kills
    const write = (writer: number) =>
      Effect.gen(function* () {
        let first = 1
        const run = (count: number) =>
          start(
            writerProgram,
            [directory, String(writer), String(first), String(count), wrong.writer ?? "", wrong.lock ?? ""],
            heard
          )
        while (left > 0) {
          left -= 1
          const child = yield* run(0)
          yield* child.says(/^(done|refused|failed)/, yield* Random.nextIntBetween(1, 10))
          yield* Effect.sleep(yield* Random.nextIntBetween(0, 8))
          child.process.kill("SIGKILL")
          const { errors, how } = yield* child.ended
          if (how !== "SIGKILL") failed.push(`${how}: ${errors}`)
          first = (newest([...begun].map((what) => what.split(" ")[1] ?? "")).get(writer) ?? 0) + 1
        }
        const { errors, how } = yield* Effect.flatMap(run(more), ({ ended }) => ended)
        if (how !== 0) failed.push(`${how}: ${errors}`)
      }).pipe(Effect.scoped)

    yield* Effect.forEach([1, 2, 3, 4], write, { concurrency: "unbounded", discard: true })
    reader.process.stdin.end()
    const { errors, how } = yield* reader.ended
    deepStrictEqual({ how, errors }, { how: 0, errors: "" })

    const text = Fs.readFileSync(file, "utf8")
    const names = yield* Effect.orElseSucceed(
      Effect.try(() => namesIn(text)),
      () => new Set<string>()
    )
    const expected = [...Array.from({ length: before.count }, (_, n) => nameOf(before.writer, n)), nameOf(5, 1)]
    const record = yield* recorded(directory)
    return {
      kills,
      acknowledged: done.size,
      seen: reader.lines.filter((line) => /^(torn|backwards|stale)/.test(line)),
      lost: [...expected.map((name) => `link ${name}`), ...done].filter((change) => {
        const [what, name = ""] = change.split(" ")
        return what === "unlink" ? names.has(name) : !names.has(name) && !begun.has(`unlink ${name}`)
      }),
      unrecorded: [
        ...[...done].filter((change) => record.changes.filter((other) => other === change).length !== 1),
        ...[...names].filter((name) => !record.names.has(name)),
        ...[...record.names].filter((name) => !names.has(name))
      ],
      invented: [...names].filter((name) => !expected.includes(name) && !begun.has(`link ${name}`)),
      untrue: [...refused].filter((change) => {
        const [what, name = ""] = change.split(" ")
        return names.has(name) !== (what === "unlink")
      }),
      failed,
      leftovers: Fs.readdirSync(directory).filter((name) => name.endsWith(".tmp")),
      lookups: Number(reader.lines.at(-1)?.replace("looked ", ""))
    } satisfies Verdict
  }).pipe(Effect.scoped)

/** Struggles until one of them ends so. */
const untilCaught = (kills: number, more: number, wrong: Wrong, caught: (verdict: Verdict) => boolean) =>
  Effect.gen(function* () {
    for (let tried = 0; tried < 20; tried++) if (caught(yield* struggle(kills, more, wrong))) return
    assert.fail("it was never noticed")
  })

describe("four processes that change the map, killed at random again and again, and one that reads it", {
  timeout: thorough ? 600_000 : 120_000
}, () => {
  it.scopedLive("lose nothing that was acknowledged, tear nothing, and never go back", () =>
    Effect.gen(function* () {
      const { acknowledged, kills, lookups, ...rest } = yield* struggle(thorough ? 100 : 24, 3)
      deepStrictEqual(rest, { seen: [], lost: [], unrecorded: [], invented: [], untrue: [], failed: [], leftovers: [] })
      assert.isAtLeast(acknowledged, 1)
      assert.isAtLeast(lookups, 1)
      record("D5", { kills, acknowledged, lookups, lost: 0, torn: 0, backwards: 0 })
    })
  )

  it.scopedLive("lose none on a slow disk either, with the lock", () =>
    Effect.gen(function* () {
      const { failed, lost, unrecorded } = yield* struggle(0, 6, { writer: "slow" })
      deepStrictEqual({ failed, lost, unrecorded }, { failed: [], lost: [], unrecorded: [] })
    })
  )

  it.scopedLive.each([
    ["without the lock lose some", 0, 6, { writer: "slow", lock: "no-lock" }, ({ lost }: Verdict) => lost.length > 0],
    ["acknowledged too early lose some", 8, 1, { writer: "early" }, ({ lost }: Verdict) => lost.length > 0],
    ["writing in place tear it", 0, 5, { writer: "in-place" }, ({ seen }: Verdict) => /^torn/m.test(seen.join("\n"))],
    ["with a reader that remembers go back", 0, 1, { reader: "late" }, ({ seen }: Verdict) => seen.length > 0]
  ] as const)("%s, and that is noticed", ([, kills, more, wrong, caught]) =>
    Effect.gen(function* () {
      yield* untilCaught(kills, more, wrong, caught)
      record("D11", { "defects planted": 1, "caught in a check": 1 })
    })
  )
})
