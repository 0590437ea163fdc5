import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { accountOf, type Identity } from "../../src/identity/Identity.js"
import { Identities } from "../../src/identity/Identities.js"
import { WrittenMapping, WrittenSharedId, WrittenTimestamp } from "../../src/identity/IdentityMappingSchema.js"
import { make as mapOf } from "../../src/identity/IdentityMap.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { providers } from "../../src/identity/Provider.js"
import { ownKey } from "../../src/session/Key.js"
import type { SenderContext } from "../../src/session/SenderContext.js"
import { SessionKey } from "../../src/session/SessionKey.js"
import { fewIdentities, identity, the } from "../identity/arbitrary.js"
import { keyOf, keys, layer, link, unlink, wild } from "./routing.js"

const fresh = Effect.provide(layer)

const provider = FastCheck.constantFrom(undefined, ...providers)
const chatType = FastCheck.constantFrom(undefined, "direct" as const, "group" as const)

const senderOf = (names: FastCheck.Arbitrary<string>) =>
  FastCheck.record({
    From: names,
    provider,
    chatType: FastCheck.constantFrom(undefined, "direct" as const),
    aliases: FastCheck.array(names, { maxLength: 2 })
  }).map(({ From, aliases, chatType, provider }): SenderContext & { readonly From: string } => ({
    From,
    ...(provider === undefined ? {} : { provider }),
    ...(chatType === undefined ? {} : { chatType }),
    ...(aliases.length === 0 ? {} : { aliases })
  }))

/** As transports name the accounts in the map, so that senders who are linked occur. */
const fewNames = FastCheck.constantFrom(...fewIdentities).chain((one) =>
  FastCheck.constantFrom<string>(one.toString(), one.id, one.id.toUpperCase(), one.id.replace("+", ""))
)
const sender = senderOf(FastCheck.oneof(wild, fewNames))

const groups = FastCheck.array(FastCheck.subarray([...fewIdentities], { minLength: 2 }), { maxLength: 4 })

/** As many of these links as are not refused; their ids. */
const linkAll = (all: ReadonlyArray<ReadonlyArray<Identity>>) =>
  Effect.map(
    Effect.forEach(all, (identities) => Effect.option(link(...identities))),
    (ids) => ids.flatMap((id) => Option.toArray(id))
  )

const derive = (context: SenderContext) =>
  Effect.flatMap(SessionKey, (service) => service.derive("per-sender", context))

/** By a reading of the forms of its own: whether a text names this account, where this provider may be meant. */
const names = (text: string, { id, provider }: Identity): boolean => {
  const bare = provider === "telegram" ? text.toLowerCase() : text
  const digits = id.replace(/^\+|@lid$/, "")
  const phone = (separated: string) => separated.replace(/(?<=[0-9])[ .()-]+(?=[0-9])/g, "") === id
  if (provider === "telegram") return [id.toLowerCase(), `telegram:${id.toLowerCase()}`].includes(bare)
  if (provider === "twilio") {
    return ["", "twilio:", "sms:", "whatsapp:"].some(
      (prefix) => text.startsWith(prefix) && (text.slice(prefix.length) === id || phone(text.slice(prefix.length)))
    )
  }
  const account = text.replace(/^whatsapp:/, "")
  return id.endsWith("@lid")
    ? new RegExp(`^${digits}(:[0-9]+)?@lid$`).test(account)
    : new RegExp(`^${digits}(:[0-9]+)?@s\\.whatsapp\\.net$`).test(account) ||
        [account, account.replace(/:[0-9]+$/, "")].some((one) => one === digits || phone(one))
}

