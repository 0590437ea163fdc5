import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { Decision } from "../../src/identity/Decision.js"
import { codec, type Exported } from "../../src/identity/Exported.js"
import { Identities } from "../../src/identity/Identities.js"
import * as MapText from "../../src/identity/IdentityMapText.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { fold } from "../../src/identity/Journal.js"
import { WrittenRecord } from "../../src/identity/RecordedSchema.js"
import { intents } from "./decisions.js"
import { anyMap, people, soundMap } from "./maps.js"
import { keeping, through, written } from "./world.js"

const records = Schema.encodeSync(Schema.parseJson(Schema.Array(WrittenRecord)))

const read = (text: string): Exported =>
  Either.getOrThrowWith(codec.decode(text), ({ column, line, reason }) => new Error(`${line}:${column}: ${reason}`))

const now = Effect.flatMap(IdentityStore, ({ history, readable }) =>
  Effect.map(Effect.all([readable, history]), ([{ revision, value }, changes]) => ({
    revision,
    map: value,
    history: changes
  }))
)

const change = (map: Exported["map"], history: Exported["history"]) =>
  Effect.flatMap(Identities, ({ change }) => change(Decision.Import({ map, history, onConflict: "refuse" })))

describe("an export", () => {
  it.effect.prop(
    "imported where nothing has been is the same map, byte for byte, with all that led to it, and again it is nothing",
    [soundMap, intents()],
    ([begin, wanted]) =>
      Effect.gen(function* () {
        const there = yield* keeping(({ edit }) =>
          Effect.gen(function* () {
            if (begin.entries.size > 0) yield* edit(begin)
            yield* through(wanted, () => {})
            return yield* now
          })
        )
        const { history, map } = read(codec.encode(there))
        yield* keeping(() =>
          Effect.gen(function* () {
            const nothing = yield* now
            yield* change(map, history)
            const here = yield* now
            const isEmpty = there.map.entries.size + there.map.never.size + there.history.length === 0
            if (isEmpty) return assert.strictEqual(here.revision, nothing.revision)
            assert.strictEqual(MapText.codec.encode(here.map), MapText.codec.encode(there.map))
            assert.strictEqual(records(here.history.slice(0, -1)), records(there.history))
            assert.strictEqual(here.history.at(-1)?.action, "import")
            deepStrictEqual(written(fold(here.history)), written(here.map))
            deepStrictEqual((yield* change(map, [])).changes, [])
            deepStrictEqual((yield* change(map, history)).changes, [])
            assert.strictEqual((yield* now).revision, here.revision)
            assert.strictEqual((yield* now).history.length, here.history.length)
          })
        )
      }),
    { fastCheck: { numRuns: 25 } }
  )

  it.effect("brings its history along if nobody is linked any more, once", () =>
    Effect.gen(function* () {
      const there = yield* keeping(() =>
        Effect.gen(function* () {
          const { change } = yield* Identities
          yield* change(Decision.Link({ identities: people.slice(0, 2) }))
          yield* change({ _tag: "Undo" })
          return yield* now
        })
      )
      yield* keeping(() =>
        Effect.gen(function* () {
          for (const expected of [3, 3]) {
            yield* change(there.map, there.history)
            const here = yield* now
            assert.strictEqual(here.history.length, expected)
            assert.strictEqual(MapText.codec.encode(here.map), MapText.codec.encode(there.map))
          }
        })
      )
    })
  )

  it.effect.prop("brings its history along only where there is none", [soundMap, soundMap], ([first, second]) =>
    keeping(({ edit }) =>
      Effect.gen(function* () {
        FastCheck.pre(first.entries.size > 0 && second.entries.size > 0)
        const { history } = yield* keeping(({ edit }) =>
          Effect.zipRight(
            edit(second),
            Effect.zipRight(
              Effect.flatMap(Identities, ({ change }) =>
                change(Decision.Rename({ id: second.entries.keys().next().value ?? "", name: "Somebody else" }))
              ),
              now
            )
          )
        )
        yield* edit(first)
        yield* Effect.ignore(change(second, history))
        const here = yield* now
        for (const [index, { sequence }] of here.history.entries()) assert.strictEqual(sequence, index + 1)
        if (here.history.length > 0) deepStrictEqual(written(fold(here.history)), written(here.map))
      })
    )
  )

  it.prop("of an identity map alone is that map", [anyMap], ([map]) => {
    const text = MapText.codec.encode(map)
    const { history, map: found } = read(text)
    deepStrictEqual(history, [])
    assert.strictEqual(MapText.codec.encode(found), text)
    assert.strictEqual(MapText.codec.encode(read(`\uFEFF${text.replaceAll("\n", "\r\n")}`).map), text)
  })
})

const mapping = `"one": {
      "id": "one",
      "identities": { "whatsapp": "+1234567890" },
      "createdAt": "2024-01-01T00:00:00Z",
      "updatedAt": "2024-01-01T00:00:00Z"
    }`
const link = `{ "sequence": 1, "at": "2024-01-01T00:00:00Z", "by": "cli", "action": "link", "base": "absent",
      "result": "x", "changes": [
        { "never": ["whatsapp:+1234567890", "telegram:@john"], "before": false, "after": true } ] }`
const rename = `{ "sequence": 2, "at": "2025-01-01T00:00:00Z", "by": "cli", "action": "rename", "base": "x",
      "result": "y", "changes": [
        { "id": "one", "after": { "position": 0, "mapping": {
          "id": "one", "identities": { "whatsapp": "+1987654321" },
          "createdAt": "2024-01-01T00:00:00Z", "updatedAt": "2024-01-01T00:00:00Z" } } } ] }`
