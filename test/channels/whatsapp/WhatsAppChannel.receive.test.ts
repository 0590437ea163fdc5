import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { NotTaken } from "../../../src/channels/Channel.js"
import { Address } from "../../../src/channels/Message.js"
import { withLogs } from "../../support/logs.js"
import { atHome, family, john, mary, moment, setup, stranger } from "./fixture.js"

describe("WhatsAppChannel receives", () => {
  it.effect("a message comes in as the person wrote it, and an answer goes out that only its people can open", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      const id = yield* whatsapp.say(john, "Hello 👋")
      const message = yield* Queue.take(inbox)
      assert.deepInclude(message, {
        channel: "whatsapp",
        id,
        author: "whatsapp:+1234567890",
        address: Address.make("1234567890@s.whatsapp.net"),
        text: "Hello 👋"
      })
      yield* whatsapp.until(({ received }) => received.includes(id))
      yield* channel.send(message.address, "Hello, John")
      const { sent } = yield* whatsapp.until(({ sent }) => sent.length === 1)
      assert.strictEqual(sent[0]?.text, "Hello, John")
      assert.sameMembers([...(sent[0]?.openedBy ?? [])], [john.phone, whatsapp.account.phone])
    }).pipe(atHome)
  )

  it.effect("one person is one sender, by phone and by LID, and is answered at the address of the message", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.say(john, "by LID", { by: "lid" })
      yield* whatsapp.say(john, "by phone", { by: "phone" })
      // Which phone it is, WhatsApp has said before.
      yield* whatsapp.say(john, "by LID alone", { by: "lid alone" })
      const messages = yield* Effect.replicateEffect(Queue.take(inbox), 3)
      assert.deepStrictEqual(
        messages.map(({ sender, text }) => [text, sender.From]),
        [
          ["by LID", "whatsapp:+1234567890"],
          ["by phone", "whatsapp:+1234567890"],
          ["by LID alone", "whatsapp:+1234567890"]
        ]
      )
      for (const { address, text } of messages) yield* channel.send(address, `You wrote ${text}`)
      const { sent } = yield* whatsapp.seen
      assert.deepStrictEqual(
        sent.map(({ to }) => to),
        ["99887766554433@lid", "1234567890@s.whatsapp.net", "99887766554433@lid"]
      )
      for (const { openedBy } of sent) assert.include(openedBy, john.phone)
    }).pipe(atHome)
  )

  it.effect("of whom only the LID is known stays a sender of that name, and can be answered", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.say(stranger, "Guess who", { by: "lid alone" })
      const { address, author, sender } = yield* Queue.take(inbox)
      assert.deepStrictEqual(
        [author, sender],
        [
          "whatsapp:55443322110099@lid",
          { From: "whatsapp:55443322110099@lid", provider: "whatsapp", chatType: "direct" }
        ]
      )
      yield* channel.send(address, "No idea")
      const { sent } = yield* whatsapp.seen
      assert.include(sent[0]?.openedBy ?? [], stranger.phone)
    }).pipe(atHome)
  )

  it.effect("a message is acknowledged only after it was accepted", () =>
    Effect.gen(function* () {
      const { channel, whatsapp } = yield* setup()
      const asked = yield* Deferred.make<void>()
      const allow = yield* Deferred.make<void>()
      yield* Effect.fork(channel.run(() => Effect.zipRight(Deferred.succeed(asked, undefined), Deferred.await(allow))))
      const id = yield* whatsapp.say(john, "Hello")
      yield* Deferred.await(asked)
      yield* moment
      const before = yield* whatsapp.seen
      assert.deepStrictEqual([before.waiting, before.received], [[id], []])
      yield* Deferred.succeed(allow, undefined)
      yield* whatsapp.until(({ received, waiting }) => received.includes(id) && waiting.length === 0)
    }).pipe(atHome)
  )

  it.effect("a message that was being accepted when the relay ended is handed over after the next start, once", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      const stuck = yield* Deferred.make<void>()
      const running = yield* Effect.fork(
        channel.run(() => Effect.zipRight(Deferred.succeed(stuck, undefined), Effect.never))
      )
      const id = yield* whatsapp.say(john, "Hello")
      yield* Deferred.await(stuck)
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual((yield* whatsapp.seen).waiting, [id])
      yield* whatsapp.cut
      yield* Effect.fork(Effect.retry(channel.run(accept), { times: 3 }))
      assert.deepInclude(yield* Queue.take(inbox), { id, text: "Hello" })
      // WhatsApp delivers it again, too, and it cannot be opened twice.
      const { received, refused } = yield* whatsapp.until(({ waiting }) => waiting.length === 0)
      assert.deepStrictEqual([received, refused], [[id], []])
      yield* whatsapp.say(john, "And this")
      assert.deepInclude(yield* Queue.take(inbox), { text: "And this" })
    }).pipe(atHome)
  )

  it.effect("where a message cannot be kept the channel fails, and the message comes again", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      const running = yield* Effect.fork(Effect.flip(channel.run(() => new NotTaken({ reason: "the disk is full" }))))
      const id = yield* whatsapp.say(john, "Hello")
      const { reason } = yield* Fiber.join(running)
      assert.include(reason, "the disk is full")
      const seen = yield* whatsapp.until(({ open }) => !open)
      assert.deepStrictEqual([seen.waiting, seen.received, seen.refused], [[id], [], []])
      yield* Effect.fork(channel.run(accept))
      assert.strictEqual((yield* Queue.take(inbox)).id, id)
    }).pipe(atHome)
  )

  it.effect("what is delivered again after it was accepted is acknowledged again, and not handed over again", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      const running = yield* Effect.fork(Effect.flip(channel.run(accept)))
      const inFamily = (text: string) =>
        whatsapp.pushIn(family, mary, {
          extendedTextMessage: { text, contextInfo: { mentionedJid: [`${whatsapp.account.lid}@lid`] } }
        })
      const first = yield* whatsapp.say(john, "once")
      yield* Queue.take(inbox)
      // From now on those of John are sealed in another form than the first.
      yield* channel.send(Address.make("1234567890@s.whatsapp.net"), "An answer")
      const ids = [first, yield* whatsapp.say(john, "twice"), yield* inFamily("all of us")]
      const texts = Effect.replicateEffect(Queue.take(inbox), 2)
      assert.deepStrictEqual(
        (yield* texts).map(({ text }) => text),
        ["twice", "all of us"]
      )
      const everything = [...ids, ...ids]
      yield* whatsapp.until(({ received }) => received.length === ids.length)
      yield* whatsapp.cut
      yield* Fiber.join(running)
      for (const id of ids) yield* whatsapp.again(id)
      yield* Effect.fork(Effect.retry(channel.run(accept), { times: 3 }))
      const { received, refused } = yield* whatsapp.until(({ waiting }) => waiting.length === 0)
      assert.deepStrictEqual([received, refused], [everything, []])
      yield* whatsapp.say(john, "and then")
      yield* inFamily("all")
      assert.deepStrictEqual(
        (yield* texts).map(({ text }) => text),
        ["and then", "all"]
      )
    }).pipe(atHome)
  )

  it.effect("messages are received in their order, those that waited before those that come", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      const texts = Array.from({ length: 12 }, (_, index) => `message ${index}`)
      const begun = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      for (const text of texts.slice(0, 6)) yield* whatsapp.say(john, text)
      const slowly = Effect.zipRight(Deferred.succeed(begun, undefined), Deferred.await(goOn))
      yield* Effect.fork(channel.run((message) => Effect.zipRight(slowly, accept(message))))
      yield* Deferred.await(begun)
      for (const text of texts.slice(6)) yield* whatsapp.say(john, text, { by: "lid" })
      yield* moment
      yield* Deferred.succeed(goOn, undefined)
      const received = yield* Effect.replicateEffect(Queue.take(inbox), 12)
      assert.deepStrictEqual(
        received.map(({ text }) => text),
        texts
      )
    }).pipe(atHome)
  )

  it.effect("what the account's owner writes on the phone is not answered, and neither are our own answers", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      const own = yield* whatsapp.sayFromPhone(john, "I write this myself")
      yield* whatsapp.until(({ received }) => received.includes(own))
      yield* channel.send(Address.make("1234567890@s.whatsapp.net"), "An answer")
      yield* whatsapp.say(john, "Thanks")
      assert.strictEqual((yield* Queue.take(inbox)).text, "Thanks")
      assert.strictEqual(yield* Queue.size(inbox), 0)
    }).pipe(atHome)
  )

  it.effect("statuses and channels are nobody's messages", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.until(({ logins }) => logins === 2)
      const participant = "1234567890@s.whatsapp.net"
      for (const from of ["status@broadcast", "120363025246125486@newsletter", "1234@broadcast"]) {
        const attrs = { id: `3EB0${from.length}`, from, participant, type: "text", t: "1700000000" }
        const content = [{ tag: "plaintext", attrs: {}, content: Buffer.from([0x0a, 1, 0x78]) }]
        yield* whatsapp.send({ tag: "message", attrs, content })
      }
      yield* whatsapp.say(john, "me")
      assert.strictEqual((yield* Queue.take(inbox)).text, "me")
    }).pipe(atHome)
  )

  it.effect("a voice message is named, so that it gets an answer", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.push(john, { reactionMessage: { text: "👍" } })
      yield* whatsapp.push(john, { audioMessage: { ptt: true } })
      assert.strictEqual((yield* Queue.take(inbox)).text, "(Sent a voice message. Only text is passed on here.)")
      yield* whatsapp.push(john, { imageMessage: { caption: "Look" } })
      const { attached, text } = yield* Queue.take(inbox)
      assert.deepStrictEqual([attached, text], ["a photo", "Look"])
    }).pipe(atHome)
  )

  it.effect("in a group what mentions us is received with its author, and all members can open the answer", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup()
      yield* Effect.fork(channel.run(accept))
      const { lid } = whatsapp.account
      yield* whatsapp.pushIn(family, mary, { conversation: "Hello all" })
      const contextInfo = { mentionedJid: [`${lid}@lid`] }
      yield* whatsapp.pushIn(family, john, { extendedTextMessage: { text: `@${lid} when do we eat?`, contextInfo } })
      const { address, author, sender, text } = yield* Queue.take(inbox)
      assert.deepStrictEqual(sender, { From: family.id, provider: "whatsapp", chatType: "group" })
      assert.deepStrictEqual([author, text], ["whatsapp:+1234567890", "when do we eat?"])
      yield* channel.send(address, "At seven")
      yield* channel.send(address, "or eight")
      const { sent } = yield* whatsapp.seen
      for (const { openedBy, to } of sent) {
        assert.strictEqual(to, family.id)
        assert.includeMembers([...openedBy], [john.phone, mary.phone])
      }
      assert.deepStrictEqual(
        sent.map(({ text }) => text),
        ["At seven", "or eight"]
      )
    }).pipe(atHome)
  )

  it.effect("in a group everything is received where that is set", () =>
    Effect.gen(function* () {
      const { accept, channel, inbox, whatsapp } = yield* setup({ groups: "all" })
      yield* Effect.fork(channel.run(accept))
      yield* whatsapp.pushIn(family, mary, { conversation: "Hello all" }, { by: "phone" })
      const { author, text } = yield* Queue.take(inbox)
      assert.deepStrictEqual([author, text], ["whatsapp:+4915112345678", "Hello all"])
    }).pipe(atHome)
  )

  it.effect("nothing is acknowledged by a connection that only sends", () =>
    Effect.gen(function* () {
      const { channel, whatsapp } = yield* setup()
      const id = yield* whatsapp.say(john, "Hello")
      yield* channel.send(Address.make("4915112345678@s.whatsapp.net"), "Hello, Mary")
      yield* moment
      const seen = yield* whatsapp.seen
      assert.include(seen.sent[0]?.openedBy ?? [], mary.phone)
      assert.deepStrictEqual([seen.waiting, seen.received], [[id], []])
    }).pipe(atHome)
  )

  it.effect("no log line holds a number, a text or a key", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { accept, channel, inbox, whatsapp } = yield* setup()
        yield* Effect.fork(channel.run(accept))
        yield* whatsapp.say(john, "confidential")
        yield* whatsapp.pushIn(family, mary, { conversation: "confidential" })
        yield* whatsapp.push(john, { reactionMessage: { text: "confidential" } })
        const { address } = yield* Queue.take(inbox)
        yield* channel.send(address, "confidential")
        yield* whatsapp.say(john, "the end")
        yield* Queue.take(inbox)
        const text = lines.join("\n")
        assert.include(text, "receiving as …1111")
        assert.include(text, "WhatsApp message skipped: not for us")
        assert.notInclude(text, "confidential")
        assert.notMatch(text.replace(/"timestamp":"[^"]*"|fiberId[^,]*|span[^}]*/gi, ""), /[0-9]{5}/)
      })
    ).pipe(atHome)
  )
})