describe("no input whatsoever gives another sender's key", () => {
  it.effect.prop(
    "a shared key is given to those who name an account in the mapping, and to nobody else",
    [groups, sender],
    ([all, context]) =>
      Effect.gen(function* () {
        const ids = yield* linkAll(all)
        const key = yield* derive(context)
        const named = [context.From, ...(context.aliases ?? [])]
        const { get } = yield* Identities
        const mapping = yield* get(key)
        assert.strictEqual(Option.isSome(mapping), ids.includes(key))
        if (Option.isNone(mapping)) return
        const possible = mapping.value.identities.filter(
          (one) => context.provider === undefined || context.provider === one.provider
        )
        assert.isTrue(
          possible.some((one) => named.some((text) => names(text, one))),
          `${JSON.stringify(context)} → ${key}`
        )
      }).pipe(fresh)
  )

  it.effect.prop("an account's own key is given to those who name it alone", [sender, identity], ([context, one]) =>
    Effect.gen(function* () {
      const key = yield* derive(context)
      const own = [...fewIdentities, one].find((account) => ownKey(account) === key)
      if (own === undefined) return
      // A phone number alone is the key at both providers.
      const same = own.id.startsWith("+") ? [the("whatsapp", own.id), the("twilio", own.id)] : [own]
      assert.isTrue(
        same.some((account) => names(context.From, account)),
        `${JSON.stringify(context)} → ${key}`
      )
    }).pipe(fresh)
  )

  it.effect.prop(
    "nobody else has the key of somebody who is not recognised",
    [wild, wild, provider, provider],
    ([one, other, provider, otherProvider]) =>
      Effect.gen(function* () {
        const key = yield* derive({ From: one, ...(provider === undefined ? {} : { provider }) })
        if (!key.startsWith("unknown:")) return
        assert.strictEqual(key, `unknown:${one}`)
        const variants = [other, `unknown:${one}`, `${one} `, one.trim(), one.toUpperCase(), one.normalize("NFKC")]
        for (const From of variants.filter((text) => text !== one)) {
          const context = otherProvider === undefined ? { From } : { From, provider: otherProvider }
          assert.notStrictEqual(yield* derive(context), key)
        }
      }).pipe(fresh)
  )

  it.effect.prop(
    "who calls himself by a shared id or by somebody's key is somebody unknown",
    [FastCheck.constantFrom<string>("", "whatsapp:", "telegram:", "twilio:", "sms:", "unknown:"), provider],
    ([prefix, provider]) =>
      Effect.gen(function* () {
        const id = yield* link(the("whatsapp", "+1234567890"), the("telegram", "@john"))
        const rest = provider === undefined ? {} : { provider }
        for (const text of [id, id.toUpperCase(), "global", "unknown", "unknown:x", "constructor", "__proto__"]) {
          assert.strictEqual(yield* keyOf(`${prefix}${text}`, rest), `unknown:${prefix}${text}`)
        }
      }).pipe(fresh)
  )

  it.effect.prop("nothing that is in the map is found by a name that every object has", [provider], ([provider]) =>
    Effect.gen(function* () {
      yield* linkAll([[...fewIdentities]])
      const { get } = yield* Identities
      for (const From of Object.getOwnPropertyNames(Object.prototype)) {
        assert.strictEqual(yield* keyOf(From, provider === undefined ? {} : { provider }), `unknown:${From}`)
        deepStrictEqual(yield* get(From), Option.none())
      }
    }).pipe(fresh)
  )
})

describe("the map and the keys", () => {
  it.effect.prop(
    "link then unlink restores every key",
    [groups, sender, FastCheck.array(identity, { maxLength: 3 })],
    ([before, context, strangers]) =>
      Effect.gen(function* () {
        const contexts = [context, ...[...fewIdentities, ...strangers].map((one) => ({ From: one.toString() }))]
        const there = yield* linkAll(before)
        const keys = yield* Effect.forEach(contexts, derive)
        const linked = yield* linkAll([
          fewIdentities.slice(0, 3),
          fewIdentities.slice(3, 6),
          strangers,
          [...fewIdentities]
        ])
        yield* Effect.forEach(
          linked.filter((id) => !there.includes(id)),
          unlink
        )
        deepStrictEqual(yield* Effect.forEach(contexts, derive), keys)
      }).pipe(fresh)
  )

  it.effect.prop(
    "nobody's key changes who was not named",
    [FastCheck.subarray([...fewIdentities], { minLength: 2, maxLength: 4 }), sender],
    ([identities, context]) =>
      Effect.gen(function* () {
        const before = yield* derive(context)
        yield* link(...identities)
        const after = yield* derive(context)
        const all = [context.From, ...(context.aliases ?? [])]
        if (identities.some((one) => all.some((text) => names(text, one)))) return
        assert.strictEqual(after, before)
      }).pipe(fresh)
  )

  it.effect.prop("groups are never affected", [groups, wild, chatType], ([all, text, chatType]) =>
    Effect.gen(function* () {
      yield* linkAll([...all, [...fewIdentities]])
      const contexts: ReadonlyArray<SenderContext & { readonly From: string }> = [
        { From: text, chatType: "group" },
        { From: `group:${text}`, ...(chatType === undefined ? {} : { chatType }) },
        { From: `${text}@g.us`, aliases: fewIdentities.map(String) },
        ...fewIdentities.map((one) => ({ From: one.toString(), chatType: "group" as const }))
      ]
      for (const context of contexts.filter(({ From }) => From.trim() !== "")) {
        const { From } = context
        assert.strictEqual(yield* derive(context), From.startsWith("group:") ? From : `group:${From}`)
      }
    }).pipe(fresh)
  )

  it.effect.prop(
    "two links that share nobody may come in either order",
    [FastCheck.subarray([...fewIdentities], { minLength: 4 }), sender],
    ([identities, context]) =>
      Effect.gen(function* () {
        const [one, other] = [identities.slice(0, 2), identities.slice(2)]
        const senders = [context, ...identities.map((each) => ({ From: each.toString() }))]
        const partners = (first: ReadonlyArray<Identity>, second: ReadonlyArray<Identity>) =>
          Effect.gen(function* () {
            yield* link(...first)
            yield* link(...second)
            const found = yield* Effect.forEach(senders, derive)
            return found.map((key) => found.map((each) => each === key))
          }).pipe(Effect.provide(Layer.fresh(layer)))
        deepStrictEqual(yield* partners(one, other), yield* partners(other, one))
      })
  )
})

