import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { codec as identityMap } from "../../src/identity/IdentityMapText.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { layerFile as identityStore } from "../../src/identity/IdentityStoreFile.js"
import { examine } from "../../src/layers/doctor.js"
import { codec as sessionTable } from "../../src/session/SessionTable.js"
import * as JsonText from "../../src/storage/JsonText.js"
import { pair, refusalOf, type Running, user } from "../cli/command.js"
import { at, directory } from "../support/home.js"
import { withLogs } from "../support/logs.js"
import {
  badConfigs,
  type BadFile,
  badMaps,
  badSessions,
  endOf,
  goodConfig,
  goodMap,
  goodSessions
} from "./bad-files.js"
import { record } from "./figures.js"
import { command } from "./in-process.js"

const tried = (files: ReadonlyArray<BadFile>) => files.filter(({ unless }) => unless === undefined)

/** All that could show that somebody touched what stands there. */
const stateOf = (path: string) => {
  const { ctimeNs, ino, mode, mtimeNs, size } = lstatSync(path, { bigint: true })
  const link = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : ""
  const text = lstatSync(path).isFile() && size < 2_000_000n ? readFileSync(path, "latin1") : ""
  return { ctimeNs, ino, mode, mtimeNs, size, link, text }
}

/** Whether something is said of this file, at this place in it. */
const complaintOf = (path: string, { at, name, says }: BadFile, said: string): void => {
  const place = at === undefined ? path : `${path}, line ${at.line}, column ${at.column}`
  assert.isTrue(
    said.includes(`${place}:`) || said.includes(`${place},`) || said.includes(`(${place})`),
    `${name}: ${said}`
  )
  assert.include(said, says, name)
}

/** Each of the files is refused by a command, with its place, and is never touched. */
const refusedBy = (argv: ReadonlyArray<string>, files: ReadonlyArray<BadFile>, name: string, variables = {}) =>
  Effect.forEach(
    tried(files),
    (bad) =>
      Effect.gen(function* () {
        const home = yield* directory
        const path = join(home, name)
        bad.put(path)
        const before = stateOf(path)
        complaintOf(path, bad, refusalOf(yield* command(home, argv, variables), 1))
        deepStrictEqual(stateOf(path), before, bad.name)
        const others = readdirSync(home).filter((other) => !/\.lock$|^locks$/.test(other))
        assert.deepStrictEqual(others, [name], bad.name)
        record("D8", { refusals: 1 })
      }).pipe(Effect.scoped),
    { discard: true }
  )

const store = (path: string) => Effect.provide(IdentityStore, identityStore).pipe(Effect.provide(at(path)))

const linkedIn = ({ entries }: Effect.Effect.Success<(typeof IdentityStore.Service)["current"]>) =>
  Array.from(entries.keys(), String)

/** What the doctor says of this file. */
const diagnosis = (home: string, path: string) =>
  examine.pipe(
    Effect.provide(at(home)),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map())),
    Effect.map(({ problems }) => problems.filter(({ file }) => file === path))
  )

describe.each([
  ["identity-map.json", badMaps],
  ["sessions.json", badSessions],
  ["clawdis.json", badConfigs]
] as const)("a bad %s", (name, files) => {
  it("is bad in ways that differ", () => {
    assert.isAtLeast(files.length, 27)
    assert.strictEqual(new Set(files.map((bad) => bad.name)).size, files.length)
    record("D8", { kinds: files.length })
  })

  for (const bad of files) {
    it.scoped.skipIf(bad.unless !== undefined)(
      `is found by the doctor, with its place: ${bad.name}${bad.unless === undefined ? "" : ` (${bad.unless})`}`,
      () =>
        Effect.gen(function* () {
          const home = yield* directory
          const path = join(home, name)
          bad.put(path)
          const before = stateOf(path)
          const found = (yield* diagnosis(home, path)).filter(({ repair }) => Option.isNone(repair))
          assert.strictEqual(found.length, 1)
          const [problem] = found
          if (bad.at === undefined) assert.isTrue(problem !== undefined && Option.isNone(problem.at))
          else {
            assertSome(problem?.at ?? Option.none(), bad.at)
            assert.include(problem?.problem, bad.says)
          }
          assert.notStrictEqual(problem?.fix, "")
          deepStrictEqual(stateOf(path), before)
        })
    )
  }
})

