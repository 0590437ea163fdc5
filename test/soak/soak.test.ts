import { mkdtempSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { apps } from "./cast.js"
import { forgetful } from "./forgetful-relay.js"
import type { Settled } from "./Ledger.js"
import { type Plan, soak } from "./soak.js"

const seconds = Number(process.env["WARELAY_SOAK_SECONDS"] ?? 20)
const seed = Number(process.env["WARELAY_SOAK_SEED"] ?? 1)

/** Prints what was counted. The console is not for tests that have WhatsApp's client in them. */
const show = (name: string, { seconds, seed }: Plan, { wrong, ...counted }: Settled) => {
  const counts = wrong.reduce<Record<string, number>>(
    (sums, { what }) => ({ ...sums, [what]: (sums[what] ?? 0) + 1 }),
    {}
  )
  const all = { seconds, seed, ...counted, lost: 0, crossed: 0, ...counts }
  const figures = Object.entries(all).map(([what, count]) => `${what}: ${count}`)
  process.stdout.write(`${name}: ${figures.join(", ")}\n`)
}

/** Where a program finds the packages. */
const cache = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(fileURLToPath(new URL("../../node_modules/.soak-", import.meta.url)))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

describe("a relay that is killed every few seconds, with hundreds of people writing to it", () => {
  it.live.each([
    ["is run for each message", false],
    ["stays after its answers", true]
  ] as const)(
    "answers everybody once, in order and where he wrote, and mixes nobody up, with an agent that %s",
    ([agent, stays]) =>
      Effect.gen(function* () {
        const plan = { apps, people: 300, rate: 15, seconds, seed, stays }
        const settled = yield* soak(plan)
        show(`with an agent that ${agent}`, plan, settled)
        deepStrictEqual(settled.wrong, [])
        assert.isAtLeast(settled.shared, 5)
      }),
    (seconds + 120) * 1_000
  )

  it.scopedLive(
    "loses messages if its inbox is not kept, and that is noticed",
    () =>
      Effect.gen(function* () {
        const bin = yield* Effect.flatMap(cache, forgetful)
        const plan: Plan = { apps: ["telegram", "twilio"], people: 300, rate: 30, seconds: 8, seed, stays: false, bin }
        const settled = yield* soak(plan)
        show("without the inbox", plan, settled)
        assert.isAbove(settled.wrong.filter(({ what }) => what === "lost").length, 0)
      }),
    120_000
  )
})