/** A map that counts how often it is asked for an entry. Whoever goes through all of it has asked for each. */
class Counted<K extends string, V> extends Map<K, V> {
  asked = 0
  override get(key: K): V | undefined {
    this.asked += 1
    return super.get(key)
  }
  override has(key: K): boolean {
    this.asked += 1
    return super.has(key)
  }
  private *counting<T>(all: Iterable<T>): Generator<T, undefined> {
    for (const each of all) {
      this.asked += 1
      yield each
    }
    return undefined
  }
  override entries() {
    return this.counting(super.entries())
  }
  override keys() {
    return this.counting(super.keys())
  }
  override values() {
    return this.counting(super.values())
  }
  override [Symbol.iterator]() {
    return this.counting(super.entries())
  }
  override forEach(each: (value: V, key: K, map: Map<K, V>) => void): void {
    for (const [key, value] of this) each(value, key, this)
  }
}

describe("a lookup", () => {
  it.effect.each([10, 1_000, 100_000])("with %i mappings in the map touches one entry", (size) =>
    Effect.gen(function* () {
      const time = WrittenTimestamp.make("2026-01-01T00:00:00Z")
      const entries = Array.from({ length: size }, (_, index) => {
        const id = WrittenSharedId.make(`m${index}`)
        const number = String(index).padStart(7, "0")
        const identities = [the("whatsapp", `+1555${number}`), the("telegram", `@user${number}`)]
        const mapping = { id, identities, createdAt: time, updatedAt: time }
        return [id, { mapping, raw: {} }] as const
      })
      const whole = mapOf(new Map(entries), new Map(), {})
      const counted = { ...whole, entries: new Counted(whole.entries), owners: new Counted(whole.owners) }
      const store = Layer.mock(IdentityStore, { current: Effect.succeed(counted) })
      yield* Effect.gen(function* () {
        const touched = (of: Effect.Effect<string, never, SessionKey>) =>
          Effect.gen(function* () {
            counted.entries.asked = 0
            counted.owners.asked = 0
            const key = yield* of
            return [key, counted.owners.asked, counted.entries.asked]
          })
        const hint = { provider: "whatsapp" } as const
        deepStrictEqual(yield* touched(keyOf("+15550000007", hint)), ["m7", 1, 1])
        // What may be one name of several is asked for under each.
        deepStrictEqual(yield* touched(keyOf("+15550000007")), ["m7", 2, 1])
        deepStrictEqual(yield* touched(keyOf("@USER0000003")), ["m3", 1, 1])
        // Who is not linked is asked for once per name, and finds no entry.
        deepStrictEqual(yield* touched(keyOf("+15559999999", hint)), ["+15559999999", 1, 0])
        deepStrictEqual(yield* touched(keyOf("+15559999999")), ["+15559999999", 2, 0])
        deepStrictEqual(yield* touched(keyOf("hello")), ["unknown:hello", 0, 0])
        deepStrictEqual(yield* touched(keyOf("1@g.us")), ["group:1@g.us", 0, 0])
      }).pipe(Effect.provide(Layer.provide(keys, store)))
      assert.strictEqual(Array.from(counted.owners).length, counted.owners.size)
      assert.isAtLeast(counted.owners.asked, 2 * size)
    })
  )
})

describe("an account under two mappings of a file edited by hand", () => {
  it("belongs to the first", () => {
    const time = WrittenTimestamp.make("2026-01-01T00:00:00Z")
    const john = the("telegram", "@john")
    const entry = (id: string, identities: ReadonlyArray<Identity>) =>
      [
        WrittenSharedId.make(id),
        {
          mapping: WrittenMapping.make({ id: WrittenSharedId.make(id), identities, createdAt: time, updatedAt: time }),
          raw: {}
        }
      ] as const
    const map = mapOf(
      new Map([entry("z", [john]), entry("a", [the("telegram", "@JOHN"), the("telegram", "7")])]),
      new Map(),
      {}
    )
    assert.strictEqual(map.owners.get(accountOf(john)), "z")
    assert.strictEqual(map.owners.get("telegram:7"), "a")
  })
})
