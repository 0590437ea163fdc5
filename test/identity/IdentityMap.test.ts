import { assert, describe, it } from "@effect/vitest"
import { assertNone, deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { Decision } from "../../src/identity/Decision.js"
import type { Identity } from "../../src/identity/Identity.js"
import { find, get, type IdentityMap, list, ownerOf, pinned } from "../../src/identity/IdentityMap.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { plan } from "../../src/identity/Plan.js"
import { the } from "./arbitrary.js"
import { anyMap, everybody, mapOf, numbers } from "./maps.js"
import { fresh } from "./world.js"

const john = the("telegram", "@john")
const [one, other] = [the("telegram", "42"), the("telegram", "43")]

/** The id of the mapping that these names lead to, and by which name. */
const led = (map: IdentityMap, ...names: ReadonlyArray<Identity>) => {
  const { owner, taken, unpinned } = ownerOf(map, names)
  return {
    owner: Option.getOrUndefined(Option.map(owner, ({ by, mapping }) => `${mapping.id} by ${by}`)),
    unpinned: Option.getOrUndefined(
      Option.map(unpinned, ({ id, number, username }) => `${username} is ${number} in ${id}`)
    ),
    taken: Option.getOrUndefined(
      Option.map(taken, ({ id, number, username }) => `${username} is not ${number} in ${id}`)
    )
  }
}

const nothing = { owner: undefined, unpinned: undefined, taken: undefined }

const pinnedMap = mapOf({ identities: { telegram: "@John", whatsapp: "+1234567890" }, pins: { "@John": "42" } })

describe("whose mapping the names of one account lead to", () => {
  it("is nobody's where none is linked", () => {
    deepStrictEqual(led(pinnedMap, other, the("telegram", "@mary")), nothing)
    deepStrictEqual(led(codec.empty), nothing)
  })

  it("a username alone matches, pinned or not, in whatever letters", () => {
    deepStrictEqual(led(pinnedMap, the("telegram", "@JOHN")), { ...nothing, owner: "m0 by telegram:@JOHN" })
    deepStrictEqual(led(mapOf({ identities: { telegram: "@john" } }), john), {
      ...nothing,
      owner: "m0 by telegram:@john"
    })
  })

  it("a username that is linked and not pinned is to be pinned to the number that it comes with, once", () => {
    const map = mapOf({ identities: { telegram: "@john" } })
    deepStrictEqual(led(map, one, john), {
      ...nothing,
      owner: "m0 by telegram:@john",
      unpinned: "telegram:@john is telegram:42 in m0"
    })
    const { unpinned } = ownerOf(map, [one, john])
    const { after } = Either.getOrThrow(plan(map, Decision.Pin(Option.getOrThrow(unpinned)), fresh(1)))
    deepStrictEqual(led(after, one, john), { ...nothing, owner: "m0 by telegram:42" })
    // Who comes later under the name does not get the pin, nor in.
    const again = Either.getOrThrow(
      plan(after, Decision.Pin({ ...Option.getOrThrow(unpinned), number: other }), fresh(2))
    )
    deepStrictEqual(again.changes, [])
    deepStrictEqual(led(after, other, john), { ...nothing, taken: "telegram:@john is not telegram:43 in m0" })
  })

  it("the same name under another number is refused, and said to be taken", () => {
    deepStrictEqual(led(pinnedMap, other, the("telegram", "@JOHN")), {
      ...nothing,
      taken: "telegram:@JOHN is not telegram:43 in m0"
    })
  })

  it("an account is known by its pinned number whatever it is called now", () => {
    deepStrictEqual(led(pinnedMap, one, the("telegram", "@johnny")), { ...nothing, owner: "m0 by telegram:42" })
    deepStrictEqual(led(pinnedMap, one), { ...nothing, owner: "m0 by telegram:42" })
  })

  it("a number leads to where it is listed, rather than to where a username is pinned to it", () => {
    for (const mappings of [
      [{ identities: { telegram: "@john" }, pins: { "@john": "42" } }, { identities: { telegram: "42" } }],
      [{ identities: { telegram: "42" } }, { identities: { telegram: "@john" }, pins: { "@john": "42" } }]
    ]) {
      const map = mapOf(...mappings)
      const listed = mappings.findIndex(({ pins }) => pins === undefined)
      deepStrictEqual(led(map, one, john), { ...nothing, owner: `m${listed} by telegram:42` })
      deepStrictEqual(led(map, john), { ...nothing, owner: `m${1 - listed} by telegram:@john` })
    }
  })

  it("the first name that is linked decides, and a username of somebody else's mapping is not pinned by the way", () => {
    const map = mapOf({ identities: { telegram: "42" } }, { identities: { telegram: "@john" } })
    deepStrictEqual(led(map, one, john), { ...nothing, owner: "m0 by telegram:42" })
    const same = mapOf({ identities: { telegram: ["42", "@john"] } })
    deepStrictEqual(led(same, one, john), {
      ...nothing,
      owner: "m0 by telegram:42",
      unpinned: "telegram:@john is telegram:42 in m0"
    })
  })

  it("a name that is another account's now is no news where the number is linked by itself", () => {
    const map = mapOf({ identities: { telegram: ["43", "@john"] }, pins: { "@john": "42" } })
    deepStrictEqual(led(map, other, john), { ...nothing, owner: "m0 by telegram:43" })
  })

  it.prop(
    "nobody is led anywhere by a username that is pinned to another number",
    [
      anyMap,
      FastCheck.constantFrom(...everybody, ...numbers),
      FastCheck.constantFrom("@john", "@MARY", "@Anna_K", "@nobody")
    ],
    ([map, number, name]) => {
      FastCheck.pre(/^[0-9]/.test(number.id) && number.provider === "telegram")
      const username = the("telegram", name)
      const { owner, taken, unpinned } = ownerOf(map, [number, username])
      const byNumber = Option.flatMap(find(map, number), (id) => get(map, id))
      const byName = Option.flatMap(find(map, username), (id) => get(map, id))
      const pin = Option.flatMap(byName, ({ pins = {} }) =>
        Option.fromNullable(Object.entries(pins).find(([pinned]) => pinned.toLowerCase() === name.toLowerCase())?.[1])
      )
      const isHis = Option.match(pin, { onNone: () => true, onSome: (id) => id === number.id })
      deepStrictEqual(
        Option.map(owner, ({ mapping }) => mapping),
        Option.orElse(byNumber, () => (isHis ? byName : Option.none()))
      )
      assert.strictEqual(Option.isSome(taken), Option.isNone(byNumber) && Option.isSome(byName) && !isHis)
      const isThere =
        Option.isSome(byName) &&
        Option.match(byNumber, { onNone: () => true, onSome: ({ id }) => id === byName.value.id })
      assert.strictEqual(Option.isSome(unpinned), isThere && Option.isNone(pin))
      if (Option.isSome(unpinned)) deepStrictEqual([unpinned.value.username, unpinned.value.number], [username, number])
    },
    { fastCheck: { numRuns: 500 } }
  )
})

describe("a map", () => {
  it.prop("says of everybody listed or pinned in it to whom he belongs", [anyMap], ([map]) => {
    for (const one of everybody) {
      const listed = list(map).find(({ identities }) =>
        identities.some((each) => String(each).toLowerCase() === String(one).toLowerCase())
      )
      const held = list(map).find((mapping) =>
        pinned(mapping).some((each) => each.id === one.id && one.provider === "telegram")
      )
      deepStrictEqual(find(map, one), Option.fromNullable((listed ?? held)?.id))
    }
    assertNone(find(map, the("telegram", "@somebody")))
  })
})
