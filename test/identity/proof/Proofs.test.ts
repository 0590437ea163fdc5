import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"
import { ConfigInvalid } from "../../../src/config/ConfigFile.js"
import { Decision } from "../../../src/identity/Decision.js"
import { Identities } from "../../../src/identity/Identities.js"
import * as IdentityStore from "../../../src/identity/IdentityStore.js"
import type { Limits } from "../../../src/identity/LinkingSettings.js"
import { attempts, forgotten, lifetime, pause } from "../../../src/identity/proof/Book.js"
import { Asked, Confirmed, Parting, Presented } from "../../../src/identity/proof/Outcome.js"
import { Proofs } from "../../../src/identity/proof/Proofs.js"
import { ProofStore } from "../../../src/identity/proof/ProofStore.js"
import { Actor } from "../../../src/identity/Recorded.js"
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
  next,
  phone,
  present,
  together
} from "./fixture.js"

const wrong = "ZZZZ-ZZZZ"

describe("two accounts", () => {
  it.effect("are linked when both have sent the word that each was sent, and not before", () =>
    Effect.gen(function* () {
      const code = yield* ask(john)
      deepStrictEqual(yield* together(john), [])
      const { asker, into, word } = yield* claimed(phone, code)
      deepStrictEqual([String(asker.account), Option.isNone(into)], ["telegram:42", true])
      deepStrictEqual(yield* together(john), [])
      const waiting = as("Waiting", yield* confirm(phone, word))
      assert.strictEqual(String(waiting.asker.account), "telegram:42")
      deepStrictEqual(yield* together(john), [])
      const done = as("Linked", yield* confirm(john, yield* grant))
      assert.strictEqual(String(done.joiner.account), "twilio:+1234567890")
      deepStrictEqual(yield* together(john), ["telegram:42", "twilio:+1234567890"])
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("are on record as linked by chat, whoever runs the relay, and the operator can undo it", () =>
    Effect.gen(function* () {
      yield* Effect.provideService(linked(john, phone), Actor, "relay")
      const { change, history } = yield* Identities
      deepStrictEqual(
        (yield* history).map(({ action, by }) => [action, by]),
        [["link", "chat"]]
      )
      yield* change({ _tag: "Undo" })
      deepStrictEqual(yield* together(john), [])
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("share as much of what was said before as each of them lets the other see", () =>
    Effect.forEach(
      [
        [false, false, "none"],
        [true, false, "telegram:42"],
        [false, true, "twilio:+1234567890"],
        [true, true, undefined]
      ] as const,
      ([asker, joiner, keep]) =>
        Effect.gen(function* () {
          deepStrictEqual((yield* linked(john, phone, asker, joiner)).sharing, { asker, joiner })
          const { find } = yield* Identities
          assert.strictEqual(Option.getOrThrow(yield* find(john.account)).keep, keep)
        }).pipe(Effect.provide(fixture.layer))
    )
  )

  it.effect(
    "are told of each other: the asker with the word, the joiner when it is done, each until it was delivered",
    () =>
      Effect.gen(function* () {
        const proofs = yield* Proofs
        const { word } = yield* claimed(phone, yield* ask(john))
        deepStrictEqual(yield* proofs.due, [])
        const id = (yield* proofs.pending)[0]?.id ?? ""
        const accepted = { _tag: "Accepted", id } as const
        yield* proofs.told(accepted)
        yield* confirm(phone, word, true)
        const [first] = yield* proofs.due
        assert.deepInclude(first, { _tag: "Accepted", id, to: john, joiner: phone, share: true, members: [] })
        const [one, other] = [yield* proofs.word(id), yield* proofs.word(id)].map(Option.getOrThrow)
        assert.notStrictEqual(one, other)
        yield* proofs.told(accepted)
        deepStrictEqual(yield* proofs.due, [])
        as("Wrong", yield* confirm(john, one ?? ""))
        as("Linked", yield* confirm(john, other ?? ""))
        // That the first was delivered may be known only after it was answered.
        yield* proofs.told(accepted)
        const [second] = yield* proofs.due
        assert.deepInclude(second, { _tag: "Settled", id, to: phone, asker: john, linked: true })
        assertNone(yield* proofs.word(id))
        yield* proofs.told({ _tag: "Settled", id })
        yield* proofs.told({ _tag: "Settled", id: "code-of-nobody" })
        deepStrictEqual(yield* proofs.due, [])
      }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("come together in the asker's mapping, if there is one", () =>
    Effect.gen(function* () {
      yield* linked(john, phone)
      const { into, word } = yield* claimed(mom, yield* ask(john))
      deepStrictEqual(Option.getOrThrow(into).identities.map(String), ["telegram:42", "twilio:+1234567890"])
      yield* confirm(mom, word)
      const { due } = yield* Proofs
      const notices = yield* due
      assert.deepInclude(notices.at(-1), { members: [john.account, phone.account] })
      deepStrictEqual(as("Linked", yield* confirm(john, yield* grant)).members, [john.account, phone.account])
      deepStrictEqual(yield* together(mom), ["whatsapp:+1987654321", "telegram:42", "twilio:+1234567890"])
    }).pipe(Effect.provide(fixture.layer))
  )
})

describe("a code", () => {
  it.effect("is good to the last millisecond of ten minutes, and not at the end of them", () =>
    Effect.gen(function* () {
      const [early, late] = [yield* ask(john), yield* ask(mom)]
      yield* TestClock.adjust(lifetime - 1)
      as("Confirm", yield* present(phone, early))
      yield* TestClock.adjust(1)
      as("Unknown", yield* present(mallory, late))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("is used once: whoever sends it again finds nothing, at every later step", () =>
    Effect.gen(function* () {
      const code = yield* ask(john)
      const { word } = yield* claimed(phone, code)
      const replayed = Effect.zipRight(
        Effect.flatMap(present(mom, code), (one) => Effect.sync(() => as("Unknown", one))),
        Effect.flatMap(present(phone, code), (one) => Effect.sync(() => as("Unknown", one)))
      )
      yield* replayed
      yield* confirm(phone, word)
      const granted = yield* grant
      yield* replayed
      as("Linked", yield* confirm(john, granted))
      as("Unknown", yield* present(mallory, code))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("has one winner among fifty who send it at the same time", () =>
    Effect.gen(function* () {
      const code = yield* ask(john)
      const all = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, n) => end(`telegram:${1000 + n}`)),
        (joiner) => present(joiner, code),
        { concurrency: "unbounded" }
      )
      deepStrictEqual(
        [all.filter(({ _tag }) => _tag === "Confirm").length, all.filter(({ _tag }) => _tag === "Unknown").length],
        [1, 49]
      )
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("takes the place of the account's earlier one, under whichever of its names it asks", () =>
    Effect.gen(function* () {
      const first = yield* ask(mom)
      const second = yield* ask(end("whatsapp:99@lid"))
      as("Unknown", yield* present(john, first))
      as("Confirm", yield* present(john, second))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("takes the place of an earlier one that had come further, whose words are void", () =>
    Effect.gen(function* () {
      const { word } = yield* claimed(mallory, yield* ask(john))
      yield* ask(john)
      as("Wrong", yield* confirm(mallory, word))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("of the same account, or of one that it is linked with, is not used up, and is no wrong one", () =>
    Effect.gen(function* () {
      const code = yield* ask(john)
      as("Own", yield* present(end("telegram:42"), code))
      yield* claimed(phone, code)
      yield* linked(mom, phone)
      const again = yield* ask(mom)
      as("Together", yield* present(phone, again))
      as("Confirm", yield* present(john, again))
      const { failures } = yield* Effect.flatMap(ProofStore, ({ book }) => book)
      deepStrictEqual(failures, [])
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("sent by somebody who is linked otherwise is refused, says nothing of anybody, and is not used up", () =>
    Effect.gen(function* () {
      yield* linked(mom, phone)
      const code = yield* ask(john)
      deepStrictEqual(yield* present(phone, code), Presented.Elsewhere())
      as("Confirm", yield* present(mallory, code))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("is refused to whom the configuration excludes under any name, and where there would be too many", () =>
    Effect.gen(function* () {
      const office = end("telegram:7", "telegram:@Office")
      const code = yield* ask(john)
      deepStrictEqual(yield* present(office, code), Presented.Excluded())
      const proofs = yield* Proofs
      deepStrictEqual(yield* proofs.ask(office, next()), Asked.Excluded())
      yield* linked(john, phone)
      deepStrictEqual(yield* present(mom, yield* ask(john)), Presented.Excluded())
    }).pipe(Effect.provide(fixture.limited({ maxIdentities: 2, neverLink: [identity("telegram:@office")] })))
  )

  it.effect("is refused where one who was linked with the asker before is excluded now, and is not used up", () =>
    Effect.gen(function* () {
      const limits = yield* Ref.make<Partial<Limits>>({})
      yield* Effect.gen(function* () {
        yield* linked(john, phone)
        const code = yield* ask(john)
        yield* Ref.set(limits, { neverLink: [phone.account] })
        deepStrictEqual(yield* present(mom, code), Presented.Excluded())
        yield* Ref.set(limits, {})
        as("Confirm", yield* present(mom, code))
      }).pipe(Effect.provide(fixture.over(fixture.memory, Ref.get(limits))))
    })
  )

  it.effect("makes the joiner give up what it was about to confirm before, and nothing else", () =>
    Effect.gen(function* () {
      const { word } = yield* claimed(phone, yield* ask(john))
      const second = yield* claimed(phone, yield* ask(mom))
      as("Wrong", yield* confirm(phone, word))
      as("Waiting", yield* confirm(phone, second.word))
    }).pipe(Effect.provide(fixture.layer))
  )
})

describe("wrong codes and words", () => {
  it.effect("stop an account at the fifth, for a quarter of an hour, even for the right one; others go on", () =>
    Effect.gen(function* () {
      const code = yield* ask(john)
      for (let left = attempts - 1; left >= 0; left--) {
        deepStrictEqual(yield* present(mallory, wrong), Presented.Unknown({ left }))
      }
      const until = pause
      deepStrictEqual(yield* present(mallory, code), Presented.Paused({ until }))
      deepStrictEqual(yield* confirm(mallory, "ZZZ99"), Confirmed.Paused({ until }))
      as("Confirm", yield* present(phone, code))
      yield* TestClock.adjust(pause - 1)
      const second = yield* ask(mom)
      as("Paused", yield* present(mallory, second))
      yield* TestClock.adjust(1)
      as("Confirm", yield* present(mallory, second))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("are counted together, and a right one in between does not set them back", () =>
    Effect.gen(function* () {
      for (const n of [1, 2]) assert.strictEqual(as("Unknown", yield* present(mallory, wrong)).left, attempts - n)
      yield* claimed(mallory, yield* ask(john))
      for (const n of [3, 4, 5]) assert.strictEqual(as("Wrong", yield* confirm(mallory, "ZZZ99")).left, attempts - n)
      as("Paused", yield* present(mallory, wrong))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("are those of one account, under whichever of its names it comes", () =>
    Effect.gen(function* () {
      const [number, id] = [end("whatsapp:+1987654321"), end("whatsapp:99@lid")]
      for (const left of [4, 3]) deepStrictEqual(yield* present(number, wrong), Presented.Unknown({ left }))
      // That it is the same, only this one says.
      deepStrictEqual(yield* present(id, wrong), Presented.Unknown({ left: 4 }))
      const message = next()
      deepStrictEqual(yield* present(mom, wrong, message), Presented.Unknown({ left: 1 }))
      deepStrictEqual(yield* present(number, wrong, message), Presented.Unknown({ left: 1 }))
      deepStrictEqual(yield* present(id, wrong), Presented.Unknown({ left: 0 }))
      for (const one of [number, id, mom]) as("Paused", yield* present(one, wrong))
      as("Unknown", yield* present(mallory, wrong))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("are forgotten a quarter of an hour after the last", () =>
    Effect.gen(function* () {
      for (const _ of [1, 2, 3, 4]) yield* present(mallory, wrong)
      yield* TestClock.adjust(pause)
      deepStrictEqual(yield* present(mallory, wrong), Presented.Unknown({ left: attempts - 1 }))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("end at the fifth all for which the account was sent a word, and not the code that it has given out", () =>
    Effect.gen(function* () {
      const { part, pending } = yield* Proofs
      yield* linked(phone, mallory)
      const own = yield* ask(phone)
      yield* claimed(john, own)
      const joining = yield* claimed(mom, yield* ask(phone))
      yield* confirm(mom, joining.word)
      const granted = yield* grant
      const leaving = as("Confirm", yield* part(phone))
      for (const _ of [1, 2, 3, 4, 5]) as("Wrong", yield* confirm(phone, "ZZZ99"))
      deepStrictEqual(yield* pending, [])
      yield* TestClock.adjust(pause)
      for (const word of [granted, leaving.word]) as("Wrong", yield* confirm(phone, word))
      assert.lengthOf(yield* together(phone), 2)
      const code = yield* ask(john)
      const { word } = yield* claimed(mom, yield* ask(mallory))
      for (const _ of [1, 2, 3]) as("Wrong", yield* confirm(mom, "ZZZ99"))
      for (const _ of [1, 2, 3, 4, 5]) as("Unknown", yield* present(john, wrong))
      as("Confirm", yield* present(end("telegram:7"), code))
      as("Waiting", yield* confirm(mom, word))
    }).pipe(Effect.provide(fixture.layer))
  )
})

describe("a word", () => {
  it.effect("is good for the account that it was sent to, in its own step, and for nobody else", () =>
    Effect.gen(function* () {
      const { word } = yield* claimed(phone, yield* ask(john))
      as("Wrong", yield* confirm(john, word))
      as("Wrong", yield* confirm(mallory, word))
      as("Waiting", yield* confirm(phone, word))
      as("Wrong", yield* confirm(phone, word))
      const granted = yield* grant
      as("Wrong", yield* confirm(phone, granted))
      as("Linked", yield* confirm(john, granted))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("is good for ten minutes, at each of the steps anew", () =>
    Effect.gen(function* () {
      const { word } = yield* claimed(phone, yield* ask(john))
      yield* TestClock.adjust(lifetime - 1)
      as("Waiting", yield* confirm(phone, word))
      const granted = yield* grant
      yield* TestClock.adjust(lifetime - 1)
      as("Linked", yield* confirm(john, granted))
      const late = yield* claimed(mom, yield* ask(mallory))
      yield* TestClock.adjust(lifetime)
      as("Wrong", yield* confirm(mom, late.word))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("is awaited from whom it was sent to, under any name, and from nobody else", () =>
    Effect.gen(function* () {
      const { expects } = yield* Proofs
      assert.isFalse(yield* expects(mom))
      const { word } = yield* claimed(end("whatsapp:99@lid"), yield* ask(john))
      deepStrictEqual([yield* expects(mom), yield* expects(john)], [true, false])
      as("Waiting", yield* confirm(mom, word))
      deepStrictEqual([yield* expects(mom), yield* expects(john)], [false, true])
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("links nobody if one of the two, or the mapping, has changed since they were asked", () =>
    Effect.gen(function* () {
      const { change } = yield* Identities
      const link = (...all: ReadonlyArray<typeof john>) =>
        Effect.map(
          change(Decision.Link({ identities: all.map(({ account }) => account) })),
          ({ mapping }) => Option.getOrThrow(mapping).id
        )
      const tried = (between: Effect.Effect<unknown, unknown, Identities>) =>
        Effect.gen(function* () {
          const { word } = yield* claimed(mom, yield* ask(john))
          yield* confirm(mom, word)
          yield* between
          return yield* confirm(john, yield* grant)
        })
      const id = yield* link(john, phone)
      // Somebody more would hear it.
      deepStrictEqual(
        yield* tried(change(Decision.Link({ identities: [mallory.account], into: id }))),
        Confirmed.Overtaken()
      )
      // Somebody else would.
      yield* change(Decision.Remove({ id, identities: [mallory.account] }))
      deepStrictEqual(
        yield* tried(
          Effect.zipRight(
            change(Decision.Remove({ id, identities: [phone.account] })),
            change(Decision.Link({ identities: [mallory.account], into: id }))
          )
        ),
        Confirmed.Overtaken()
      )
      // It is another mapping.
      deepStrictEqual(
        yield* tried(Effect.zipRight(change(Decision.Unlink({ id })), link(john, mallory))),
        Confirmed.Overtaken()
      )
      const [settled] = (yield* Effect.flatMap(Proofs, ({ due }) => due)).filter(({ _tag }) => _tag === "Settled")
      assert.deepInclude(settled, { linked: false, to: mom })
      // There is none, where none was.
      yield* change(
        Decision.Unlink({
          id: Option.getOrThrow(yield* Effect.flatMap(Identities, ({ find }) => find(john.account))).id
        })
      )
      deepStrictEqual(yield* tried(link(john, phone)), Confirmed.Overtaken())
      // The operator was faster.
      as(
        "Linked",
        yield* tried(
          Effect.flatMap(Identities, ({ find }) =>
            Effect.flatMap(find(john.account), (mapping) =>
              change(Decision.Link({ identities: [mom.account], into: Option.getOrThrow(mapping).id }))
            )
          )
        )
      )
    }).pipe(Effect.provide(fixture.layer))
  )
})

describe("what both have confirmed", () => {
  const changing = Effect.gen(function* () {
    const limits = yield* Ref.make<Effect.Effect<Partial<Limits>, ConfigInvalid>>(Effect.succeed({}))
    return { limits, layer: fixture.over(fixture.memory, Effect.flatten(Ref.get(limits))) }
  })
  const broken = new ConfigInvalid({ problems: [{ source: "clawdis.json", reason: "broken" }] })
  const agreed = Effect.gen(function* () {
    const { word } = yield* claimed(phone, yield* ask(john))
    yield* confirm(phone, word)
    return yield* grant
  })

  it.effect("is done when the asker sends its word again, where it could not be done at once, and by no other", () =>
    Effect.gen(function* () {
      const { layer, limits } = yield* changing
      yield* Effect.gen(function* () {
        const word = yield* agreed
        yield* Ref.set(limits, Effect.fail(broken))
        const message = next()
        strictEqual((yield* Effect.flip(confirm(john, word, true, message)))._tag, "ConfigInvalid")
        strictEqual((yield* Effect.flip(confirm(john, word, true, message)))._tag, "ConfigInvalid")
        deepStrictEqual(yield* together(john), [])
        yield* Ref.set(limits, Effect.succeed({}))
        yield* TestClock.adjust("1 hour")
        assert.isTrue(yield* Effect.flatMap(Proofs, ({ expects }) => expects(john)))
        as("Wrong", yield* confirm(john, "ZZZ99"))
        as("Wrong", yield* confirm(phone, word))
        deepStrictEqual(yield* together(john), [])
        assert.isTrue(as("Linked", yield* confirm(john, word)).sharing.asker)
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("is not done by a word for something else, nor by what the other said before coming again", () =>
    Effect.gen(function* () {
      const { layer, limits } = yield* changing
      yield* Effect.gen(function* () {
        const { part } = yield* Proofs
        yield* linked(john, mom)
        const { word } = yield* claimed(phone, yield* ask(john))
        const accepting = next()
        as("Waiting", yield* confirm(phone, word, false, accepting))
        const granted = yield* grant
        yield* Ref.set(limits, Effect.fail(broken))
        strictEqual((yield* Effect.flip(confirm(john, granted)))._tag, "ConfigInvalid")
        yield* Ref.set(limits, Effect.succeed({}))
        deepStrictEqual(yield* confirm(phone, word, false, accepting), Confirmed.Repeated())
        as("Parted", yield* confirm(john, as("Confirm", yield* part(john)).word))
        deepStrictEqual([yield* together(john), yield* together(phone)], [[], []])
        as("Wrong", yield* confirm(john, granted))
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("and was not done is void when one of the two begins anew or leaves", () =>
    Effect.forEach(
      [
        ask(john),
        Effect.gen(function* () {
          const { change } = yield* Identities
          const { part } = yield* Proofs
          yield* change(Decision.Link({ identities: [phone.account, mom.account] }))
          as("Parted", yield* confirm(phone, as("Confirm", yield* part(phone)).word))
        })
      ],
      (between) =>
        Effect.gen(function* () {
          const { layer, limits } = yield* changing
          yield* Effect.gen(function* () {
            const word = yield* agreed
            yield* Ref.set(limits, Effect.fail(broken))
            strictEqual((yield* Effect.flip(confirm(john, word)))._tag, "ConfigInvalid")
            yield* Ref.set(limits, Effect.succeed({}))
            yield* between
            as("Wrong", yield* confirm(john, word))
            deepStrictEqual(yield* together(john), [])
          }).pipe(Effect.provide(layer))
        })
    )
  )

  it.effect("is not written down any more where it was revoked or forgotten while it was done", () =>
    Effect.gen(function* () {
      const { layer, limits } = yield* changing
      yield* Effect.gen(function* () {
        const { due, pending, revoke } = yield* Proofs
        const word = yield* agreed
        const [agreeing] = yield* pending
        yield* Ref.set(limits, Effect.as(Effect.orDie(revoke(agreeing?.id ?? "")), {}))
        as("Linked", yield* confirm(john, word))
        deepStrictEqual([yield* pending, yield* due], [[], []])
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("is not done where the configuration does not let it any more", () =>
    Effect.forEach(
      [{ neverLink: [phone.account] }, { neverLink: [identity("telegram:@john")] }, { maxIdentities: 1 }],
      (after) =>
        Effect.gen(function* () {
          const { layer, limits } = yield* changing
          yield* Effect.gen(function* () {
            const word = yield* agreed
            yield* Ref.set(limits, Effect.succeed(after))
            deepStrictEqual(yield* confirm(john, word), Confirmed.Overtaken())
            deepStrictEqual(yield* together(john), [])
          }).pipe(Effect.provide(layer))
        })
    )
  )
})

describe("a message that comes again, after a crash", () => {
  it.effect("has its answer made anew where the step waits for that, and makes no step twice", () =>
    Effect.gen(function* () {
      const proofs = yield* Proofs
      const asking = next()
      const lost = yield* ask(john, asking)
      const code = yield* ask(john, asking)
      const sending = next()
      as("Unknown", yield* present(phone, lost))
      const first = as("Confirm", yield* present(phone, code, sending))
      const second = as("Confirm", yield* present(phone, code, sending))
      deepStrictEqual(yield* proofs.ask(john, asking), Asked.Repeated())
      as("Wrong", yield* confirm(phone, first.word))
      const accepting = next()
      as("Waiting", yield* confirm(phone, second.word, true, accepting))
      as("Waiting", yield* confirm(phone, second.word, false, accepting))
      deepStrictEqual(yield* present(phone, code, sending), Presented.Repeated())
      const granted = yield* grant
      const granting = next()
      const done = as("Linked", yield* confirm(john, granted, false, granting))
      deepStrictEqual(yield* confirm(john, granted, true, granting), done)
      deepStrictEqual(done.sharing, { asker: false, joiner: true })
      deepStrictEqual(yield* confirm(phone, second.word, true, accepting), Confirmed.Repeated())
      deepStrictEqual(yield* confirm(phone, second.word, true, sending), Confirmed.Repeated())
      const { failures, handshakes } = yield* Effect.flatMap(ProofStore, ({ book }) => book)
      deepStrictEqual([failures[0]?.count, handshakes.length], [2, 1])
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("is wrong once", () =>
    Effect.gen(function* () {
      const message = next()
      deepStrictEqual(yield* present(mallory, wrong, message), yield* present(mallory, wrong, message))
    }).pipe(Effect.provide(fixture.layer))
  )
})

describe("an account", () => {
  it.effect("belongs to the mapping that any of its names leads to", () =>
    Effect.gen(function* () {
      const { belongs } = yield* Proofs
      assertNone(yield* belongs(john))
      yield* linked(john, phone)
      deepStrictEqual(Option.getOrThrow(yield* belongs(john)).identities, [john.account, phone.account])
    }).pipe(Effect.provide(fixture.layer))
  )
})

describe("leaving", () => {
  it.effect("takes the account alone out of its mapping, when it has sent back the word that it was sent", () =>
    Effect.gen(function* () {
      const proofs = yield* Proofs
      deepStrictEqual(yield* proofs.part(john), Parting.NotLinked())
      yield* linked(john, phone)
      const { mapping, word: void_ } = as("Confirm", yield* proofs.part(john))
      assert.strictEqual(mapping.identities.length, 2)
      const { word } = as("Confirm", yield* proofs.part(john))
      assert.isTrue(yield* proofs.expects(john))
      as("Wrong", yield* confirm(phone, word))
      as("Wrong", yield* confirm(john, void_))
      const message = next()
      as("Parted", yield* confirm(john, word, false, message))
      as("Parted", yield* confirm(john, word, false, message))
      deepStrictEqual([yield* together(john), yield* together(phone)], [[], ["twilio:+1234567890"]])
      as("Wrong", yield* confirm(john, word))
      const { history } = yield* Identities
      deepStrictEqual((yield* history).at(-1)?.by, "chat")
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("is not written down where the account was forgotten while it was taken out", () =>
    Effect.gen(function* () {
      const meanwhile = yield* Ref.make<Effect.Effect<void>>(Effect.void)
      const watched = Layer.map(IdentityStore.layerMemory, (context) => {
        const store = Context.get(context, IdentityStore.IdentityStore)
        const commit: typeof store.commit = (base, plan) =>
          Effect.zipLeft(store.commit(base, plan), Effect.flatten(Ref.get(meanwhile)))
        return Context.make(IdentityStore.IdentityStore, { ...store, commit })
      })
      yield* Effect.gen(function* () {
        const { part } = yield* Proofs
        const { book, change } = yield* ProofStore
        yield* linked(john, phone)
        const { word } = as("Confirm", yield* part(phone))
        const forgetting = change((book) => [undefined, forgotten(book, phone.account)])
        yield* Ref.set(meanwhile, Effect.orDie(forgetting))
        as("Parted", yield* confirm(phone, word))
        deepStrictEqual((yield* book).farewells, [])
      }).pipe(Effect.provide(fixture.over(fixture.memory, undefined, watched)))
    })
  )

  it.effect("is possible for ten minutes, and is done with where somebody has done it meanwhile", () =>
    Effect.gen(function* () {
      const proofs = yield* Proofs
      const { change, list } = yield* Identities
      yield* linked(john, phone)
      const late = as("Confirm", yield* proofs.part(john))
      yield* TestClock.adjust(lifetime)
      as("Wrong", yield* confirm(john, late.word))
      const { word } = as("Confirm", yield* proofs.part(john))
      for (const { id } of yield* list) yield* change(Decision.Unlink({ id }))
      as("Parted", yield* confirm(john, word))
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect(
    "takes out whatever the account is linked as: by its number, its username, or one that is bound to it",
    () =>
      Effect.gen(function* () {
        const { change } = yield* Identities
        const proofs = yield* Proofs
        const left = (...names: ReadonlyArray<string>) =>
          Effect.gen(function* () {
            const { mapping } = yield* change(Decision.Link({ identities: names.map(identity) }))
            const { id } = Option.getOrThrow(mapping)
            if (names.includes("telegram:@elder")) {
              yield* change(
                Decision.Pin({ id, username: identity("telegram:@elder"), number: identity("telegram:42") })
              )
            }
            const { word } = as("Confirm", yield* proofs.part(john))
            as("Parted", yield* confirm(john, word))
            const { plan } = { plan: yield* change(Decision.Unlink({ id })) }
            return Option.getOrThrow(plan.mapping).identities.map(String)
          })
        deepStrictEqual(yield* left("telegram:42", "whatsapp:+1555555555"), ["whatsapp:+1555555555"])
        deepStrictEqual(yield* left("telegram:@john", "whatsapp:+1555555555"), ["whatsapp:+1555555555"])
        deepStrictEqual(yield* left("telegram:@elder", "telegram:@other", "whatsapp:+1555555555"), [
          "whatsapp:+1555555555",
          "telegram:@other"
        ])
      }).pipe(Effect.provide(fixture.layer))
  )
})

describe("an operator's code", () => {
  it.effect("has somebody join an account, which is asked as if it had asked itself", () =>
    Effect.gen(function* () {
      const proofs = yield* Proofs
      const { place: _, ...silent } = john
      const { code, id, until } = yield* proofs.invite(Option.some(silent), Option.some("Jo"))
      deepStrictEqual(until, lifetime)
      deepStrictEqual(
        (yield* proofs.pending).map((one) => [one.id, one.by]),
        [[id, "cli"]]
      )
      const { word } = yield* claimed(phone, code)
      yield* confirm(phone, word)
      deepStrictEqual(yield* together(john), [])
      as("Linked", yield* confirm(john, yield* grant))
      const { find } = yield* Identities
      assert.strictEqual(Option.getOrThrow(yield* find(john.account)).name, "Jo")
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("that begins a mapping gives its first sender another to pass on, and proof is asked of both", () =>
    Effect.gen(function* () {
      const proofs = yield* Proofs
      const { code } = yield* proofs.invite(Option.none(), Option.some("Family"))
      const message = next()
      const lost = as("Given", yield* present(john, code, message))
      assertSome(lost.name, "Family")
      const { code: own } = as("Given", yield* present(john, code, message))
      as("Unknown", yield* present(mallory, code))
      as("Unknown", yield* present(mallory, lost.code))
      const { word } = yield* claimed(phone, own)
      yield* confirm(phone, word)
      as("Linked", yield* confirm(john, yield* grant))
      const { find } = yield* Identities
      assert.strictEqual(Option.getOrThrow(yield* find(john.account)).name, "Family")
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("that begins a mapping is refused to whom the configuration excludes, and has one winner", () =>
    Effect.gen(function* () {
      const proofs = yield* Proofs
      const { code } = yield* proofs.invite(Option.none(), Option.none())
      deepStrictEqual(yield* present(mom, code), Presented.Excluded())
      const all = yield* Effect.forEach([john, phone, mallory], (one) => present(one, code), {
        concurrency: "unbounded"
      })
      deepStrictEqual(all.map(({ _tag }) => _tag).sort(), ["Given", "Unknown", "Unknown"])
    }).pipe(Effect.provide(fixture.limited({ neverLink: [mom.account] })))
  )

  it.effect("is not given for an account that the configuration excludes", () =>
    Effect.gen(function* () {
      const { invite } = yield* Proofs
      const error = yield* Effect.flip(invite(Option.some(mom), Option.none()))
      assert.strictEqual(error._tag, "IdentityNeverLinked")
    }).pipe(Effect.provide(fixture.limited({ neverLink: [mom.account] })))
  )

  it.effect("that was used is pending no more, and revoking it undoes nothing", () =>
    Effect.gen(function* () {
      const proofs = yield* Proofs
      const { code, id } = yield* proofs.invite(Option.some(john), Option.none())
      const { word } = yield* claimed(phone, code)
      yield* confirm(phone, word)
      yield* confirm(john, yield* grant)
      deepStrictEqual([yield* proofs.pending, yield* proofs.revoke(id)], [[], false])
      assert.lengthOf(yield* together(john), 2)
    }).pipe(Effect.provide(fixture.layer))
  )

  it.effect("can be revoked, with all that it has begun", () =>
    Effect.gen(function* () {
      const proofs = yield* Proofs
      const { code, id } = yield* proofs.invite(Option.some(john), Option.none())
      const { word } = yield* claimed(phone, code)
      deepStrictEqual([yield* proofs.revoke(id), yield* proofs.revoke(id)], [true, false])
      as("Wrong", yield* confirm(phone, word))
      deepStrictEqual(yield* proofs.pending, [])
    }).pipe(Effect.provide(fixture.layer))
  )
})
