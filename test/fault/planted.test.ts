import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import type { Report } from "./Check.js"
import { crashes } from "./crashes.js"
import { record } from "./figures.js"
import { following, refusals } from "./following.js"
import { type Implementation, real } from "./Implementation.js"
import { meetings, readers } from "./meetings.js"
import { acknowledgeEarly } from "./planted/acknowledge-early.js"
import { coarseSignature } from "./planted/coarse-signature.js"
import { emptyOnError } from "./planted/empty-on-error.js"
import { fixedTempName } from "./planted/fixed-temp-name.js"
import { inPlaceWrite } from "./planted/in-place-write.js"
import { lockNotTaken } from "./planted/lock-not-taken.js"
import { noDirectorySync } from "./planted/no-directory-sync.js"
import { noSync } from "./planted/no-sync.js"
import { readOutsideTheLock } from "./planted/read-outside-the-lock.js"
import { retryOfAFailedSync } from "./planted/retry-of-a-failed-sync.js"
import { powerCuts } from "./power-cuts.js"
import { scenario } from "./scenarios.js"

const checks = { crashes, powerCuts, meetings, readers, following, refusals } as const

const first = "the first session of all"
const later = "a session in place of another"

/** Which check catches a defect, in which scenario, and what it has to say of it. */
const planted: ReadonlyArray<readonly [Implementation, keyof typeof checks, where: string, says: RegExp]> = [
  [noSync, "powerCuts", later, /power cut .*: this stands there: what differs from the \w+ at .*u0000/],
  [noDirectorySync, "powerCuts", first, /power cut at the end: this stands there: the old$/],
  [inPlaceWrite, "crashes", later, /stopped after truncate \(\d+\): (this stands there|the previous version)/],
  [inPlaceWrite, "readers", later, /what is neither/],
  [lockNotTaken, "meetings", later, /the command that was met failed: StorageFailed/],
  [readOutsideTheLock, "meetings", later, /both were acknowledged, and not both are there/],
  [emptyOnError, "refusals", first, /of a file of which 50 % is there: it was acknowledged/],
  [coarseSignature, "following", later, /changed in place: who had read the file does not see it/],
  [coarseSignature, "following", "link into an existing map", /changed by replacement: who had read the file does not/],
  [acknowledgeEarly, "powerCuts", first, /power cut before \w+ \(\d+\): this stands there: the old$/],
  [fixedTempName, "crashes", later, /the next command failed: StorageFailed: .* EEXIST/],
  [retryOfAFailedSync, "powerCuts", first, /power cut at the end when the sync at \d+ had failed: this stands there/]
]

const passed = new Map<string, Report>()

/** What is not defective, in the same check. */
const undefective = (check: keyof typeof checks, where: string) =>
  Effect.gen(function* () {
    const known = passed.get(`${check} ${where}`) ?? (yield* checks[check](real, scenario(where)))
    passed.set(`${check} ${where}`, known)
    return known
  })

describe("a defect that was planted", () => {
  for (const [implementation, check, where, says] of planted) {
    it.live(
      `is caught where what is not defective passes: ${implementation.name}, by ${check}, in ${where}`,
      () =>
        Effect.gen(function* () {
          const caught = yield* checks[check](implementation, scenario(where))
          assert.isTrue(
            caught.violations.some((violation) => says.test(violation)),
            `what is said is: ${caught.violations.join("; ")}`
          )
          deepStrictEqual((yield* undefective(check, where)).violations, [])
          record("D11", { "caught in a check": 1 })
        }),
      120_000
    )
  }

  it("comes in ten kinds, each caught", () => {
    const kinds = new Set(planted.map(([{ name }]) => name))
    assert.strictEqual(kinds.size, 10)
    record("D11", { "defects planted": kinds.size })
  })
})