describe("a bad identity map", () => {
  it.effect.each(tried(badMaps))("in a relay that runs is the last good one, and is complained of once: $name", (bad) =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const home = yield* directory
        const path = join(home, "identity-map.json")
        writeFileSync(path, goodMap)
        const { current, readable } = yield* store(home)
        deepStrictEqual(linkedIn(yield* current), ["shared-abc-123"])
        for (const times of [1, 2]) {
          rmSync(path, { recursive: true })
          bad.put(path)
          const before = stateOf(path)
          for (const _ of [1, 2, 3]) deepStrictEqual(linkedIn(yield* current), ["shared-abc-123"])
          assert.strictEqual(lines.length, 1, `the ${times}. time`)
          complaintOf(path, bad, JSON.parse(lines[0] ?? "").message)
          complaintOf(path, bad, (yield* Effect.flip(readable)).message)
          deepStrictEqual(stateOf(path), before)
        }
        rmSync(path, { recursive: true })
        writeFileSync(path, `${goodMap} ?`)
        yield* current
        assert.strictEqual(lines.length, 2, "another bad content is another complaint")
        writeFileSync(path, goodMap.replaceAll("shared-abc-123", "another"))
        deepStrictEqual(linkedIn(yield* current), ["another"])
        assert.strictEqual(lines.length, 2)
      }).pipe(Effect.scoped)
    )
  )

  it.effect.each(tried(badMaps))("at the start links nobody, and is complained of once: $name", (bad) =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const home = yield* directory
        const path = join(home, "identity-map.json")
        bad.put(path)
        const { current } = yield* store(home)
        for (const _ of [1, 2]) deepStrictEqual(linkedIn(yield* current), [])
        assert.strictEqual(lines.length, 1)
        rmSync(path, { recursive: true })
        writeFileSync(path, goodMap)
        deepStrictEqual(linkedIn(yield* current), ["shared-abc-123"])
      }).pipe(Effect.scoped)
    )
  )

  it.live.each([{ argv: ["identity", "list"] }, { argv: pair }])(
    "is refused by $argv with its place, and never touched",
    ({ argv }) => refusedBy(argv, badMaps, "identity-map.json")
  )

  /** One of each sort: the others are no different to a command that has read the map as these two have. */
  const sorts = ["a directory", "a pipe", "cut off behind a comma", "a key that stands twice", "a future version"]
  const others: ReadonlyArray<{ readonly argv: ReadonlyArray<string> }> = [
    { argv: ["identity", "list", "--json"] },
    { argv: ["identity", "show", "shared-abc-123", "--json"] },
    { argv: ["identity", "unlink", "shared-abc-123"] },
    { argv: ["identity", "rename", "shared-abc-123", "--name", "Jo"] },
    { argv: ["identity", "suggest"] },
    { argv: ["identity", "never", "whatsapp:+1234567890", "telegram:@john"] },
    { argv: ["identity", "history"] },
    { argv: ["identity", "undo"] },
    { argv: ["identity", "forget", "telegram:@john", "--yes"] },
    { argv: ["identity", "export"] }
  ]
  it.live.each(others)("is refused by $argv with its place, and never touched", ({ argv }) => {
    const files = badMaps.filter(({ name }) => sorts.includes(name))
    assert.strictEqual(files.length, sorts.length)
    return refusedBy(argv, files, "identity-map.json")
  })

  it.live("is refused by the built command as well", () =>
    Effect.gen(function* () {
      const { home, run, write } = yield* user
      write("identity-map.json", "{")
      assert.include(
        refusalOf(yield* run(pair), 1),
        `${join(home, "identity-map.json")}, line 1, column 2: it ends here`
      )
    }).pipe(Effect.scoped)
  )
})

const echo = { WARELAY_AGENT_ECHO: "true" }
const ask = ["agent", "--to", "telegram:@john", "--message", "Hi"]

it.live("a bad sessions.json ends a turn before Claude is asked, with its place, and is never touched", () =>
  refusedBy(ask, badSessions, "sessions.json", echo)
)

