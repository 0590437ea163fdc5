// Four accounts do anything in any order, and one of them also in the name of another: whatever they do, nobody is linked whose
// owner has not sent the word that only he was sent.
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import { Identities } from "../../../src/identity/Identities.js"
import { accountOf } from "../../../src/identity/Identity.js"
import { codeIn } from "../../../src/identity/proof/CodeForm.js"
import type { End } from "../../../src/identity/proof/End.js"
import type { Confirmed } from "../../../src/identity/proof/Outcome.js"
import { Proofs } from "../../../src/identity/proof/Proofs.js"
import * as fixture from "./fixture.js"

const actors = [fixture.john, fixture.phone, fixture.mom, fixture.mallory] as const
const mallory = 3
type Actor = 0 | 1 | 2 | 3

/** What has happened, as far as the law is about it. */
interface Model {
  /** Codes can be passed on by whoever has them; so everybody knows all, those that are over too. */
  readonly codes: Array<string>
  /** The words that each account was sent, and which its owner passes on to nobody. */
  readonly words: ReadonlyArray<Array<string>>
  /** Which owners have confirmed that they join whom. */
  readonly proven: Set<string>
  /** Any two that came together by both their proofs. */
  readonly pairs: Set<string>
  links: number
}

/** A clock that the test sets. That of TestClock lets real time pass at each step, and there are tens of thousands. */
const clockAt = (time: { now: number }): Clock.Clock => ({
  ...Clock.make(),
  unsafeCurrentTimeMillis: () => time.now,
  unsafeCurrentTimeNanos: () => BigInt(time.now) * 1_000_000n,
  currentTimeMillis: Effect.sync(() => time.now),
  currentTimeNanos: Effect.sync(() => BigInt(time.now) * 1_000_000n)
})

interface World {
  readonly time: { now: number }
  readonly runtime: ManagedRuntime.ManagedRuntime<Proofs | Identities, never>
}

const account = (one: End): string => accountOf(one.account)

const run = <A, E>(world: World, effect: Effect.Effect<A, E, Proofs | Identities>): A => {
  const exit = world.runtime.runSyncExit(effect)
  return Exit.isSuccess(exit) ? exit.value : assert.fail(String(exit.cause))
}

/** Everybody in a mapping came into it by proofs of both ends, through somebody who is in it. */
const holds = (model: Model, world: World): void => {
  for (const mapping of run(
    world,
    Effect.flatMap(Identities, ({ list }) => list)
  )) {
    const members = mapping.identities.map(accountOf)
    for (const one of members) {
      const other = members.some((two) => model.pairs.has([one, two].sort().join(" ")))
      assert.isTrue(members.length === 1 || other, `${one} is in a mapping without a proof`)
    }
  }
}

/** Each message is sent by the owner of the account, or by Mallory, who can forge all but what he was never sent. */
interface Sending {
  readonly as: Actor
  readonly forged: boolean
}

const told = (sending: Sending, word: string, model: Model) => {
  const own = model.words[sending.forged ? mallory : sending.as] ?? []
  return own.includes(word)
}

class Step implements FastCheck.Command<Model, World> {
  constructor(
    readonly name: string,
    readonly change: (model: Model, world: World) => void
  ) {}
  check = () => true
  run(model: Model, world: World): void {
    this.change(model, world)
    holds(model, world)
  }
  toString = () => this.name
}

const nth = <A>(all: ReadonlyArray<A>, n: number): Option.Option<A> =>
  all.length === 0 ? Option.none() : Option.fromNullable(all[all.length - 1 - (n % all.length)])

const confirmed = (sending: Sending, word: string, outcome: Confirmed, model: Model): void => {
  const end = actors[sending.as]
  if (outcome._tag === "Waiting" || outcome._tag === "Linked") {
    assert.isTrue(told(sending, word, model), `${account(end)} confirmed by a word that it was not sent`)
    assert.isFalse(sending.forged && sending.as !== mallory, `${account(end)} confirmed without its owner`)
  }
  if (outcome._tag === "Waiting") model.proven.add(`${account(end)} joins ${account(outcome.asker)}`)
  if (outcome._tag === "Linked") {
    const joiner = account(outcome.joiner)
    assert.isTrue(model.proven.delete(`${joiner} joins ${account(end)}`), `${joiner} has not confirmed`)
    model.pairs.add([account(end), joiner].sort().join(" "))
    model.links += 1
  }
}

const asking = (as: Actor): Step =>
  new Step(`${account(actors[as])} asks`, (model, world) => {
    const asked = run(
      world,
      Effect.flatMap(Proofs, ({ ask }) => ask(actors[as], fixture.next()))
    )
    if (asked._tag === "Given") model.codes.push(asked.code)
  })

