// The five classes of pre-hijacking (Sudhodanan and Paverd, "Pre-hijacked accounts", USENIX Security 2022), as they would
// look here: the attacker prepares something for an account that is not his, and waits until its owner links it.
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Decision } from "../../../src/identity/Decision.js"
import { Identities } from "../../../src/identity/Identities.js"
import { lifetime, pause } from "../../../src/identity/proof/Book.js"
import { Proofs } from "../../../src/identity/proof/Proofs.js"
import * as fixture from "./fixture.js"
import {
  as,
  ask,
  claimed,
  confirm,
  end,
  grant,
  identity,
  john,
  linked,
  mallory,
  mom,
  phone,
  present,
  together
} from "./fixture.js"

describe("pre-hijacking", () => {
  it.effect("classic-federated merge: two ways in are not merged because they look like one person's", () =>
    Effect.gen(function* () {
      // Mallory has the victim's number at another provider (a SIM once hers), and a mapping with it.
      const sameNumber = end("whatsapp:+1234567890")
      yield* linked(mallory, sameNumber)
      // The victim, who has the number at Twilio, links with John, and is in nothing of Mallory's by that.
      yield* linked(john, phone)
      deepStrictEqual(yield* together(phone), ["telegram:42", "twilio:+1234567890"])
      // And nobody who is linked is merged into another mapping by a code.
      as("Elsewhere", yield* present(phone, yield* ask(mallory)))
      as("Elsewhere", yield* present(mallory, yield* ask(phone)))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("unexpired session identifier: what was begun before is void when its account begins anew or leaves", () =>
    Effect.gen(function* () {
      const { part } = yield* Proofs
      // Mallory has sent a code of the victim's and sits on her word.
      const before = yield* claimed(mallory, yield* ask(john))
      yield* linked(john, phone)
      as("Wrong", yield* confirm(mallory, before.word))
      // She has even accepted, and waits for a confirmation that is hers no more after the victim has left.
      const second = yield* claimed(mallory, yield* ask(john))
      as("Waiting", yield* confirm(mallory, second.word))
      const granted = yield* grant
      const { word } = as("Confirm", yield* part(john))
      as("Parted", yield* confirm(john, word))
      as("Wrong", yield* confirm(john, granted))
      deepStrictEqual([yield* together(mallory), yield* together(john)], [[], []])
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("trojan identifier: an account slipped in between the question and the answer stops the link", () =>
    Effect.gen(function* () {
      const { change } = yield* Identities
      // John and Mallory share a conversation, and she puts more into it while the victim decides.
      yield* linked(john, mallory)
      const { word } = yield* claimed(mom, yield* ask(john))
      as("Waiting", yield* confirm(mom, word))
      const trojan = end("telegram:667")
      const { word: hers } = yield* claimed(trojan, yield* ask(mallory))
      as("Waiting", yield* confirm(trojan, hers))
      const { due, word: wordFor } = yield* Proofs
      const words = new Map<string, string>()
      for (const { id, to } of (yield* due).filter(({ _tag }) => _tag === "Accepted"))
        words.set(String(to.account), Option.getOrThrow(yield* wordFor(id)))
      as("Linked", yield* confirm(mallory, words.get("telegram:666") ?? ""))
      as("Overtaken", yield* confirm(john, words.get("telegram:42") ?? ""))
      deepStrictEqual(yield* together(mom), [])
      // A username of the victim's that somebody else has put into a mapping counts: it is no second way in.
      yield* change(Decision.Link({ identities: [identity("telegram:@victim"), identity("telegram:1000")] }))
      as("Elsewhere", yield* present(end("telegram:43", "telegram:@victim"), yield* ask(phone)))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("trojan identifier: nor does one that is slipped in at the same moment", () =>
    Effect.gen(function* () {
      const trojan = end("telegram:667")
      yield* linked(john, mallory)
      const { due, part, word: wordFor } = yield* Proofs
      const words = new Map<string, string>()
      for (const [joiner, asker] of [
        [mom, john],
        [trojan, mallory]
      ] as const) {
        as("Waiting", yield* confirm(joiner, (yield* claimed(joiner, yield* ask(asker))).word))
      }
      for (const { id, to } of (yield* due).filter(({ _tag }) => _tag === "Accepted"))
        words.set(String(to.account), Option.getOrThrow(yield* wordFor(id)))
      const both = [john, mallory].map((one) => confirm(one, words.get(String(one.account)) ?? ""))
      const results = yield* Effect.all(both, { concurrency: "unbounded" })
      deepStrictEqual(results.map(({ _tag }) => _tag).sort(), ["Linked", "Overtaken"])
      assert.lengthOf(yield* together(john), 3)
      // As little does one of those who share it go at that moment: who comes in has met him there.
      as("Waiting", yield* confirm(phone, (yield* claimed(phone, yield* ask(mallory))).word))
      const granted = yield* grant
      const { word } = as("Confirm", yield* part(john))
      const [linking] = yield* Effect.all([confirm(mallory, granted), confirm(john, word)], {
        concurrency: "unbounded"
      })
      as("Linked", linking)
      const { history } = yield* Identities
      deepStrictEqual(
        (yield* history).slice(-2).map(({ action }) => action),
        ["link", "unlink"]
      )
    }).pipe(
      // The configuration is read from a file, which takes its time.
      Effect.provide(fixture.over(fixture.memory, Effect.as(Effect.repeatN(Effect.yieldNow(), 10), {})))
    )
  )

  it.effect(
    "unexpired change: a code or a word from before the account changed hands is worth nothing after its time",
    () =>
      Effect.gen(function* () {
        const code = yield* ask(phone)
        const { word } = yield* claimed(john, yield* ask(mom))
        yield* TestClock.adjust(lifetime)
        // The number is another person's by now.
        as("Unknown", yield* present(mallory, code))
        as("Wrong", yield* confirm(john, word))
        deepStrictEqual((yield* Effect.flatMap(Proofs, ({ pending }) => pending)).length, 0)
      }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("non-verifying provider: who can forge a sender, but not read what is sent to him, comes to nothing", () =>
    Effect.gen(function* () {
      const guesses = Effect.forEach(["AAA22", "BBB33", "CCC44", "DDD55", "EEE66"], (word) => confirm(phone, word))
      // As the joiner: the word goes to the number, whoever sent the code in its name.
      yield* claimed(phone, yield* ask(mallory))
      yield* guesses
      yield* TestClock.adjust(pause)
      // As the asker: the code goes to the number; and had she seen it, so would the word.
      const { word } = yield* claimed(mallory, yield* ask(phone))
      yield* confirm(mallory, word)
      yield* grant
      yield* guesses
      deepStrictEqual([yield* together(phone), yield* together(mallory)], [[], []])
      // And nobody is thrown out in his name.
      yield* TestClock.adjust(pause)
      yield* linked(phone, john)
      const { part } = yield* Proofs
      as("Confirm", yield* part(phone))
      yield* guesses
      assert.lengthOf(yield* together(phone), 2)
    }).pipe(Effect.provide(fixture.layer))
  )
})