describe("a bad clawdis.json", () => {
  it.live.each([{ argv: ask }, { argv: ["relay", "--providers", "console"] }])(
    "is refused by $argv with its place, and never touched",
    ({ argv }) => refusedBy(argv, badConfigs, "clawdis.json")
  )
})

describe("a relay", () => {
  const say = (relay: Running, line: string, answer: RegExp) =>
    Effect.zipRight(
      Effect.sync(() => void relay.child.stdin.write(`${line}\n`)),
      relay.says(answer)
    )
  const ended = (relay: Running) => {
    relay.child.stdin.end()
    return relay.ended
  }
  /** How often this is in the text. */
  const times = (text: string, part: string | RegExp): number => text.split(part).length - 1
  const warning = / warn: |"level":"warn"/

  it.live("goes on with the last good identity map while the file is bad, and says so once for each content", () =>
    Effect.gen(function* () {
      const { home, start, write } = yield* user
      const path = join(home, "identity-map.json")
      write("identity-map.json", goodMap)
      const relay = yield* start(["relay", "--providers", "console"], { env: echo })
      yield* say(relay, "whatsapp:+1234567890 One", /said: One\n.*Turn 1 of/)
      write("identity-map.json", "{")
      yield* say(relay, "telegram:@john Two", /said: Two\n.*Turn 2 of/)
      yield* say(relay, "telegram:@jane Alone", /said: Alone\n.*Turn 1 of/)
      write("identity-map.json", "[]")
      yield* say(relay, "whatsapp:+1234567890 Three", /said: Three\n.*Turn 3 of/)
      rmSync(path)
      mkdirSync(path)
      yield* say(relay, "telegram:@john Four", /said: Four\n.*Turn 4 of/)
      rmSync(path, { recursive: true })
      write("identity-map.json", goodMap)
      yield* say(relay, "telegram:@john Five", /said: Five\n.*Turn 5 of/)
      const { status, stderr } = yield* ended(relay)
      assert.strictEqual(status, 0)
      assert.strictEqual(times(stderr, warning), 3, stderr)
      for (const place of [
        ", line 1, column 2: it ends here",
        ", line 1, column 1: Expected",
        ": it is not a regular"
      ]) {
        assert.strictEqual(times(stderr, `${path}${place}`), 1, stderr)
      }
    }).pipe(Effect.scoped)
  )

  it.live("that starts with a bad identity map keeps people apart, and follows it when it is good", () =>
    Effect.gen(function* () {
      const { home, start, write } = yield* user
      write("identity-map.json", `${goodMap}}`)
      const relay = yield* start(["relay", "--providers", "console"], { env: echo })
      yield* say(relay, "whatsapp:+1234567890 One", /said: One\n.*Turn 1 of/)
      yield* say(relay, "telegram:@john Two", /said: Two\n.*Turn 1 of/)
      write("identity-map.json", goodMap)
      yield* say(relay, "telegram:@john Three", /said: Three\n.*Turn 2 of .*"Two"/)
      yield* say(relay, "whatsapp:+1234567890 Four", /said: Four\n.*Turn 3 of .*"Three"/)
      const { status, stderr } = yield* ended(relay)
      assert.strictEqual(status, 0)
      const { column, line } = endOf(goodMap)
      assert.strictEqual(
        times(stderr, `${join(home, "identity-map.json")}, line ${line}, column ${column}: `),
        1,
        stderr
      )
      assert.strictEqual(times(stderr, warning), 1, stderr)
    }).pipe(Effect.scoped)
  )

  it.live("asks Claude nothing while sessions.json is bad, tells both sides why, and goes on when it is good", () =>
    Effect.gen(function* () {
      const { home, read, start, write } = yield* user
      const relay = yield* start(["relay", "--providers", "console"], { env: echo })
      yield* say(relay, "telegram:@john One", /said: One\n.*Turn 1 of/)
      const good = read("sessions.json")
      write("sessions.json", `${good}x`)
      yield* say(relay, "telegram:@john Two", /I cannot get at our conversation right now/)
      assert.strictEqual(read("sessions.json"), `${good}x`)
      write("sessions.json", good)
      yield* say(relay, "telegram:@john Three", /said: Three\n.*Turn 2 of .*"One"/)
      const { status, stderr, stdout } = yield* ended(relay)
      assert.strictEqual(status, 0)
      const { column, line } = endOf(good)
      assert.include(stderr, `${join(home, "sessions.json")}, line ${line}, column ${column}: Unexpected`)
      assert.notInclude(stdout, "sessions.json")
    }).pipe(Effect.scoped)
  )
})

