import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import { Decision } from "../../src/identity/Decision.js"
import type { Identity } from "../../src/identity/Identity.js"
import { empty } from "../../src/identity/IdentityMap.js"
import { WrittenSharedId, WrittenTimestamp } from "../../src/identity/IdentityMappingSchema.js"
import { unconfigured } from "../../src/identity/LinkingSettings.js"
import { memberships } from "../../src/identity/Membership.js"
import { plan } from "../../src/identity/Plan.js"
import { type Circumstances, unlinked } from "../../src/identity/Sighting.js"
import { absent } from "../../src/storage/Document.js"
import { the } from "./arbitrary.js"

const whatsapp = the("whatsapp", "+12345670001")
const twilio = the("twilio", "+12345670001")
const john = the("telegram", "@john")
const number = [whatsapp, twilio]

const at = WrittenTimestamp.make("2026-01-01T00:00:00.000Z")
const then = Date.parse(at)

/** A map in which these are linked, since `then` by what is on record. */
const linked = (...identities: ReadonlyArray<Identity>): Circumstances => {
  const fresh = { now: at, by: "test", id: WrittenSharedId.make("m"), limits: unconfigured }
  const { action, after, by, changes } = Either.getOrThrow(
    plan(empty, Decision.Link({ identities: [...identities, john] }), fresh)
  )
  const record = { sequence: 1, at, by, action, base: absent, result: absent, changes }
  return { map: after, memberships: memberships([record]), allowed: [], grace: 0 }
}

const nobody: Circumstances = { map: empty, memberships: new Map(), allowed: [], grace: 0 }

const of = (circumstances: Circumstances, at: number, ...candidates: ReadonlyArray<Identity>) =>
  unlinked([{ candidates, at }], circumstances)

describe("somebody who wrote under a number of his own", () => {
  it("is any account of that number, as far as nobody is linked", () => {
    deepStrictEqual(of(nobody, then, ...number), [number])
  })

  it("is the other account, if one was linked before", () => {
    deepStrictEqual(of(linked(whatsapp), then + 1, ...number), [[twilio]])
    deepStrictEqual(of(linked(twilio), then + 1, ...number), [[whatsapp]])
  })

  it("may be the one that was linked later, so that nothing is known", () => {
    deepStrictEqual(of(linked(whatsapp), then, ...number), [])
    deepStrictEqual(of(linked(whatsapp), then - 1, ...number), [])
  })

  it("may be a turn that had begun before the link, for as long as a turn can take", () => {
    const circumstances = { ...linked(whatsapp), grace: 1_000 }
    deepStrictEqual(of(circumstances, then + 1_000, ...number), [])
    deepStrictEqual(of(circumstances, then + 1_001, ...number), [[twilio]])
  })

  it("may be one of whom it is not on record since when he is linked", () => {
    deepStrictEqual(of({ ...linked(whatsapp), memberships: new Map() }, then + 1, ...number), [])
  })

  it("is nobody who is not linked, if all are", () => {
    deepStrictEqual(of(linked(whatsapp, twilio), then + 1, ...number), [])
  })

  it("is one who may write, where it is said who may", () => {
    deepStrictEqual(of({ ...nobody, allowed: [twilio] }, then, ...number), [[twilio]])
    deepStrictEqual(of({ ...nobody, allowed: [john] }, then, ...number), [number])
    deepStrictEqual(of({ ...linked(whatsapp), allowed: [whatsapp] }, then + 1, ...number), [])
    deepStrictEqual(of({ ...linked(whatsapp), allowed: [whatsapp, twilio] }, then + 1, ...number), [[twilio]])
    // The one who was linked later may not write, so it was not he.
    deepStrictEqual(of({ ...linked(whatsapp), allowed: [twilio] }, then - 1, ...number), [[twilio]])
  })
})
