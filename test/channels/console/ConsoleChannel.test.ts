import { PassThrough, Writable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as ConsoleChannel from "../../../src/channels/console/ConsoleChannel.js"
import { Address, type Message } from "../../../src/channels/Message.js"
import { the } from "../../identity/arbitrary.js"

/** Lets the streams of Node have a turn. */
const turn = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 2)))

const collecting = () => {
  const stream = new PassThrough()
  let text = ""
  stream.setEncoding("utf8").on("data", (piece: string) => {
    text += piece
  })
  return { stream, text: () => text }
}

const open = (interactive = false) =>
  Effect.gen(function* () {
    const input = new PassThrough({ highWaterMark: 64 })
    const output = collecting()
    const errors = collecting()
    const streams = { input, output: output.stream, errors: errors.stream, interactive }
    const channel = yield* ConsoleChannel.make(streams)
    const accepted: Array<Message> = []
    const run = channel.run((message) => Effect.sync(() => void accepted.push(message)))
    /** Everything that was written, when all that is under way has been. */
    const settled = Effect.repeatN(turn, 3)
    return { channel, input, output, errors, accepted, run, settled, streams }
  })

const to = Address.make("whatsapp:+1234567890")

describe("the console", () => {
  it.scopedLive("each line of a pipe is a message of the account in front, and its end is the end", () =>
    Effect.gen(function* () {
      const { input, accepted, run, errors } = yield* open()
      input.end("whatsapp:+1234567890 Hello\r\n\ntelegram:@john  what now\ntwilio:+1987654321 é漢🙂")
      yield* run
      assert.deepEqual(
        accepted.map(({ channel, sender, author, address, text }) => ({ channel, sender, author, address, text })),
        [
          ["whatsapp", "whatsapp:+1234567890", "Hello"] as const,
          ["telegram", "telegram:@john", " what now"] as const,
          ["twilio", "twilio:+1987654321", "é漢🙂"] as const
        ].map(([provider, From, text]) => ({
          channel: "console" as const,
          sender: { From, provider, chatType: "direct" as const },
          author: From,
          address: Address.make(From),
          text
        }))
      )
      assert.strictEqual(errors.text(), "")
    })
  )

  it.scopedLive("a character that arrives in two pieces is one", () =>
    Effect.gen(function* () {
      const { input, accepted, run } = yield* open()
      const bytes = Buffer.from("whatsapp:+1234567890 é🙂\n")
      const running = yield* Effect.fork(run)
      for (const byte of bytes) {
        input.write(Buffer.of(byte))
        yield* turn
      }
      input.end()
      yield* Fiber.join(running)
      assert.deepEqual(
        accepted.map((message) => message.text),
        ["é🙂"]
      )
    })
  )

  it.scopedLive("every message has an id of its own, in this run and in the next", () =>
    Effect.gen(function* () {
      const text = "whatsapp:+1234567890 a\nwhatsapp:+1234567890 a\n"
      const one = yield* open()
      one.input.end(text)
      yield* one.run
      const two = yield* open()
      two.input.end(text)
      yield* two.run
      assert.strictEqual(new Set([...one.accepted, ...two.accepted].map((message) => message.id)).size, 4)
    })
  )

  it.scopedLive("a line of a pipe without an account is refused with the accepted form, even after one with", () =>
    Effect.gen(function* () {
      const { input, accepted, run, errors, output } = yield* open()
      input.end("whatsapp:+1234567890 Hello\nand \u001b[2Jmore\nwhatsapp:12 Hi\n")
      yield* run
      assert.lengthOf(accepted, 1)
      const [first, second, end] = errors.text().split("\n")
      assert.strictEqual(
        first,
        '"and \\u{1b}[2Jmore" does not say who writes: begin the line with an account, as in whatsapp:+1234567890 Hello'
      )
      assert.match(second ?? "", /^"whatsapp:12" names nobody: .*, as in whatsapp:\+1234567890 Hello$/)
      assert.strictEqual(end, "")
      assert.strictEqual(output.text(), "")
    })
  )

  it.scopedLive("a line that is too long is refused, and the next one is read", () =>
    Effect.gen(function* () {
      const { input, accepted, run, errors } = yield* open()
      input.end(`whatsapp:+1234567890 ${"x".repeat(200_000)}\nwhatsapp:+1234567890 Hello\n`)
      yield* run
      assert.deepEqual(
        accepted.map((message) => message.text),
        ["Hello"]
      )
      assert.strictEqual(errors.text(), "A line of more than 100000 characters is not read.\n")
    })
  )

  it.scopedLive("no line is read before the one in front of it is accepted", () =>
    Effect.gen(function* () {
      const { input, channel } = yield* open()
      const stored = yield* Deferred.make<void>()
      const texts: Array<string> = []
      const running = yield* Effect.fork(
        channel.run((message) =>
          Effect.zipRight(
            Effect.sync(() => texts.push(message.text)),
            Deferred.await(stored)
          )
        )
      )
      let written = 0
      while (input.write(`whatsapp:+1234567890 ${written}\n`) || written < 3) {
        written++
        yield* turn
      }
      assert.deepEqual(texts, ["0"])
      assert.isTrue(input.writableNeedDrain)
      yield* Deferred.succeed(stored, undefined)
      input.end()
      yield* Fiber.join(running)
      assert.lengthOf(texts, written + 1)
    })
  )

  it.scopedLive("an answer is printed under its address, and nothing of it reaches the terminal raw", () =>
    Effect.gen(function* () {
      const { channel, output, errors, settled } = yield* open()
      yield* channel.send(to, "Hello\n\n\u001b]0;owned\u0007 and\u202E\n  code")
      yield* settled
      assert.strictEqual(
        output.text(),
        "→ whatsapp:+1234567890\n  Hello\n\n  \\u{1b}]0;owned\\u{7} and\\u{202e}\n    code\n"
      )
      yield* channel.typing(to)
      yield* settled
      assert.strictEqual(errors.text(), "")
    })
  )

  it.scopedLive("an answer is sent when those who read it have taken it", () =>
    Effect.gen(function* () {
      const { streams } = yield* open()
      let take = () => {}
      const output = new Writable({ highWaterMark: 1, write: (_, __, done) => (take = done) && undefined })
      const channel = yield* ConsoleChannel.make({ ...streams, output })
      const sending = yield* Effect.fork(channel.send(to, "Hello"))
      yield* Effect.repeatN(turn, 3)
      assert.isTrue(Option.isNone(yield* Fiber.poll(sending)))
      take()
      yield* Fiber.join(sending)
    })
  )

  it.scopedLive("an answer that nobody reads is a failure without another attempt", () =>
    Effect.gen(function* () {
      const { streams } = yield* open()
      const output = new Writable({ write: (_, __, done) => done(new Error("EPIPE")) })
      const channel = yield* ConsoleChannel.make({ ...streams, output })
      for (const attempt of [1, 2]) {
        const failed = yield* Effect.flip(channel.send(to, `Hello ${attempt}`))
        assert.isFalse(failed.again)
        assert.strictEqual(failed.channel, "console")
        yield* turn
      }
    })
  )

  it.scopedLive("an input that breaks is a failure of the channel", () =>
    Effect.gen(function* () {
      const { input, run } = yield* open()
      const running = yield* Effect.fork(Effect.flip(run))
      yield* turn
      input.destroy(new Error("EIO"))
      assert.strictEqual((yield* Fiber.join(running))._tag, "ChannelFailed")
    })
  )

  it.scopedLive("an interruption lets go of the input", () =>
    Effect.gen(function* () {
      const { input, run } = yield* open()
      const running = yield* Effect.fork(run)
      yield* turn
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(running)))
      assert.isTrue(input.destroyed)
    })
  )

  it.scopedLive("whoever sits at a terminal is told the form, and a line without an account goes to the last one", () =>
    Effect.gen(function* () {
      const { input, accepted, run, errors, output } = yield* open(true)
      input.end("Hello?\ntelegram:@john Hello\nand more\nwhatsapp:12 Hi\n/new start\n")
      yield* run
      assert.deepEqual(
        accepted.map((message) => [message.sender.From, message.text]),
        [
          ["telegram:@john", "Hello"],
          ["telegram:@john", "and more"],
          ["telegram:@john", "/new start"]
        ]
      )
      const lines = errors.text().split("\n")
      assert.match(lines[0] ?? "", /whatsapp:\+1234567890 Hello.*goes to the one used last.*Ctrl-D/)
      assert.match(lines[1] ?? "", /^> "Hello\?" does not say who writes/)
      assert.strictEqual(output.text(), "")
    })
  )

  it.scopedLive("at a terminal an answer stands above the prompt, which comes back until the end", () =>
    Effect.gen(function* () {
      const { input, channel, run, errors, output, settled } = yield* open(true)
      const running = yield* Effect.fork(run)
      yield* settled
      assert.isTrue(errors.text().endsWith("\n> "))
      yield* channel.send(to, "one")
      yield* settled
      assert.isTrue(errors.text().endsWith("\n> \r\u001b[K> "))
      input.end()
      yield* Fiber.join(running)
      yield* channel.send(to, "two")
      yield* settled
      assert.isTrue(errors.text().endsWith("\n> \r\u001b[K> \r\u001b[K"))
      assert.strictEqual(output.text(), "→ whatsapp:+1234567890\n  one\n→ whatsapp:+1234567890\n  two\n")
    })
  )

  it.scopedLive("every account of every provider can be written to", () =>
    Effect.gen(function* () {
      const { channel } = yield* open()
      const john = the("telegram", "@John")
      const number = the("telegram", "42")
      assert.strictEqual(Option.getOrNull(channel.addressOf(john)), Address.make("telegram:@John"))
      assert.strictEqual(Option.getOrNull(channel.addressOf(number)), Address.make("telegram:42"))
    })
  )
})