/** All texts that differ from this one by a character too few or too many. */
const slips = function* (text: string) {
  const more = [...'"\\{]:,0e \n\0é', "\ud800"]
  for (let offset = 0; offset <= text.length; offset++) {
    if (offset < text.length) yield { offset, slip: text.slice(0, offset) + text.slice(offset + 1) }
    for (const one of more) yield { offset, slip: text.slice(0, offset) + one + text.slice(offset) }
  }
}

const offsetOf = (text: string, { column, line }: { readonly line: number; readonly column: number }) => {
  const lines = text.split(/\r\n|[\r\n]/)
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  return { inside: line <= lines.length && column <= (lines[line - 1] ?? "").length + 1, offset: before + column - 1 }
}

/** Where the token begins that an offset is in. */
const tokenAt = (text: string, offset: number): number =>
  Array.from(text.matchAll(/"(?:[^"\\]|\\.)*"|[^\s"]/g), ({ 0: token, index }) => ({
    start: index,
    end: index + token.length
  }))
    .filter(({ end, start }) => start <= offset && offset <= end)
    .reduce((first, { start }) => Math.min(first, start), offset)

describe.each([
  ["identity map", goodMap, identityMap.decode],
  ["table of sessions", goodSessions, sessionTable.decode],
  ["configuration", goodConfig, (text: string) => JsonText.parse(text, "json5")]
] as const)("a %s with one slip", (_, good, decode) => {
  it("is read, or refused at a place in the text", () => {
    let [read, refused] = [0, 0]
    for (const { offset, slip } of slips(good)) {
      const result = decode(slip)
      if (Either.isRight(result)) {
        read += 1
        continue
      }
      refused += 1
      const { column, line, reason } = result.left
      const found = offsetOf(slip.replace(/^\ufeff/, ""), { column, line })
      const where = `${JSON.stringify(slip.slice(offset - 5, offset + 5))} at ${offset}: ${line}:${column} ${reason}`
      assert.isTrue(line >= 1 && column >= 1 && found.inside, where)
      assert.notStrictEqual(reason, "", where)
    }
    assert.isAbove(refused, 3 * good.length)
    record("D8", { slips: read + refused })
  })
})

it("a slip of syntax is not looked for before it was made", () => {
  for (const { offset, slip } of slips(goodMap)) {
    if (Either.isRight(Either.try(() => JSON.parse(slip)))) continue
    const result = identityMap.decode(slip)
    if (Either.isRight(result)) continue
    const found = offsetOf(slip.replace(/^\ufeff/, ""), result.left)
    assert.isAtLeast(found.offset, tokenAt(goodMap, offset) - 1, `${JSON.stringify(slip)} ${result.left.reason}`)
  }
})

it("every beginning of a file is refused where it ends, or is the whole", () => {
  for (const [good, decode] of [
    [goodMap, identityMap.decode],
    [goodSessions, sessionTable.decode],
    [goodConfig, (text: string) => JsonText.parse(text, "json5")]
  ] as const) {
    for (let length = 1; length < good.trimEnd().length; length++) {
      const beginning = good.slice(0, length)
      const result = decode(beginning)
      const { column, line } = Either.match(result, {
        onLeft: (problem) => problem,
        onRight: () => assert.fail(beginning)
      })
      const last = beginning.trimEnd()
      // A word or a number that is cut off is told where it begins.
      const word = /\w*$/.exec(last)?.index ?? 0
      deepStrictEqual(
        [endOf(last), endOf(last.slice(0, word))].some((place) => place.line === line && place.column === column),
        true,
        `${JSON.stringify(beginning)} ${line}:${column}`
      )
    }
  }
})
