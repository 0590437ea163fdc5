import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { at as homeAt } from "../../src/config/Home.js"
import { parse } from "../../src/identity/Identity.js"
import { RelaySettings } from "../../src/relay/RelaySettings.js"
import { Strangers } from "../../src/relay/Strangers.js"
import { forget, layerFile } from "../../src/relay/StrangersFile.js"
import * as ProviderDetector from "../../src/session/ProviderDetector.js"
import { direct, inGroup } from "../support/channel.js"
import { at, directory } from "../support/home.js"
import { withLogs } from "../support/logs.js"
import { type SettingsEncoded, settingsOf, settled } from "./fixture.js"

/** What a relay with these settings does in this home, from its start to its end. */
const relayIn = <A, E>(home: string, body: Effect.Effect<A, E, Strangers>, settings: SettingsEncoded = {}) =>
  body.pipe(
    Effect.provide(
      Layer.fresh(layerFile).pipe(
        Layer.provide([at(home), ProviderDetector.layer, Layer.succeed(RelaySettings, settingsOf(settings))])
      )
    )
  )

const see = (...messages: ReadonlyArray<Parameters<Strangers["Type"]["see"]>[0]>) =>
  Effect.flatMap(Strangers, ({ see }) =>
    Effect.forEach(messages, (message) => Effect.flatMap(Clock.currentTimeMillis, (now) => see(message, now)), {
      discard: true
    })
  )

const all = Effect.map(
  Effect.flatMap(Strangers, ({ all }) => all),
  (list) => list.map(({ last, times, who }) => [who, times, last])
)

const mary = direct("telegram", "77", "Hi")
const dad = direct("twilio", "+1234567890", "Hi")
const friends = inGroup("telegram", "telegram:-100123", "77", "Hi")
const unlisted = direct("telegram", "@mary", "Hi")

/** Lets the relay write down whom it has seen; that is done when the disk has had its turn. */
const written = (file: string, holds: (text: string) => boolean) =>
  Effect.repeat(
    Effect.zipRight(
      TestClock.adjust("5 seconds"),
      Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))
    ),
    { until: () => existsSync(file) && holds(readFileSync(file, "utf8")) }
  )

describe("who was turned away", () => {
  it.scoped("is remembered by the next relay, as often and as late as they came", () =>
    Effect.gen(function* () {
      const home = yield* directory
      yield* relayIn(home, Effect.zipRight(see(mary, dad, friends, unlisted), Effect.void))
      yield* TestClock.adjust("1 minute")
      const before = yield* relayIn(home, Effect.zipRight(see(mary), all))
      deepStrictEqual(before, [
        ["twilio:+1234567890", 1, 0],
        ["telegram:-100123", 1, 0],
        ["@mary", 1, 0],
        ["telegram:77", 2, 60_000]
      ])
      deepStrictEqual(yield* relayIn(home, all), before)
      const list = yield* relayIn(
        home,
        Effect.flatMap(Strangers, ({ all }) => all)
      )
      deepStrictEqual(
        list.map(({ admittance }) => Option.map(admittance, ({ entry, setting }) => `${setting} ${entry}`)),
        [
          Option.some("allowFrom twilio:+1234567890"),
          Option.some("allowGroups telegram:-100123"),
          Option.none(),
          Option.some("allowFrom telegram:77")
        ]
      )
    })
  )

  it.scoped("is written down after seconds, for the owner alone, and not for each message", () =>
    Effect.gen(function* () {
      const home = yield* directory
      const { turnedAway } = homeAt(home)
      yield* relayIn(
        home,
        Effect.gen(function* () {
          yield* see(mary, mary, mary)
          yield* settled
          assert.isFalse(existsSync(turnedAway))
          yield* written(turnedAway, (text) => text.includes("telegram:77"))
          assert.strictEqual(statSync(turnedAway).mode & 0o777, 0o600)
          assert.isFalse(existsSync(`${turnedAway}.bak`))
          deepStrictEqual(yield* all, [["telegram:77", 3, 0]])
        })
      )
      // Whoever kills the relay after that finds it there.
      deepStrictEqual(yield* relayIn(home, all), [["telegram:77", 3, 0]])
    })
  )

  it.scoped("is nobody who is listed by now", () =>
    Effect.gen(function* () {
      const home = yield* directory
      yield* relayIn(home, see(mary, dad, friends))
      const settings = { allowFrom: ["telegram:77"], allowGroups: ["telegram:-100123"] }
      deepStrictEqual(yield* relayIn(home, all, settings), [["twilio:+1234567890", 1, 0]])
      yield* relayIn(home, see(dad), settings)
      deepStrictEqual(yield* relayIn(home, all), [["twilio:+1234567890", 2, 0]])
    })
  )

  it.scoped("is forgotten when the file is removed, or an account is taken out of it, while the relay runs", () =>
    Effect.gen(function* () {
      const home = yield* directory
      const { turnedAway } = homeAt(home)
      yield* relayIn(
        home,
        Effect.gen(function* () {
          yield* see(mary, dad, unlisted)
          yield* written(turnedAway, (text) => text.includes("telegram:77"))
          // What she has written since was not written down yet.
          yield* see(mary)
          const gone = ["77", "@Mary"].map((id) => Option.getOrThrow(parse("telegram", id)))
          yield* forget(gone).pipe(Effect.provide(at(home)))
          deepStrictEqual(yield* all, [["twilio:+1234567890", 1, 0]])
          rmSync(turnedAway)
          deepStrictEqual(yield* all, [])
          yield* see(mary)
          deepStrictEqual((yield* all).length, 1)
        })
      )
      assert.notInclude(readFileSync(turnedAway, "utf8"), "1234567890")
    })
  )

  it.scoped("is kept in mind where it cannot be written down, which is said once, without a number", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const home = yield* directory
        const { turnedAway } = homeAt(home)
        writeFileSync(turnedAway, "not a list, +1234567890")
        yield* relayIn(
          home,
          Effect.gen(function* () {
            yield* see(dad)
            for (let round = 0; round < 5; round++) {
              yield* TestClock.adjust("5 seconds")
              yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 10)))
            }
            deepStrictEqual(yield* all, [["twilio:+1234567890", 1, 0]])
          })
        )
        const warnings = lines.filter((line) => line.includes("cannot be written down"))
        assert.lengthOf(warnings, 1)
        assert.notInclude(lines.join("\n"), "1234567890")
        assert.strictEqual(readFileSync(turnedAway, "utf8"), "not a list, +1234567890")
      })
    )
  )

  it.scoped("is at most a thousand, the last ones", () =>
    Effect.gen(function* () {
      const home = yield* directory
      const numbered = (n: number) => direct("telegram", String(n), "Hi")
      const numbers = Array.from({ length: 700 }, (_, n) => n + 1)
      yield* relayIn(home, see(...numbers.map((n) => numbered(n))))
      yield* relayIn(home, see(...numbers.map((n) => numbered(n + 700)), numbered(401)))
      const list = yield* relayIn(home, all)
      deepStrictEqual([list.length, list[0]?.[0], list.at(-1)?.[0]], [1_000, "telegram:402", "telegram:401"])
      deepStrictEqual(list.at(-1)?.[1], 2)
    })
  )
})
