import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { Decision } from "../../src/identity/Decision.js"
import * as Identities from "../../src/identity/Identities.js"
import { accountOf, type Identity } from "../../src/identity/Identity.js"
import { empty } from "../../src/identity/IdentityMap.js"
import { WrittenSharedId } from "../../src/identity/IdentityMappingSchema.js"
import { IdentityStore } from "../../src/identity/IdentityStore.js"
import { memberships } from "../../src/identity/Membership.js"
import { providers } from "../../src/identity/Provider.js"
import { type Evidence, Nearest, nearest } from "../../src/session/Nearest.js"
import { ProviderDetector } from "../../src/session/ProviderDetector.js"
import type { SenderContext } from "../../src/session/SenderContext.js"
import { SessionKey } from "../../src/session/SessionKey.js"
import { fewIdentities, the } from "../identity/arbitrary.js"
import { layer, link, unlink, wild } from "./routing.js"

/** How routing answers, and what it is explained by. */
const explained = (context: SenderContext & { readonly From: string }, more: Partial<Evidence> = {}) =>
  Effect.gen(function* () {
    const { history, readable } = yield* IdentityStore
    const detector = yield* ProviderDetector
    const { route } = yield* SessionKey
    const found = yield* route("per-sender", context)
    const reason = nearest(found, {
      from: context.From,
      provider: Option.fromNullable(context.provider),
      readings: providers.flatMap((one) => Option.toArray(detector.account(one, context.From))),
      map: (yield* readable).value,
      memberships: memberships(yield* history),
      unreadable: Option.none(),
      ...more
    })
    return { route: found, reason }
  })

const reasonOf = (From: string, rest: Omit<SenderContext, "From"> = {}, more: Partial<Evidence> = {}) =>
  Effect.map(explained({ From, ...rest }, more), ({ reason }) => Option.getOrThrow(reason))

const change = (decision: Parameters<Identities.Identities["Type"]["change"]>[0]) =>
  Effect.flatMap(Identities.Identities, ({ change }) => change(decision))

const fresh = Effect.provide(layer)

const long = the("whatsapp", "+5511987654321")
const short = the("whatsapp", "+551187654321")
const phone = the("whatsapp", "+12345670001")
const text = the("twilio", "+12345670001")
const john = the("telegram", "@john")
const twilio = { provider: "twilio" } as const
const whatsapp = { provider: "whatsapp" } as const
const telegram = { provider: "telegram" } as const

