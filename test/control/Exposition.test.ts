import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { exposition } from "../../src/control/Exposition.js"
import type { Status } from "../../src/control/Status.js"
import * as Metrics from "../../src/relay/Metrics.js"

const counts = { received: 0, answered: 0, failed: 0, refused: 0, turnedAway: 0, delivered: 0, undelivered: 0 }

const status: Status = {
  version: '0.1.0 "new"\\',
  since: DateTime.unsafeMake(1_500),
  stopping: false,
  channels: [
    { channel: "telegram", state: "receiving", since: DateTime.unsafeMake(0), ...counts, received: 9, undelivered: 8 },
    { channel: "twilio", state: "failing", since: DateTime.unsafeMake(0), reason: "no", ...counts }
  ],
  messages: { waiting: 3, answering: 2, delivering: 1, elsewhere: 0 },
  kept: { undelivered: 4, latest: [] },
  sessions: { all: 10, open: 7 },
  turnedAway: [],
  lastError: null
}

/** The values by what stands in front of them. */
const valuesIn = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))])
  )

const now = Effect.map(exposition(status), valuesIn)

describe("the metrics", () => {
  it.effect("say what holds at the moment", () =>
    Effect.gen(function* () {
      const values = yield* now
      for (const [name, value] of [
        ['warelay_info{version="0.1.0 \\"new\\"\\\\"}', 1],
        ["warelay_start_time_seconds", 1.5],
        ['warelay_channel_receiving{channel="telegram"}', 1],
        ['warelay_channel_receiving{channel="twilio"}', 0],
        ['warelay_messages{state="waiting"}', 3],
        ["warelay_answers_kept", 4],
        ['warelay_messages_received_total{channel="telegram"}', 9],
        ['warelay_messages_received_total{channel="twilio"}', 0],
        ['warelay_answers_undelivered_total{channel="telegram"}', 8],
        ['warelay_sessions{state="open"}', 7],
        ['warelay_sessions{state="over"}', 3]
      ] as const) {
        assert.strictEqual(values.get(name), value, name)
      }
      assert.notInclude(yield* exposition({ ...status, sessions: null }), "warelay_sessions")
    })
  )

  it.effect("name a state for each message that is not done with, and only one", () =>
    Effect.gen(function* () {
      const states = Array.from(yield* now).filter(([name]) => name.startsWith("warelay_messages{"))
      // An answer that was given up is tried again after the next start, and its message is in one of these as well.
      const { answering, delivering, elsewhere, waiting } = status.messages
      assert.strictEqual(
        states.reduce((sum, [, count]) => sum + count, 0),
        waiting + answering + delivering + elsewhere
      )
    })
  )

  it.effect("count every attempt to send a part, for every channel from the start", () =>
    Effect.gen(function* () {
      yield* Metrics.begin("whatsapp")
      const before = yield* now
      yield* Metrics.sent("whatsapp", "failed")
      const after = yield* now
      const grown = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN)
      assert.strictEqual(grown('warelay_sends_total{channel="whatsapp",outcome="failed"}'), 1)
      assert.strictEqual(grown('warelay_sends_total{channel="whatsapp",outcome="taken"}'), 0)
    })
  )

  it.effect("have each turn in every bucket from its duration on", () =>
    Effect.gen(function* () {
      const before = yield* now
      yield* Metrics.answered(700)
      yield* Metrics.answered(700_000)
      const after = yield* now
      const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
      const bucket = (le: string) => grown(`warelay_turn_duration_seconds_bucket{le="${le}"}`)
      assert.deepStrictEqual(["0.5", "1", "600", "+Inf"].map(bucket), [0, 1, 1, 2])
      assert.strictEqual(grown("warelay_turn_duration_seconds_count"), 2)
      assert.closeTo(grown("warelay_turn_duration_seconds_sum"), 700.7, 0.001)
    })
  )

  it.effect("are in Prometheus' text format: each family once, with its help and its kind", () =>
    Effect.gen(function* () {
      yield* Metrics.begin("telegram")
      const text = yield* exposition(status)
      assert.isTrue(text.endsWith("\n"))
      const seen = new Set<string>()
      let family = ""
      for (const line of text.trimEnd().split("\n")) {
        const [, kind, name = ""] = /^# (HELP|TYPE) (\S+) \S/.exec(line) ?? []
        if (kind === "HELP") {
          assert.isFalse(seen.has(name), name)
          seen.add(name)
          family = name
        } else if (kind === "TYPE") {
          assert.match(line, /(counter|gauge|histogram)$/)
          assert.strictEqual(name, family)
        } else {
          assert.match(
            line,
            /^[a-z_]+(\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\})? (\+Inf|-?\d+(\.\d+)?(e[+-]?\d+)?)$/
          )
          assert.isTrue(line.startsWith(family))
        }
      }
    })
  )
})
