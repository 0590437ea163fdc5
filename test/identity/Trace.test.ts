import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { Decision } from "../../src/identity/Decision.js"
import type { Wish } from "../../src/identity/Identities.js"
import { empty, list } from "../../src/identity/IdentityMap.js"
import * as MapText from "../../src/identity/IdentityMapText.js"
import type { SharedId } from "../../src/identity/IdentityMapping.js"
import { WrittenSharedId } from "../../src/identity/IdentityMappingSchema.js"
import { plan } from "../../src/identity/Plan.js"
import { traceOf } from "../../src/identity/Trace.js"
import { the } from "./arbitrary.js"
import { intents } from "./decisions.js"
import { everybody, soundMap } from "./maps.js"
import { decided, fresh, keeping, through, type World } from "./world.js"

const [phone, john, jane, number, other] = [
  the("whatsapp", "+12345670001"),
  the("telegram", "@John"),
  the("telegram", "@jane"),
  the("telegram", "900000001"),
  the("telegram", "900000002")
]

const after = (...wishes: ReadonlyArray<Wish>): World =>
  wishes.reduce<World>((world, wish) => Either.getOrThrow(decided(world, wish)), { map: empty, history: [] })

const link = Decision.Link({ identities: [phone, john] })
const linked = list(after(link).map)[0]?.id ?? WrittenSharedId.make("none")
const pin = (id: SharedId, to: typeof number) => Decision.Pin({ id, username: john, number: to })
const unlink = Decision.Unlink({ id: linked })

const traced = ({ history, map }: World, identity: typeof john) =>
  traceOf(Either.getOrThrow(plan(map, Decision.Forget({ identity }), fresh(history.length))), history, identity)

const trace = (world: World, identity: typeof john) => {
  const { mappings, names, records, remaining } = traced(world, identity)
  return { mappings, names: names.map(String), records, remaining: remaining.map(String) }
}

describe("what is known of an account", () => {
  it("is nothing where nothing happened", () => {
    const world = after(link)
    deepStrictEqual(trace(world, number), { mappings: [], names: [], records: 0, remaining: [] })
  })

  it("is the mappings that it is in, and was in, and the changes that say so", () => {
    deepStrictEqual(trace(after(link), john), { mappings: [linked], names: [], records: 1, remaining: [] })
    deepStrictEqual(trace(after(link, unlink), phone), { mappings: [linked], names: [], records: 2, remaining: [] })
  })

  it("is the number that its username is pinned to, and the other way round, whatever the case", () => {
    const world = after(link, pin(linked, number))
    deepStrictEqual(trace(world, the("telegram", "@JOHN")), {
      mappings: [linked],
      names: ["telegram:900000001"],
      records: 2,
      remaining: []
    })
    // In the change before the pin, nobody knew yet whose name that was.
    deepStrictEqual(trace(world, number), {
      mappings: [linked],
      names: ["telegram:@john"],
      records: 1,
      remaining: ["telegram:@john"]
    })
    deepStrictEqual(trace(world, phone).names, [])
  })

  it("is known when it is linked no more", () => {
    const world = after(link, pin(linked, number), unlink)
    deepStrictEqual(trace(world, john).names, ["telegram:900000001"])
    deepStrictEqual(trace(world, number).names, ["telegram:@john"])
  })

  it("is nobody else's: of two who had one name, it is the later one's", () => {
    const once = after(link, pin(linked, number), unlink, Decision.Link({ identities: [jane, john] }))
    const world = Either.getOrThrow(decided(once, pin(list(once.map)[0]?.id ?? linked, other)))
    deepStrictEqual(trace(world, number).names, [])
    deepStrictEqual(trace(world, other).names, ["telegram:@john"])
    deepStrictEqual(trace(world, john).names, ["telegram:900000002"])
  })

  it("remains under a name that is linked by itself", () => {
    const world = after(Decision.Link({ identities: [phone, john, number] }), pin(linked, number))
    deepStrictEqual(trace(world, john).remaining, ["telegram:900000001"])
  })

  it("remains under a name that another one is pinned to, or that is never to be linked with somebody", () => {
    const johnny = the("telegram", "@johnny")
    const both = after(
      Decision.Link({ identities: [phone, john, johnny] }),
      pin(linked, number),
      Decision.Pin({ id: linked, username: johnny, number })
    )
    deepStrictEqual(trace(both, john).remaining, ["telegram:900000001"])
    deepStrictEqual(trace({ ...both, history: [] }, john).remaining, ["telegram:900000001"])
    const apart = after(link, pin(linked, number), Decision.Never({ pair: [number, jane] }))
    deepStrictEqual(trace(apart, john).remaining, ["telegram:900000001"])
    deepStrictEqual(trace({ ...apart, history: [] }, john).remaining, ["telegram:900000001"])
    deepStrictEqual(trace(after(link, pin(linked, number)), john).remaining, [])
  })

  it("is what a map says that somebody has edited by hand, rather than what is on record", () => {
    const { history, map } = after(Decision.Link({ identities: [phone, john, number] }), pin(linked, number))
    const edited = MapText.codec.decode(
      MapText.codec.encode(map).replace('"@John": "900000001"', '"@john": "900000002"')
    )
    const world = { map: Either.getOrThrow(edited), history }
    deepStrictEqual(trace(world, john).names, ["telegram:900000002"])
    deepStrictEqual(trace({ ...world, history: [] }, other).remaining, [])
    deepStrictEqual(trace({ map, history: [] }, john).remaining, ["telegram:900000001"])
  })

  it.effect.prop(
    "is found if it is in the map or in a change, whatever was decided",
    [soundMap, intents()],
    ([map, wanted]) =>
      keeping(({ edit }) =>
        Effect.zipRight(
          edit(map),
          through(wanted, ({ after: { history, map } }) => {
            const text = MapText.codec.encode(map)
            for (const one of everybody) {
              const { mappings, records } = traced({ map, history }, one)
              const isThere = list(map).some(({ identities }) =>
                identities.some((other) => String(other) === String(one))
              )
              if (isThere) assert.isNotEmpty(mappings, text)
              if (isThere && history.length > 0) assert.isAbove(records, 0, text)
              assert.isAtMost(records, history.length)
            }
          })
        )
      ),
    { fastCheck: { numRuns: 10 } }
  )
})