describe("the nearest reason why a sender does not share", () => {
  it.effect.prop(
    "is there exactly if an account was looked for and not found in a mapping",
    [FastCheck.array(FastCheck.subarray([...fewIdentities], { minLength: 2 }), { maxLength: 3 }), wild],
    ([groups, From]) =>
      Effect.gen(function* () {
        for (const group of groups) yield* Effect.ignore(link(...group))
        const { reason, route } = yield* explained({ From })
        assert.strictEqual(Option.isSome(reason), route.why._tag === "Own" || route.why._tag === "Unknown")
      }).pipe(fresh)
  )

  it.effect.prop(
    "names a mapping that holds what it says, and to add the sender there makes him share",
    [
      FastCheck.array(FastCheck.subarray([long, short, phone, text, john], { minLength: 2 }), { maxLength: 3 }),
      FastCheck.nat(5),
      FastCheck.constantFrom(long, the("twilio", long.id), short, phone, text)
    ],
    ([groups, index, sender]) =>
      Effect.gen(function* () {
        const made = yield* Effect.forEach(groups, (group) => Effect.option(link(...group)))
        for (const id of Option.toArray(Option.flatten(Option.fromNullable(made[index])))) yield* unlink(id)
        const context = { From: sender.id, provider: sender.provider }
        const { reason } = yield* explained(context)
        const into = Option.match(reason, {
          onNone: () => undefined,
          onSome: Nearest.$match({
            MapUnreadable: () => undefined,
            NameTaken: () => undefined,
            TakenOut: ({ id, there }) => (there ? id : undefined),
            GoneByHand: () => undefined,
            OtherProvider: ({ linked, mapping }) => {
              assert.isTrue(linked.id === sender.id && linked.provider !== sender.provider)
              assert.include(mapping.identities.map(accountOf), accountOf(linked))
              return mapping.id
            },
            OtherSpelling: ({ linked, mapping }) => {
              deepStrictEqual(new Set([linked.id, sender.id]), new Set([long.id, short.id]))
              assert.include(mapping.identities.map(accountOf), accountOf(linked))
              return mapping.id
            },
            ProviderUnsaid: () => undefined,
            IsGroup: () => undefined,
            NoAccount: () => undefined,
            NotLinked: () => undefined
          })
        })
        if (into === undefined) return
        yield* change(Decision.Link({ identities: [sender], into }))
        const { route } = yield* explained(context)
        assert.strictEqual(String(route.key), String(into))
      }).pipe(fresh)
  )

  it.effect("is the same number at another provider", () =>
    Effect.gen(function* () {
      const id = yield* link(phone, john)
      const reason = yield* reasonOf(phone.id, twilio)
      assert.isTrue(Nearest.$is("OtherProvider")(reason))
      if (reason._tag !== "OtherProvider") return
      deepStrictEqual([reason.identity, reason.linked, reason.mapping.id], [text, phone, WrittenSharedId.make(id)])
    }).pipe(fresh)
  )

  it.effect("is another spelling, at the same provider or the other", () =>
    Effect.gen(function* () {
      yield* link(short, john)
      for (const [provider, identity] of [
        [whatsapp, long],
        [twilio, the("twilio", long.id)]
      ] as const) {
        const reason = yield* reasonOf(long.id, provider)
        assert.strictEqual(reason._tag, "OtherSpelling")
        if (reason._tag !== "OtherSpelling") return
        deepStrictEqual([reason.identity, reason.linked, reason.country], [identity, short, "Brazil"])
      }
      // The sender's own provider comes first.
      yield* link(the("twilio", short.id), the("telegram", "@Mary"))
      const reason = yield* reasonOf(long.id, twilio)
      assert.isTrue(reason._tag === "OtherSpelling" && reason.linked.provider === "twilio")
    }).pipe(fresh)
  )

  it.effect("is the change that took the account out, before all that others do", () =>
    Effect.gen(function* () {
      const id = yield* link(phone, text, john)
      yield* change(Decision.Remove({ id, identities: [text] }))
      const reason = yield* reasonOf(text.id, twilio)
      assert.isTrue(reason._tag === "TakenOut")
      if (reason._tag !== "TakenOut") return
      deepStrictEqual([reason.identity, reason.id, reason.record.sequence], [text, WrittenSharedId.make(id), 2])
      assert.isTrue(reason.there)
      yield* unlink(id)
      const gone = yield* reasonOf("@john")
      assert.isTrue(gone._tag === "TakenOut" && gone.record.sequence === 3 && !gone.there)
    }).pipe(fresh)
  )

  it.effect("is an edit by hand, where what is on record says that the account is linked", () =>
    Effect.gen(function* () {
      yield* link(phone, john)
      const all = memberships(yield* Effect.flatMap(IdentityStore, ({ history }) => history))
      const reason = yield* reasonOf(
        "@jane",
        {},
        { map: empty, memberships: new Map([["telegram:@jane", all.get("telegram:@john") ?? []]]) }
      )
      assert.isTrue(reason._tag === "GoneByHand" && reason.record.sequence === 1 && !reason.there)
    }).pipe(fresh)
  )

  it.effect("is that the username is another account's by now", () =>
    Effect.gen(function* () {
      const id = WrittenSharedId.make(yield* link(phone, john))
      yield* change(Decision.Pin({ id, username: john, number: the("telegram", "42") }))
      const reason = yield* reasonOf("77", { ...telegram, aliases: ["@john"] })
      deepStrictEqual(reason, Nearest.NameTaken({ id, username: john, number: the("telegram", "77") }))
      assertNone((yield* explained({ From: "42", ...telegram, aliases: ["@jane"] })).reason)
    }).pipe(fresh)
  )

  it.effect("is that the provider was not said, where it would make an account of the text", () =>
    Effect.gen(function* () {
      const id = yield* link(phone, the("telegram", "12345670001"))
      const reason = yield* reasonOf("12345670001")
      assert.isTrue(reason._tag === "ProviderUnsaid")
      if (reason._tag !== "ProviderUnsaid") return
      deepStrictEqual(
        reason.readings.map(({ identity, mapping }) => [
          identity.toString(),
          Option.map(mapping, ({ id }) => String(id))
        ]),
        [
          [phone.toString(), Option.some(id)],
          ["telegram:12345670001", Option.some(id)]
        ]
      )
      const scoped = yield* reasonOf("US.abc")
      assert.isTrue(scoped._tag === "ProviderUnsaid")
      if (scoped._tag !== "ProviderUnsaid") return
      deepStrictEqual(scoped.readings, [{ identity: the("twilio", "US.abc"), mapping: Option.none() }])
    }).pipe(fresh)
  )

  it.effect("is that the text is how Telegram names a group", () =>
    Effect.gen(function* () {
      for (const text of ["-100123", "telegram:-100123"]) {
        const reason = yield* reasonOf(text)
        assert.strictEqual(reason._tag === "IsGroup" ? reason.key : "", "group:telegram:-100123")
      }
      const { route } = yield* explained({ From: "group:telegram:-100123" })
      assert.strictEqual(route.key, "group:telegram:-100123")
    }).pipe(fresh)
  )

  it.effect("is that the text is no account, at the provider that was said, or at any", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* reasonOf("john"), Nearest.NoAccount({ provider: Option.none() }))
      deepStrictEqual(yield* reasonOf("john", telegram), Nearest.NoAccount({ provider: Option.some("telegram") }))
    }).pipe(fresh)
  )

  it.effect("is that the map cannot be read, for those who have an account", () =>
    Effect.gen(function* () {
      const unreadable = Option.some("line 1")
      deepStrictEqual(yield* reasonOf("@john", {}, { unreadable }), Nearest.MapUnreadable({ reason: "line 1" }))
      deepStrictEqual(yield* reasonOf("john", {}, { unreadable }), Nearest.NoAccount({ provider: Option.none() }))
    }).pipe(fresh)
  )

  it.effect("is else that nobody has linked the account", () =>
    Effect.gen(function* () {
      yield* link(phone, john)
      const strangers: ReadonlyArray<Identity> = [the("telegram", "@jane"), the("whatsapp", "12345670001@lid"), long]
      for (const one of strangers) assertSome((yield* explained({ From: one.toString() })).reason, Nearest.NotLinked())
    }).pipe(fresh)
  )
})