const presenting = (as: Actor, n: number): Step =>
  new Step(`${account(actors[as])} sends code ${n}`, (model, world) => {
    const code = Option.getOrElse(nth(model.codes, n), () => "ZZZZ-ZZZZ")
    assert.isTrue(Option.isSome(codeIn(code)))
    const presented = run(world, fixture.present(actors[as], code))
    // Whoever sent it, the word goes to the account.
    if (presented._tag === "Confirm") model.words[as]?.push(presented.word)
    if (presented._tag === "Given") model.codes.push(presented.code)
  })

const notifying = new Step("those who wait are told", (model, world) => {
  for (const notice of run(
    world,
    Effect.flatMap(Proofs, ({ due }) => due)
  )) {
    const to = actors.findIndex((one) => account(one) === account(notice.to))
    const word = run(
      world,
      Effect.flatMap(Proofs, ({ word }) => word(notice.id))
    )
    if (Option.isSome(word)) model.words[to]?.push(word.value)
    run(
      world,
      Effect.flatMap(Proofs, ({ told }) => told(notice))
    )
  }
})

/** The owner sends what he was sent, a forger what he was sent himself, or anything that comes to mind. */
const confirming = (as: Actor, n: number, forged: boolean, share: boolean): Step =>
  new Step(`${account(actors[as])}${forged ? ", forged," : ""} sends word ${n}`, (model, world) => {
    const known = model.words[forged ? mallory : as] ?? []
    const word = Option.getOrElse(nth(known, n), () => "ZZZ99")
    confirmed({ as, forged }, word, run(world, fixture.confirm(actors[as], word, share)), model)
  })

/** Owners who are asked answer, as people do, with what they were sent last. */
const answering = (share: boolean): Step =>
  new Step("all owners answer", (model, world) => {
    for (const as of [0, 1, 2, 3] as const) {
      const word = nth(model.words[as] ?? [], 0)
      const expected = run(
        world,
        Effect.flatMap(Proofs, ({ expects }) => expects(actors[as]))
      )
      if (expected && Option.isSome(word)) confirming(as, 0, false, share).change(model, world)
    }
  })

const leaving = (as: Actor): Step =>
  new Step(`${account(actors[as])} leaves`, (model, world) => {
    const parting = run(
      world,
      Effect.flatMap(Proofs, ({ part }) => part(actors[as]))
    )
    if (parting._tag === "Confirm") model.words[as]?.push(parting.word)
  })

const inviting = (as: Option.Option<Actor>): Step =>
  new Step("the operator invites", (model, world) => {
    const asker = Option.map(as, (one) => actors[one])
    const { code } = run(
      world,
      Effect.flatMap(Proofs, ({ invite }) => invite(asker, Option.none()))
    )
    model.codes.push(code)
  })

const waiting = (minutes: number): Step =>
  new Step(`${minutes} minutes pass`, (_, { time }) => {
    time.now += minutes * 60_000
  })

const actor = FastCheck.constantFrom<Actor>(0, 1, 2, 3)
const few = FastCheck.nat(2)

const commands = FastCheck.commands(
  [
    actor.map(asking),
    FastCheck.tuple(actor, few).map(([as, n]) => presenting(as, n)),
    actor.map((as) => presenting(as, 0)),
    FastCheck.constant(notifying),
    FastCheck.tuple(actor, few, FastCheck.boolean(), FastCheck.boolean()).map(([as, n, forged, share]) =>
      confirming(as, n, forged, share)
    ),
    FastCheck.boolean().map(answering),
    FastCheck.boolean().map(answering),
    actor.map(leaving),
    FastCheck.option(actor).map((as) => inviting(Option.fromNullable(as))),
    FastCheck.constantFrom(1, 9, 11, 16).map(waiting)
  ],
  { maxCommands: 30, size: "max" }
)

const worldOf = (): World => {
  const time = { now: 0 }
  return { time, runtime: ManagedRuntime.make(Layer.provideMerge(fixture.layer, Layer.setClock(clockAt(time)))) }
}

describe("four actors", () => {
  it("link nobody without proof from both ends, whatever they do in which order, and one of them forges", () => {
    let links = 0
    FastCheck.assert(
      FastCheck.property(commands, (steps) => {
        const model: Model = { codes: [], words: [[], [], [], []], proven: new Set(), pairs: new Set(), links: 0 }
        FastCheck.modelRun(() => ({ model, real: worldOf() }), steps)
        links += model.links
      }),
      { numRuns: 2_000 }
    )
    // A law that nobody comes near to would say nothing.
    assert.isAbove(links, 100)
  })
})
