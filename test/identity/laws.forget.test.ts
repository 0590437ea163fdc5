import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { Decision } from "../../src/identity/Decision.js"
import { Identities } from "../../src/identity/Identities.js"
import { accountOf, type Identity } from "../../src/identity/Identity.js"
import { empty, find, get, list } from "../../src/identity/IdentityMap.js"
import { WrittenSharedId } from "../../src/identity/IdentityMappingSchema.js"
import { codec } from "../../src/identity/IdentityMapText.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { fold } from "../../src/identity/Journal.js"
import { plan } from "../../src/identity/Plan.js"
import { accepted, the } from "./arbitrary.js"
import { intent, intents } from "./decisions.js"
import { anyMap, everybody, mapOf, people } from "./maps.js"
import { fresh, keeping, through, written } from "./world.js"

/** Those whose id is in nobody else's, so that it can be looked for in a text. */
const unmistakable = everybody.filter(({ id }) => everybody.filter((other) => other.id.includes(id)).length === 1)

const forgotten = (map: ReturnType<typeof mapOf>, identity: Identity) =>
  Either.getOrThrow(plan(map, Decision.Forget({ identity }), fresh(1)))

describe("to forget somebody", () => {
  it.effect.prop(
    "leaves no trace, neither in the map nor in what is on record",
    [anyMap, intents(), FastCheck.constantFrom(...unmistakable), intents(intent, 3)],
    ([map, wanted, identity, later]) =>
      keeping(({ edit, log }) =>
        Effect.gen(function* () {
          const { change } = yield* Identities
          const { history, readable } = yield* IdentityStore
          yield* edit(map)
          yield* through(wanted, () => undefined)
          const before = { map: (yield* readable).value, history: yield* history }
          const { action, mapping } = yield* change(Decision.Forget({ identity }))
          assert.strictEqual(action, "forget")
          deepStrictEqual(
            mapping,
            Option.flatMap(find(before.map, identity), (id) => get(before.map, id))
          )
          const { closed, open } = yield* log.all
          const { value } = yield* readable
          for (const text of [codec.encode(value), ...closed, ...Option.toArray(open)]) {
            assert.notInclude(text.toLowerCase(), identity.id.toLowerCase())
          }
          deepStrictEqual(find(value, identity), Option.none())
          const records = yield* history
          assert.isAtLeast(records.length, before.history.length + 1)
          assert.strictEqual(records.at(-1)?.action, "forget")
          deepStrictEqual(written(fold(records)), written(value))
          // Nothing goes on differently than if nobody had been forgotten.
          yield* through(later, ({ after }) => deepStrictEqual(written(fold(after.history)), written(after.map)))
        })
      ),
    { fastCheck: { numRuns: 60 } }
  )

  it.prop(
    "takes nobody else out, and changes no mapping in which nothing says who it was",
    [anyMap, FastCheck.constantFrom(...everybody)],
    ([map, identity]) => {
      const { after } = forgotten(map, identity)
      for (const mapping of list(map)) {
        const { identities, pins = {} } = mapping
        const pinned = Object.entries(pins).flatMap(([name, number]) =>
          number === identity.id && identity.provider === "telegram" ? [`telegram:${name.toLowerCase()}`] : []
        )
        const left = identities.map(accountOf).filter((one) => one !== accountOf(identity) && !pinned.includes(one))
        const now = get(after, mapping.id)
        deepStrictEqual(
          Option.match(now, { onNone: () => [], onSome: ({ identities }) => identities.map(accountOf) }),
          left
        )
        const text = JSON.stringify(map.entries.get(mapping.id)?.raw)
        if (!text.toLowerCase().includes(identity.id.toLowerCase().replace("+", ""))) {
          deepStrictEqual(after.entries.get(mapping.id), map.entries.get(mapping.id))
        }
      }
      deepStrictEqual(
        Array.from(after.entries.keys()),
        Array.from(map.entries.keys()).filter((id) => after.entries.has(id))
      )
    }
  )

  it.prop(
    "finds an id of any form as a word of its own, and in no other word",
    [
      accepted,
      FastCheck.constantFrom("{}", "ask {}", "{}.", "({})", "{}, or", "telegram:{}", "is it {}?", "\n{}\n", "“{}”")
    ],
    ([[provider, id], sentence]) => {
      const identity = the(provider, id)
      const map = mapOf({ identities: { whatsapp: "+19999999999" }, note: sentence.replace("{}", id), [id]: [id] })
      const { note, ...rest } = forgotten(map, identity).after.entries.get(WrittenSharedId.make("m0"))?.raw ?? {}
      assert.strictEqual(note, sentence.replace("{}", "[forgotten]"))
      deepStrictEqual(rest["[forgotten]"], ["[forgotten]"])
    }
  )

  it("leaves words that only contain the id, and what is not text", () => {
    const note = ["@johnny", "42.5", "142", "mary@john.example", "4242", true, 7, null]
    const map = mapOf({ identities: { whatsapp: "+19999999999" }, note })
    for (const identity of [the("telegram", "@john"), the("telegram", "42")]) {
      deepStrictEqual(forgotten(map, identity).after.entries, map.entries)
    }
  })

  it("finds a number that is written as one, and a phone number without its plus", () => {
    const map = mapOf({
      identities: { telegram: "@mary" },
      note: [900000009, "1 234 567 00 99", "12345670099@s.whatsapp.net"]
    })
    const text = codec.encode(
      forgotten(forgotten(map, the("telegram", "900000009")).after, the("whatsapp", "+12345670099")).after
    )
    for (const digits of ["900000009", "12345670099"]) assert.notInclude(text, digits)
  })

  it("takes out whose conversation was kept, in whatever letters, and who is pinned", () => {
    const map = mapOf(
      {
        identities: { telegram: ["@John", "@mary"], twilio: "US.aBc" },
        keep: "twilio:US.aBc",
        pins: { "@John": "42", "@mary": "43" }
      },
      { identities: { telegram: ["7", "8"] }, keep: "telegram:7" }
    )
    const one = (identity: Identity, id = "m0") => Option.getOrThrow(get(forgotten(map, identity).after, id))
    assert.strictEqual(one(the("twilio", "US.aBc")).keep, undefined)
    assert.strictEqual(one(the("telegram", "@JOHN")).keep, "twilio:US.aBc")
    deepStrictEqual(one(the("telegram", "@JOHN")).pins, { "@mary": "43" })
    // A username that is pinned to the number is a name of the one who is forgotten.
    deepStrictEqual(one(the("telegram", "42")).identities.map(String), ["telegram:@mary", "twilio:US.aBc"])
    deepStrictEqual(one(the("telegram", "42")).pins, { "@mary": "43" })
    assert.strictEqual(one(the("telegram", "7"), "m1").keep, undefined)
    assert.strictEqual(one(the("telegram", "8"), "m1").keep, "telegram:7")
  })

  it("takes out what was decided about pairs with him, and what stands beside the mappings", () => {
    const [phone, , , john, mary] = people
    assert(phone !== undefined && john !== undefined && mary !== undefined)
    const text = JSON.stringify({
      version: 1,
      $comment: "@john is John",
      mappings: {},
      never: [[phone, john].map(String), [phone, mary].map(String)]
    })
    const { after } = forgotten(Either.getOrThrow(codec.decode(text)), john)
    assert.strictEqual(after.never.size, 1)
    assert.notInclude(codec.encode(after), "@john")
    deepStrictEqual(forgotten(empty, john).after, empty)
  })
})
