import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import { unwatched } from "../../../src/channels/Channel.js"
import { Address, type Message } from "../../../src/channels/Message.js"
import { parse } from "../../../src/identity/Identity.js"
import { atHome, family, john, passing, setup } from "./fixture.js"

const to = Address.make("1234567890@s.whatsapp.net")

describe("WhatsAppChannel sends", () => {
  it.effect("a part of the greatest length, to a person who has never written", () =>
    Effect.gen(function* () {
      const { channel, whatsapp } = yield* setup()
      const address = Option.getOrThrow(channel.addressOf(Option.getOrThrow(parse("whatsapp", "+1234567890"))))
      const part = "ä".repeat(channel.limit)
      yield* channel.send(address, part)
      const [sent] = (yield* whatsapp.seen).sent
      assert.strictEqual(sent?.text, part)
      assert.include(sent?.openedBy ?? [], john.phone)
    }).pipe(atHome)
  )

  it.effect.each([
    [463, false, /they have to write first/],
    [403, false, /does not let this account write there/],
    [400, false, /declined it \(400\)/],
    [500, true, /\(500\)/],
    [479, true, /\(479\)/]
  ] as const)(
    "what WhatsApp declines with %d is said, and tried again only where that may help",
    ([error, again, reason]) =>
      Effect.gen(function* () {
        const { channel, whatsapp } = yield* setup()
        yield* whatsapp.decline(error)
        const failed = yield* Effect.flip(channel.send(to, "Hello"))
        assert.strictEqual(failed.again, again)
        assert.match(failed.message, reason)
      }).pipe(atHome)
  )

  it.effect("what WhatsApp is silent about goes out again under its id, and the same words later under another", () =>
    Effect.gen(function* () {
      const { channel, whatsapp } = yield* setup()
      yield* whatsapp.decline("silence")
      const failing = yield* Effect.fork(Effect.flip(channel.send(to, "Hello")))
      yield* whatsapp.until(({ sent }) => sent.length === 1)
      yield* passing("1 minute")
      assert.isTrue((yield* Fiber.join(failing)).again)
      yield* channel.send(to, "Hello")
      yield* channel.send(to, "Hello")
      const [first, second, third] = (yield* whatsapp.seen).sent
      assert.strictEqual(first?.id, second?.id)
      assert.notStrictEqual(second?.id, third?.id)
    }).pipe(atHome)
  )

  it.effect(
    "answers that fibers give which began while a message was being accepted, so that all of them can be opened",
    () =>
      Effect.gen(function* () {
        const { channel, whatsapp } = yield* setup()
        const run = yield* FiberSet.makeRuntime<never>()
        let delay = 0
        // What a program that is started here calls when it ends belongs to where it was started, as these timers do.
        const accept = ({ address, text }: Message) =>
          Effect.sync(() => {
            delay += 300
            setTimeout(() => run(channel.send(address, `answer to ${text}`)), delay)
          })
        yield* Effect.forkScoped(channel.run(accept, unwatched))
        for (const text of ["one", "two", "three"]) yield* whatsapp.say(john, text)
        yield* whatsapp.until(({ received }) => received.length === 3)
        const { sent } = yield* whatsapp.until(({ sent }) => sent.length === 3)
        assert.sameMembers(
          sent.map(({ text }) => text),
          ["answer to one", "answer to two", "answer to three"]
        )
        yield* whatsapp.say(john, "four")
        yield* whatsapp.until(({ received }) => received.length === 4)
      }).pipe(atHome)
  )

  it.effect("nothing to a group that it is not in, and says so for good", () =>
    Effect.gen(function* () {
      const { channel } = yield* setup()
      const failed = yield* Effect.flip(channel.send(Address.make("999-999@g.us"), "Hello"))
      assert.deepStrictEqual(
        [failed.again, failed.reason],
        [false, "WhatsApp does not let this account write there (403)"]
      )
    }).pipe(atHome)
  )

  it.effect.each(["telegram", "123456789", "+1234567890", "status@broadcast", "x@newsletter"])(
    "nothing to %s, which is no address of its own",
    (address) =>
      Effect.gen(function* () {
        const { channel, whatsapp } = yield* setup()
        const failed = yield* Effect.flip(channel.send(Address.make(address), "Hello"))
        assert.deepStrictEqual([failed.again, failed.reason], [false, "this is not a WhatsApp address"])
        assert.strictEqual((yield* whatsapp.seen).connections, 2)
      }).pipe(atHome)
  )

  it.effect("by itself only to WhatsApp's own accounts", () =>
    Effect.gen(function* () {
      const { channel } = yield* setup()
      assertSome(
        channel.addressOf(Option.getOrThrow(parse("whatsapp", "99887766554433@lid"))),
        Address.make("99887766554433@lid")
      )
      assertNone(channel.addressOf(Option.getOrThrow(parse("telegram", "123456789"))))
      assertNone(channel.addressOf(Option.getOrThrow(parse("twilio", "+1234567890"))))
    }).pipe(atHome)
  )

  it.effect("that somebody is writing, where it is connected and nowhere else", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* channel.typing(to)
      assert.strictEqual((yield* whatsapp.seen).connections, 2)
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.say(john, "by LID", { by: "lid" })
      const { address } = yield* Queue.take(inbox)
      yield* channel.typing(address)
      yield* channel.typing(to)
      yield* channel.typing(Address.make(family.id))
      yield* channel.typing(Address.make("nobody"))
      const { typing } = yield* whatsapp.until(({ typing }) => typing.length === 3)
      assert.deepStrictEqual(typing, ["99887766554433@lid", to, family.id])
    }).pipe(atHome)
  )

  it.effect("that a message was read, when an answer to it is being written, if that is wanted", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup({ readReceipts: true })
      yield* Effect.fork(channel.run(accept))
      const first = yield* whatsapp.say(john, "one")
      const { address } = yield* Queue.take(inbox)
      assert.deepStrictEqual((yield* whatsapp.seen).read, [])
      yield* channel.typing(address)
      yield* whatsapp.until(({ read }) => read.includes(first))
      const second = yield* whatsapp.say(john, "two")
      yield* Queue.take(inbox)
      yield* channel.send(address, "An answer without typing")
      const { read } = yield* whatsapp.until(({ read }) => read.length === 2)
      assert.deepStrictEqual(read, [first, second])
    }).pipe(atHome)
  )

  it.effect("a part as soon as WhatsApp has taken it, whatever becomes of what else it is told", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup({ readReceipts: true })
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.say(john, "one")
      const { address } = yield* Queue.take(inbox)
      yield* whatsapp.ignore("privacy")
      yield* channel.send(address, "An answer")
      assert.strictEqual((yield* whatsapp.seen).sent[0]?.text, "An answer")
    }).pipe(atHome)
  )

  it.effect("nothing of what was read, if that is not wanted", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.say(john, "one")
      const { address } = yield* Queue.take(inbox)
      yield* channel.typing(address)
      yield* channel.send(address, "An answer")
      yield* channel.typing(address)
      const { read } = yield* whatsapp.until(({ typing }) => typing.length === 2)
      assert.deepStrictEqual(read, [])
    }).pipe(atHome)
  )
})
