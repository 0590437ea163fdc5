import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Address } from "../../../src/channels/Message.js"
import { addressBetween } from "../../../src/channels/twilio/TwilioAddress.js"
import { type Fault, freePort, twilioServer } from "../../support/twilio-server.js"
import { account, authToken, channelOf, logged, until } from "./fixture.js"

const to = addressBetween({ to: "+1234567890", from: "+15005550006" })

/** How one attempt fails when the server does this. */
const failureOf = (...faults: ReadonlyArray<Fault>) =>
  Effect.gen(function* () {
    const server = yield* twilioServer(account)
    yield* server.fail(...faults)
    const channel = yield* channelOf({ apiUrl: server.apiUrl })
    const failed = yield* Effect.flip(channel.send(to, "Hello"))
    assert.lengthOf(yield* server.requests, 1)
    assert.strictEqual(failed.channel, "twilio")
    return failed
  })

describe("sending through Twilio", () => {
  it.scopedLive("an answer goes to the sender, from the number that was written to, as it is", () =>
    Effect.gen(function* () {
      const server = yield* twilioServer(account)
      const channel = yield* channelOf({ apiUrl: `${server.apiUrl}/` })
      const body = '1 + 1 = 2 & 100%\n"é" 漢字 👨‍👩‍👧'
      yield* channel.send(addressBetween({ to: "whatsapp:+1234567890", from: "whatsapp:+14155238886" }), body)
      assert.deepEqual(yield* server.allSent, [
        { to: "whatsapp:+1234567890", from: "whatsapp:+14155238886", messagingServiceSid: null, body }
      ])
      const [request] = yield* server.requests
      assert.isUndefined(request?.headers["traceparent"])
      assert.isUndefined(request?.headers["b3"])
    })
  )

  it.scopedLive("a part of the channel's limit is taken, a longer one is not", () =>
    Effect.gen(function* () {
      const server = yield* twilioServer(account)
      const channel = yield* channelOf({ apiUrl: server.apiUrl })
      yield* channel.send(to, "x".repeat(channel.limit))
      const failed = yield* Effect.flip(channel.send(to, "x".repeat(channel.limit + 1)))
      assert.isFalse(failed.again)
    })
  )

  it.scopedLive("a messaging service is named as one", () =>
    Effect.gen(function* () {
      const server = yield* twilioServer(account)
      const service = `MG${"0".repeat(32)}`
      const channel = yield* channelOf({ apiUrl: server.apiUrl }, service)
      yield* channel.send(addressBetween({ to: "+1234567890", from: service }), "Hello")
      assert.deepEqual(yield* server.allSent, [
        { to: "+1234567890", from: null, messagingServiceSid: service, body: "Hello" }
      ])
    })
  )

  it.scopedLive("too many requests are worth another attempt, after the time that Twilio names", () =>
    Effect.gen(function* () {
      const failed = yield* failureOf({ kind: "status", status: 429, retryAfter: "7" })
      assert.isTrue(failed.again)
      assert.deepEqual(failed.retryAfter, Duration.seconds(7))
      const dated = yield* failureOf({ kind: "status", status: 429, retryAfter: "Sun, 22 Nov 2026 09:00:00 GMT" })
      assert.isTrue(dated.again)
      assert.isUndefined(dated.retryAfter)
    })
  )

  const transient: ReadonlyArray<Fault> = [
    { kind: "status", status: 500, body: "<html>" },
    { kind: "error", status: 503, code: 20503, message: "Service unavailable" },
    // Whatever the status, too many messages wait for the number to send them.
    { kind: "error", status: 400, code: 21611, message: "This 'From' number has exceeded the maximum" },
    { kind: "hangup" }
  ]
  for (const fault of transient) {
    it.scopedLive(`another attempt is worth while after ${JSON.stringify(fault)}`, () =>
      Effect.map(failureOf(fault), (failed) => assert.isTrue(failed.again))
    )
  }

  it.scopedLive("a refusal is final, and says why without the number", () =>
    Effect.gen(function* () {
      const failed = yield* failureOf({
        kind: "error",
        status: 400,
        code: 21211,
        message: "The 'To' number +1234567890 is not\u001b[2J valid"
      })
      assert.isFalse(failed.again)
      assert.strictEqual(
        failed.message,
        "twilio did not take the answer: The 'To' number …7890 is not\\u{1b}[2J valid (Twilio's error 21211)"
      )
    })
  )

  it.scopedLive("credentials that do not fit are named, not shown", () =>
    Effect.gen(function* () {
      const server = yield* twilioServer({ ...account, authToken: "another" })
      const channel = yield* channelOf({ apiUrl: server.apiUrl })
      const failed = yield* Effect.flip(channel.send(to, "Hello"))
      assert.isFalse(failed.again)
      assert.match(failed.message, /TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN/)
      assert.lengthOf(yield* server.allSent, 0)
    })
  )

  it.scopedLive("what is not Twilio has not taken the answer, though it says so", () =>
    Effect.gen(function* () {
      for (const body of ["<html>Welcome</html>", "{}", ""]) {
        const failed = yield* failureOf({ kind: "status", status: 200, body })
        assert.isFalse(failed.again)
        assert.match(failed.message, /twilio\.apiUrl/)
      }
    })
  )

  it.scopedLive("a server that cannot be reached is worth another attempt", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const channel = yield* channelOf({ apiUrl: `http://127.0.0.1:${port}` })
      const failed = yield* Effect.flip(channel.send(to, "Hello"))
      assert.isTrue(failed.again)
      assert.include(failed.message, `127.0.0.1:${port}`)
    })
  )

  it.scoped("a server that does not answer is given up after 20 seconds", () =>
    Effect.gen(function* () {
      const server = yield* twilioServer(account)
      yield* server.fail({ kind: "silence" })
      const channel = yield* channelOf({ apiUrl: server.apiUrl })
      const sending = yield* Effect.fork(Effect.flip(channel.send(to, "Hello")))
      yield* until(Effect.map(server.requests, (requests) => requests.length === 1))
      yield* TestClock.adjust("19 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(sending)))
      yield* TestClock.adjust("1 seconds")
      assert.isTrue((yield* Fiber.join(sending)).again)
    })
  )

  it.scopedLive("an address of another channel is refused before anything is sent", () =>
    Effect.gen(function* () {
      const server = yield* twilioServer(account)
      const channel = yield* channelOf({ apiUrl: server.apiUrl })
      for (const address of ["+1234567890", '{"to":"+1234567890"}', '{"to":"","from":"x"}', ""])
        assert.isFalse((yield* Effect.flip(channel.send(Address.make(address), "Hello"))).again)
      assert.lengthOf(yield* server.requests, 0)
    })
  )

  it.scopedLive("the auth token is in no error and no log", () => {
    const lines: Array<string> = []
    const basic = Buffer.from(`${account.accountSid}:${authToken}`).toString("base64")
    return Effect.gen(function* () {
      const faults: ReadonlyArray<Fault> = [
        { kind: "status", status: 500 },
        { kind: "error", status: 401, code: 20003, message: "Authenticate" },
        { kind: "hangup" }
      ]
      for (const fault of faults) {
        const failed = yield* failureOf(fault)
        yield* Effect.logError(failed)
        lines.push(JSON.stringify(failed), String(failed.stack), failed.toString())
      }
      assert.isAbove(lines.length, 6)
      for (const secret of [authToken, basic]) assert.notInclude(lines.join("\n"), secret)
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)), Effect.provide(logged(lines)))
  })

  it.scopedLive("nothing is shown while an answer is being written", () =>
    Effect.gen(function* () {
      const server = yield* twilioServer(account)
      const channel = yield* channelOf({ apiUrl: server.apiUrl })
      yield* channel.typing(to)
      assert.lengthOf(yield* server.requests, 0)
    })
  )
})