const whole = `{
  "warelay": "identity-export",
  "version": 1,
  "map": {
    "version": 1, "mappings": {
    ${mapping}
  } },
  "history": [
    ${link},
    ${rename}
  ]
}
`

/** What is done to the text above, what stands at the place that is named, and what is said about it. */
const mistakes: ReadonlyArray<readonly [what: string, from: string, to: string, there: string, reason: string]> = [
  ["another kind of document", "identity-export", "shopping-list", '"shopping-list"', '"identity-export"'],
  [
    "a later version",
    '"version": 1,\n',
    '"version": 3,\n',
    "3,\n",
    "version 3 of an export, and this warelay reads version 1"
  ],
  [
    "a map of a later version",
    '"version": 1, "mapp',
    '"version": 2, "mapp',
    '2, "mapp',
    "version 2 of the identity map"
  ],
  ["no map", '"map": {', '"maps": {', '{\n  "warelay"', '"map" is missing'],
  ["a map that is a list", '"map": {', '"map": [], "old": {', "[], ", "expected an object"],
  ["no history", '"history": [', '"past": [', '{\n  "warelay"', '"history" is missing'],
  ["a history that is none", '"history": [', '"history": {}, "past": [', "{}, ", "a list of changes"],
  ["an id that is none", '"one",\n      "id', '"o n e",\n      "id', '"o n e"', "is not a shared id"],
  ["an id of another mapping", '"one": {\n', '"two": {\n', '"one",\n      "identities"', "differs from the key"],
  ["nobody's number", '1234567890" },\n      "cr', '12" },\n      "cr', '"+12" }', "a phone number"],
  ["a change that is none", "[\n    { ", "[\n    7, { ", "7, {", "expected"],
  ["a number that is none", '"sequence": 2', '"sequence": 0', '0, "at"', "positive"],
  ["a number that does not rise", '"sequence": 2', '"sequence": 1', '1, "at": "2025', "rise"],
  ["a number that nobody can count on from", '"sequence": 2', '"sequence": 9007199254740991', "9007199254740991", "15"],
  ["a time that is none", '"2025-01-01T00:00:00Z", "by"', '"yesterday", "by"', '"yesterday"', "not a time"],
  ["a deed that is none", '"rename"', '"guess"', '"guess"', '"link"'],
  ["a state that is none", '"after": {', '"after": 7, "later": {', '7, "later"', "expected"],
  ["nobody's number, far in", '"whatsapp": "+1987654321"', '"whatsapp": "1"', '"1"', "a phone number"],
  ["a change under another id", '{ "id": "one", "after"', '{ "id": "two", "after"', '"two"', "differs"],
  ["a pair of one", ', "telegram:@john"]', "]", '["whatsapp:+1234567890"]', "two identities such as"],
  ["a pair with nobody", '"telegram:@john"]', '"john"]', '"john"', "an identity such as"],
  ["a key that stands twice", '"version": 1,\n', '"version": 1, "version": 2,\n', '"version": 2', "stands twice"],
  ["a key that is none", '"version": 1,\n', '"__proto__": 1,\n', '"__proto__"', "cannot be a key"]
]

describe("an export that somebody has changed", () => {
  it("was in order before", () => assert.strictEqual(read(whole).history.length, 2))

  it.each(mistakes)("to have %s is refused, and the place is named", (_, from, to, there, reason) => {
    assert.include(whole, from)
    const text = whole.replace(from, to)
    const problem = Either.getOrThrow(Either.flip(codec.decode(text)))
    assert.include(problem.reason.toLowerCase(), reason.toLowerCase())
    const lines = text.split("\n").slice(problem.line - 1)
    assert.isTrue(
      lines
        .join("\n")
        .slice(problem.column - 1)
        .startsWith(there),
      lines[0]?.slice(problem.column - 1)
    )
  })

  it.prop("to end anywhere is refused, whatever is left", [FastCheck.nat(whole.trimEnd().length - 1)], ([length]) => {
    const problem = Either.getOrThrow(Either.flip(codec.decode(whole.slice(0, length))))
    const lines = whole.slice(0, length).split("\n")
    assert.isAtMost(problem.line, lines.length)
    assert.isAtLeast(problem.column, 1)
  })

  it.each(["", " ", "null", "7", "[]", "{}", '"warelay"', '{ "version": 1 }', '{ "identities": [] }'])(
    "to be %j is neither an export nor a map",
    (text) => {
      const { reason } = Either.getOrThrow(Either.flip(codec.decode(text)))
      assert.match(reason, /neither an export nor an identity map|there is nothing in it/)
    }
  )

  it("says the same of a map within as of the map alone, further down", () => {
    const bad = `{ "version": 1, "mappings": {\n  "x": {\n    "id": "x", "identities": { "telegram": ["@john", "j"] } } } }`
    const alone = Either.getOrThrow(Either.flip(MapText.codec.decode(bad)))
    const text = `{ "warelay": "identity-export", "version": 1, "history": [],\n"map":\n${bad} }`
    const within = Either.getOrThrow(Either.flip(codec.decode(text)))
    deepStrictEqual(
      { line: within.line - 2, column: within.column, reason: within.reason },
      { line: alone.line, column: alone.column, reason: alone.reason }
    )
  })
})
