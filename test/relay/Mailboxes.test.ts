import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type { Message } from "../../src/channels/Message.js"
import * as Mailboxes from "../../src/relay/Mailboxes.js"
import { RelaySettings } from "../../src/relay/RelaySettings.js"
import { direct } from "../support/channel.js"
import { below, link, settingsOf, settled, unlink } from "./fixture.js"

const mailboxes = (settings: { readonly maxTurns?: number; readonly maxWaiting?: number } = {}) =>
  Mailboxes.layerMemory.pipe(
    Layer.provideMerge(below()),
    Layer.provideMerge(Layer.succeed(RelaySettings, settingsOf(settings)))
  )

const whatsapp = "+1234567890"
const say = (text: string, from = whatsapp) => direct("whatsapp", from, text)
const tell = (text: string, from = "telegram:42") => direct("telegram", from, text)

/** Turns that the test ends, and in which order what began and ended. */
const stage = () => {
  const events: Array<string> = []
  const gates = new Map<string, Deferred.Deferred<void>>()
  const gate = (name: string) =>
    Effect.suspend(() => {
      const known = gates.get(name)
      if (known !== undefined) return Effect.succeed(known)
      return Effect.tap(Deferred.make<void>(), (made) => Effect.sync(() => gates.set(name, made)))
    })
  const note = (event: string) => Effect.sync(() => void events.push(event))
  const turn = ({ text }: Message) =>
    note(`begin ${text}`).pipe(
      Effect.zipRight(Effect.flatMap(gate(text), Deferred.await)),
      Effect.zipRight(note(`answer ${text}`)),
      Effect.as(Effect.flatMap(gate(`deliver ${text}`), Deferred.await).pipe(Effect.zipRight(note(`deliver ${text}`))))
    )
  const open = (...names: ReadonlyArray<string>) =>
    Effect.zipRight(
      Effect.forEach(names, (name) => Effect.flatMap(gate(name), (found) => Deferred.succeed(found, undefined))),
      settled
    )
  /** Ends a turn with its delivery. */
  const finish = (...names: ReadonlyArray<string>) => open(...names.flatMap((name) => [name, `deliver ${name}`]))
  return { events, turn, open, finish }
}

const endless = { input: Effect.never, stop: Effect.never }

const posting = (...messages: ReadonlyArray<Message>) =>
  Effect.flatMap(Mailboxes.Mailboxes, ({ post }) => Effect.zipLeft(Effect.forEach(messages, post), settled))

const running = (turn: Mailboxes.Turn, ends: Mailboxes.Ends = endless) =>
  Effect.flatMap(Mailboxes.Mailboxes, ({ run }) => Effect.forkScoped(run(turn, ends)))

const begun = (events: ReadonlyArray<string>) =>
  events.filter((event) => event.startsWith("begin")).map((event) => event.slice("begin ".length))

describe("Mailboxes", () => {
  it.scoped("turns of one conversation come one after another, in the order of the messages", () =>
    Effect.gen(function* () {
      const { events, finish, turn } = stage()
      yield* link("whatsapp:+1234567890", "telegram:42")
      yield* running(turn)
      yield* posting(say("1"), tell("2"), say("3"))
      assert.deepStrictEqual(events, ["begin 1"])
      yield* finish("1")
      assert.deepStrictEqual(begun(events), ["1", "2"])
      yield* finish("3", "2")
      assert.deepStrictEqual(
        events,
        ["1", "2", "3"].flatMap((name) => [`begin ${name}`, `answer ${name}`, `deliver ${name}`])
      )
    }).pipe(Effect.provide(mailboxes()))
  )

  it.scoped("the next turn of a conversation begins when the answer before it is delivered", () =>
    Effect.gen(function* () {
      const { events, open, turn } = stage()
      yield* running(turn)
      yield* posting(say("1"), say("2"))
      yield* open("1")
      assert.deepStrictEqual(events, ["begin 1", "answer 1"])
      yield* open("deliver 1")
      assert.deepStrictEqual(begun(events), ["1", "2"])
    }).pipe(Effect.provide(mailboxes()))
  )

  it.scoped("different conversations are answered side by side up to the bound, in the order of arrival", () =>
    Effect.gen(function* () {
      const { events, finish, turn } = stage()
      yield* running(turn)
      const people = ["+1111111", "+2222222", "+3333333", "+4444444"]
      yield* posting(...people.map((from) => say(from, from)))
      assert.deepStrictEqual(begun(events), ["+1111111", "+2222222"])
      yield* finish("+2222222")
      assert.deepStrictEqual(begun(events), ["+1111111", "+2222222", "+3333333"])
    }).pipe(Effect.provide(mailboxes({ maxTurns: 2 })))
  )

  it.scoped("who has many messages waiting takes one place, and others pass", () =>
    Effect.gen(function* () {
      const { events, turn } = stage()
      yield* running(turn)
      yield* posting(say("1"), say("2"), say("3"), tell("other"))
      assert.deepStrictEqual(begun(events), ["1", "other"])
    }).pipe(Effect.provide(mailboxes({ maxTurns: 2 })))
  )

  it.scoped("an answer that takes long to deliver takes no place from those who wait for Claude", () =>
    Effect.gen(function* () {
      const { events, open, turn } = stage()
      yield* running(turn)
      yield* posting(say("1"), tell("2"))
      assert.deepStrictEqual(begun(events), ["1"])
      yield* open("1")
      assert.deepStrictEqual(begun(events), ["1", "2"])
    }).pipe(Effect.provide(mailboxes({ maxTurns: 1 })))
  )

  it.scoped("a turn or a delivery that breaks ends only itself", () =>
    Effect.gen(function* () {
      const { events, finish, turn } = stage()
      yield* running((message) =>
        message.text === "bad turn"
          ? Effect.die("bad")
          : message.text === "bad delivery"
            ? Effect.succeed(Effect.die("bad"))
            : turn(message)
      )
      yield* posting(say("bad turn"), say("bad delivery"), say("good"))
      yield* finish("good")
      assert.deepStrictEqual(events, ["begin good", "answer good", "deliver good"])
    }).pipe(Effect.provide(mailboxes({ maxTurns: 1 })))
  )

  it.scoped("an unlink takes effect on what waits: the two people are apart at once, each in order", () =>
    Effect.gen(function* () {
      const { events, finish, turn } = stage()
      const id = yield* link("whatsapp:+1234567890", "telegram:42")
      yield* running(turn)
      yield* posting(say("w1"), tell("t1"), say("w2"), tell("t2"))
      assert.deepStrictEqual(begun(events), ["w1"])
      yield* unlink(id)
      yield* posting(say("w3"))
      assert.deepStrictEqual(begun(events), ["w1", "t1"])
      yield* finish("w1")
      assert.deepStrictEqual(begun(events), ["w1", "t1", "w2"])
      yield* finish("t1", "w2")
      assert.deepStrictEqual(begun(events), ["w1", "t1", "w2", "t2", "w3"])
    }).pipe(Effect.provide(mailboxes()))
  )

  it.scoped("a link takes effect on what waits, and nobody overtakes himself by it", () =>
    Effect.gen(function* () {
      const { events, finish, turn } = stage()
      yield* running(turn)
      yield* posting(say("w1"), say("w2"))
      yield* link("whatsapp:+1234567890", "telegram:42")
      yield* posting(say("w3"), tell("t1"))
      assert.deepStrictEqual(begun(events), ["w1"])
      yield* finish("w1")
      assert.deepStrictEqual(begun(events), ["w1", "w2"])
      yield* finish("w2")
      assert.deepStrictEqual(begun(events), ["w1", "w2", "w3"])
      yield* finish("w3")
      assert.deepStrictEqual(begun(events), ["w1", "w2", "w3", "t1"])
    }).pipe(Effect.provide(mailboxes()))
  )

  it.scoped("one sender has only so many waiting; others are not concerned, and the first refusal is known", () =>
    Effect.gen(function* () {
      const { finish, turn } = stage()
      yield* running(turn)
      yield* posting(say("1"))
      assert.deepStrictEqual(yield* posting(say("2"), say("3"), say("4"), say("5")), [
        "waiting",
        "waiting",
        "refused",
        "refused again"
      ])
      assert.deepStrictEqual(yield* posting(say("x", "+1999999999"), direct("twilio", whatsapp, "y")), [
        "waiting",
        "waiting"
      ])
      assert.deepStrictEqual(yield* posting(tell("a")), ["waiting"])
      assert.deepStrictEqual(yield* posting(tell("b"), tell("c")), ["waiting", "waiting"])
      yield* finish("1")
      assert.deepStrictEqual(yield* posting(say("6"), say("7")), ["waiting", "refused"])
    }).pipe(Effect.provide(mailboxes({ maxWaiting: 2 })))
  )

  it.scoped("after the end of the input it answers what waits, and returns", () =>
    Effect.gen(function* () {
      const { events, finish, turn } = stage()
      const input = yield* Deferred.make<void>()
      const run = yield* running(turn, { input: Deferred.await(input), stop: Effect.never })
      yield* posting(say("1"), say("2"))
      yield* Deferred.succeed(input, undefined)
      yield* finish("1", "2")
      assert.strictEqual(yield* Fiber.join(run), 0)
      assert.deepStrictEqual(begun(events), ["1", "2"])
    }).pipe(Effect.provide(mailboxes()))
  )

  it.scoped("after a stop it begins no turn, finishes those that run with their delivery, and counts the rest", () =>
    Effect.gen(function* () {
      const { events, open, turn } = stage()
      const stop = yield* Deferred.make<void>()
      const run = yield* running(turn, { input: Effect.never, stop: Deferred.await(stop) })
      yield* posting(say("1"), say("2"), say("3"))
      yield* Deferred.succeed(stop, undefined)
      yield* posting(tell("late"))
      yield* open("1")
      assert.isNull(run.unsafePoll())
      yield* open("deliver 1")
      assert.strictEqual(yield* Fiber.join(run), 3)
      assert.deepStrictEqual(events, ["begin 1", "answer 1", "deliver 1"])
    }).pipe(Effect.provide(mailboxes()))
  )

  it.scoped("with nothing to do, the end of the input and a stop end it at once", () =>
    Effect.gen(function* () {
      const { run } = yield* Mailboxes.Mailboxes
      assert.strictEqual(yield* run(stage().turn, { input: Effect.void, stop: Effect.never }), 0)
      assert.strictEqual(yield* run(stage().turn, { input: Effect.never, stop: Effect.void }), 0)
    }).pipe(Effect.provide(mailboxes()))
  )
})
