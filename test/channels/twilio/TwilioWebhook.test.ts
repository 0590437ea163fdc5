import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { endsOf } from "../../../src/channels/twilio/TwilioAddress.js"
import { masked } from "../../../src/config/Masked.js"
import { raw, request } from "../../support/http.js"
import { callWebhook, formEncoded, incoming, signatureOf } from "../../support/twilio-server.js"
import { authToken, channelOf, hello, logged, running, turn, until } from "./fixture.js"

const form = "application/x-www-form-urlencoded"

describe("the Twilio webhook", () => {
  it.scopedLive("a signed message is accepted and acknowledged with empty TwiML", () =>
    Effect.gen(function* () {
      const { url, accepted } = yield* running()
      const answer = yield* callWebhook({ url, authToken, fields: hello })
      assert.strictEqual(answer.status, 200)
      assert.match(answer.contentType ?? "", /^text\/xml/)
      assert.strictEqual(answer.body, "<Response/>")
      const [message, ...others] = yield* accepted
      assert.lengthOf(others, 0)
      assert.deepEqual(message?.sender, { From: "+1234567890", provider: "twilio", chatType: "direct" })
      assert.strictEqual(message?.channel, "twilio")
      assert.strictEqual(message?.author, "+1234567890")
      assert.strictEqual(message?.id, "SM1")
      assert.strictEqual(message?.text, "Hello")
      assert.deepEqual(Option.getOrNull(Option.flatMap(Option.fromNullable(message?.address), endsOf)), {
        to: "+1234567890",
        from: "+15005550006"
      })
    })
  )

  for (const From of ["+1234567890", "whatsapp:+1234567890", "US.13491208655302741918", "12345"]) {
    it.scopedLive(`${From} is a sender as it came, and is answered from the number it wrote to`, () =>
      Effect.gen(function* () {
        const { url, accepted } = yield* running()
        const fields = incoming({ From, To: "whatsapp:+14155238886", Body: "x" })
        assert.strictEqual((yield* callWebhook({ url, authToken, fields })).status, 200)
        const [message] = yield* accepted
        assert.strictEqual(message?.sender.From, From)
        assert.deepEqual(Option.getOrNull(Option.flatMap(Option.fromNullable(message?.address), endsOf)), {
          to: From,
          from: "whatsapp:+14155238886"
        })
      })
    )
  }

  it.scopedLive("every character of a text arrives", () =>
    Effect.gen(function* () {
      const { url, accepted } = yield* running()
      const Body = '1 + 1 = 2 & 100% sure?\n"é" 漢字 👨‍👩‍👧 +%2B\t;#'
      assert.strictEqual(
        (yield* callWebhook({ url, authToken, fields: incoming({ From: "+1234567890", To: "+15005550006", Body }) }))
          .status,
        200
      )
      assert.deepEqual(
        (yield* accepted).map((message) => message.text),
        [Body]
      )
    })
  )

  it.scopedLive("fields that nobody knows yet are no obstacle", () =>
    Effect.gen(function* () {
      const { url, accepted } = yield* running()
      const fields = [...hello, ["__proto__", "x"], ["Brand-New", "1"], ["Brand-New", "2"]] as const
      assert.strictEqual((yield* callWebhook({ url, authToken, fields })).status, 200)
      assert.lengthOf(yield* accepted, 1)
    })
  )

  it.scopedLive("a message that is delivered again has the same id", () =>
    Effect.gen(function* () {
      const { url, accepted } = yield* running()
      yield* callWebhook({ url, authToken, fields: hello })
      yield* callWebhook({ url, authToken, fields: hello })
      assert.deepEqual(
        (yield* accepted).map((message) => message.id),
        ["SM1", "SM1"]
      )
    })
  )

  const withoutText: ReadonlyArray<readonly [NumMedia: string, text: RegExp]> = [
    ["0", /^\(a message without text\)$/],
    ["1", /^\(Sent an attachment\. Only text is passed on here\.\)$/],
    ["3", /^\(Sent 3 attachments\. Only text is passed on here\.\)$/]
  ]
  for (const [NumMedia, text] of withoutText) {
    it.scopedLive(`a message without text and with ${NumMedia} attachments says so`, () =>
      Effect.gen(function* () {
        const { url, accepted } = yield* running()
        const fields = incoming({ From: "+1234567890", To: "+15005550006", Body: "", NumMedia })
        assert.strictEqual((yield* callWebhook({ url, authToken, fields })).status, 200)
        assert.match((yield* accepted)[0]?.text ?? "", text)
      })
    )
  }

  it.scopedLive("what comes with a text is named beside it", () =>
    Effect.gen(function* () {
      const { url, accepted } = yield* running()
      for (const NumMedia of ["0", "1", "3"]) {
        const fields = incoming({ From: "+1234567890", To: "+15005550006", Body: "Look", NumMedia })
        assert.strictEqual((yield* callWebhook({ url, authToken, fields })).status, 200)
      }
      assert.deepEqual(
        (yield* accepted).map(({ attached, text }) => [text, attached]),
        [
          ["Look", undefined],
          ["Look", "an attachment"],
          ["Look", "3 attachments"]
        ]
      )
    })
  )

  it.scopedLive("behind a proxy the signature is checked for the URL that Twilio calls", () =>
    Effect.gen(function* () {
      const publicUrl = "https://relay.example.org/sms/in?key=a%20b"
      const { url, accepted } = yield* running({ publicUrl })
      const direct = `${url}?key=a%20b`
      assert.strictEqual((yield* callWebhook({ url: direct, authToken, fields: hello })).status, 403)
      assert.strictEqual(
        (yield* callWebhook({ url: `${url}?key=c`, signedUrl: publicUrl, authToken, fields: hello })).status,
        403
      )
      assert.strictEqual((yield* callWebhook({ url, signedUrl: publicUrl, authToken, fields: hello })).status, 403)
      assert.lengthOf(yield* accepted, 0)
      assert.strictEqual(
        (yield* callWebhook({ url: direct, signedUrl: publicUrl, authToken, fields: hello })).status,
        200
      )
      assert.lengthOf(yield* accepted, 1)
    })
  )

  const tampered: ReadonlyArray<
    readonly [what: string, (url: string, signature: string) => readonly [url: string, init: RequestInit]]
  > = [
    [
      "another text",
      (url, signature) => [
        url,
        { headers: { "x-twilio-signature": signature }, body: formEncoded(hello).replace("Hello", "Hullo") }
      ]
    ],
    [
      "a field more",
      (url, signature) => [url, { headers: { "x-twilio-signature": signature }, body: `${formEncoded(hello)}&Extra=1` }]
    ],
    [
      "a second sender",
      (url, signature) => [
        url,
        { headers: { "x-twilio-signature": signature }, body: `${formEncoded(hello)}&From=%2B1` }
      ]
    ],
    [
      "a query",
      (url, signature) => [`${url}?a=1`, { headers: { "x-twilio-signature": signature }, body: formEncoded(hello) }]
    ],
    ["no signature", (url) => [url, { body: formEncoded(hello) }]],
    ["an empty signature", (url) => [url, { headers: { "x-twilio-signature": "" }, body: formEncoded(hello) }]],
    [
      "the signature of another token",
      (url) => [url, { headers: { "x-twilio-signature": signatureOf("guess", url, hello) }, body: formEncoded(hello) }]
    ]
  ]
  for (const [what, change] of tampered) {
    it.scopedLive(`a request with ${what} is refused and never accepted`, () =>
      Effect.gen(function* () {
        const { url, accepted } = yield* running()
        const [at, init] = change(url, signatureOf(authToken, url, hello))
        const answer = yield* request(at, {
          ...init,
          method: "POST",
          headers: { ...init.headers, "content-type": form }
        })
        assert.strictEqual(answer.status, 403)
        assert.lengthOf(yield* accepted, 0)
        // The same request untouched shows that it was the change that was refused.
        assert.strictEqual((yield* callWebhook({ url, authToken, fields: hello })).status, 200)
      })
    )
  }

  it.scopedLive("nothing of a body is awaited before there is a signature", () =>
    Effect.gen(function* () {
      const { port, accepted } = yield* running()
      const head = `POST /twilio HTTP/1.1\r\nHost: x\r\nContent-Type: ${form}\r\nContent-Length: 1000\r\n`
      assert.match(yield* raw(port, `${head}\r\n`), /^HTTP\/1\.1 403 /)
      assert.match(yield* raw(port, `${head}Expect: 100-continue\r\n\r\n`), /HTTP\/1\.1 403 /)
      assert.lengthOf(yield* accepted, 0)
    })
  )

  it.scopedLive("only the path, the method and the type of Twilio's calls are answered", () =>
    Effect.gen(function* () {
      const { url, accepted } = yield* running()
      const signed = { "x-twilio-signature": signatureOf(authToken, url, hello) }
      const body = formEncoded(hello)
      const get = yield* request(url, { method: "GET" })
      assert.strictEqual(get.status, 405)
      assert.strictEqual(get.allow, "POST")
      assert.strictEqual(
        (yield* request(`${url}/more`, { method: "POST", headers: { ...signed, "content-type": form }, body })).status,
        404
      )
      assert.strictEqual((yield* request(new URL("/", url).href, { method: "GET" })).status, 404)
      assert.strictEqual(
        (yield* request(url, { method: "POST", headers: { ...signed, "content-type": "application/json" }, body }))
          .status,
        415
      )
      assert.lengthOf(yield* accepted, 0)
      assert.strictEqual(
        (yield* request(url, { method: "POST", headers: { ...signed, "content-type": form.toUpperCase() }, body }))
          .status,
        200
      )
    })
  )

  it.scopedLive("a signed form that is no message is not one", () =>
    Effect.gen(function* () {
      const { url, accepted } = yield* running()
      for (const fields of [
        [],
        hello.filter(([name]) => name !== "From"),
        hello.filter(([name]) => name !== "MessageSid"),
        // A report on what was sent from here, which some have sent to the same URL.
        [...hello.filter(([name]) => name !== "Body"), ["MessageStatus", "delivered"] as const]
      ])
        assert.strictEqual((yield* callWebhook({ url, authToken, fields })).status, 400)
      assert.lengthOf(yield* accepted, 0)
    })
  )

  it.scopedLive("a body of more than 64 KiB is refused, whether it says its length or not", () =>
    Effect.gen(function* () {
      const { url, port, accepted } = yield* running()
      const fitting = incoming({ From: "+1234567890", To: "+15005550006", Body: "x".repeat(65_000) })
      assert.isBelow(formEncoded(fitting).length, 65_537)
      assert.strictEqual((yield* callWebhook({ url, authToken, fields: fitting })).status, 200)
      assert.lengthOf(yield* accepted, 1)

      const fields = incoming({ From: "+1234567890", To: "+15005550006", Body: "x".repeat(66_000) })
      assert.strictEqual((yield* callWebhook({ url, authToken, fields })).status, 413)
      const body = formEncoded(fields)
      const chunked =
        `POST /twilio HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: ${form}\r\nTransfer-Encoding: chunked\r\n` +
        `X-Twilio-Signature: ${signatureOf(authToken, url, fields)}\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
      assert.notMatch(yield* raw(port, chunked), / 200 /)
      assert.lengthOf(yield* accepted, 0)
      assert.strictEqual((yield* callWebhook({ url, authToken, fields: hello })).status, 200)
    })
  )

  it.scopedLive("a message is acknowledged only after it was accepted", () =>
    Effect.gen(function* () {
      const stored = yield* Deferred.make<void>()
      const { url } = yield* running({}, () => Deferred.await(stored))
      const call = yield* Effect.fork(callWebhook({ url, authToken, fields: hello }))
      yield* Effect.repeatN(turn, 20)
      assert.isTrue(Option.isNone(yield* Fiber.poll(call)))
      yield* Deferred.succeed(stored, undefined)
      assert.strictEqual((yield* Fiber.join(call)).status, 200)
    })
  )

  it.scopedLive("a message that could not be accepted is not acknowledged, and the reason is logged", () => {
    const lines: Array<string> = []
    return Effect.gen(function* () {
      const { url } = yield* running({}, () => Effect.die("no room for +1234567890"), logged(lines))
      assert.strictEqual((yield* callWebhook({ url, authToken, fields: hello })).status, 500)
      assert.isTrue(lines.some((line) => line.includes("level=ERROR") && line.includes("no room for …7890")))
      assert.notInclude(lines.join("\n"), authToken)
    })
  })

  it.scopedLive("an interruption takes no new request and lets the accepted one be answered", () =>
    Effect.gen(function* () {
      const began = yield* Deferred.make<void>()
      const stored = yield* Deferred.make<void>()
      const { url, fiber } = yield* running({}, () =>
        Effect.zipRight(Deferred.succeed(began, undefined), Deferred.await(stored))
      )
      const call = yield* Effect.fork(callWebhook({ url, authToken, fields: hello }))
      yield* Deferred.await(began)
      const end = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.repeatN(turn, 5)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Effect.tryPromise(() => fetch(url)))))
      assert.isTrue(Option.isNone(yield* Fiber.poll(end)))
      yield* Deferred.succeed(stored, undefined)
      assert.strictEqual((yield* Fiber.join(call)).status, 200)
      yield* Fiber.join(end)
    })
  )

  it.scopedLive("a caller who hangs up does not stop a message half accepted, nor is it left behind", () =>
    Effect.gen(function* () {
      const began = yield* Deferred.make<void>()
      const stored = yield* Deferred.make<void>()
      let whole = false
      const { url, fiber } = yield* running({}, () =>
        Deferred.succeed(began, undefined).pipe(
          Effect.zipRight(Deferred.await(stored)),
          Effect.zipRight(Effect.sync(() => (whole = true)))
        )
      )
      const call = yield* Effect.fork(callWebhook({ url, authToken, fields: hello }))
      yield* Deferred.await(began)
      yield* Fiber.interrupt(call)
      const end = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.repeatN(turn, 20)
      assert.isTrue(Option.isNone(yield* Fiber.poll(end)))
      yield* Deferred.succeed(stored, undefined)
      yield* Fiber.join(end)
      assert.isTrue(whole)
    })
  )

  it.scoped("whoever never finishes a request delays the end by five seconds at most", () =>
    Effect.gen(function* () {
      const { port, fiber } = yield* running()
      const idle = yield* Effect.fork(raw(port, "POST /twilio HTTP/1.1\r\nHost: x\r\n"))
      yield* Effect.repeatN(turn, 10)
      const end = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.repeatN(turn, 10)
      yield* TestClock.adjust("4 seconds")
      yield* Effect.repeatN(turn, 10)
      assert.isTrue(Option.isNone(yield* Fiber.poll(end)))
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.join(end)
      yield* Fiber.join(idle)
    })
  )

  it.scoped("a wrong signature is reported once a minute, with what to do and without the secrets", () => {
    const lines: Array<string> = []
    return Effect.gen(function* () {
      const publicUrl = "https://user:pa55word@relay.example.org/in?key=s3cret"
      const { url } = yield* running({ publicUrl }, undefined, logged(lines))
      const wrong = callWebhook({ url: `${url}?key=s3cret`, authToken: "guess", fields: hello })
      const warnings = () => lines.filter((line) => line.includes("wrong signature"))
      yield* wrong
      yield* wrong
      assert.lengthOf(warnings(), 1)
      yield* TestClock.adjust("1 minutes")
      yield* wrong
      assert.lengthOf(warnings(), 2)
      assert.include(warnings()[0], "https://relay.example.org/in")
      assert.include(warnings()[0], "twilio.publicUrl")
      yield* callWebhook({ url: `${url}?key=s3cret`, signedUrl: publicUrl, authToken, fields: hello })
      for (const secret of [authToken, "pa55word", "s3cret", "1234567890"]) assert.notInclude(lines.join("\n"), secret)
    })
  })

  it.scopedLive("a port in use is a failure that says what to do", () =>
    Effect.gen(function* () {
      const first = yield* running()
      const blocked = yield* channelOf({ port: first.port })
      const failed = yield* Effect.flip(blocked.run(() => Effect.void))
      assert.strictEqual(failed._tag, "ChannelFailed")
      assert.strictEqual(failed.channel, "twilio")
      assert.match(masked(failed.message), new RegExp(`127\\.0\\.0\\.1:${first.port} .* in use .* twilio\\.port`))
    })
  )

  it.scopedLive("a host that is not this machine's is a failure that says what to do", () =>
    Effect.gen(function* () {
      const channel = yield* channelOf({ host: "192.0.2.1" })
      const failed = yield* Effect.flip(channel.run(() => Effect.void))
      assert.match(failed.message, /192\.0\.2\.1 is not an address of this machine.*twilio\.host/)
    })
  )

  it.scopedLive("the port is free again after an interruption", () =>
    Effect.gen(function* () {
      const { channel, fiber, port, url } = yield* running()
      yield* Fiber.interrupt(fiber)
      yield* Effect.forkScoped(channel.run(() => Effect.void).pipe(Effect.provide(Logger.remove(Logger.defaultLogger))))
      yield* until(Effect.map(Effect.exit(Effect.tryPromise(() => fetch(`http://127.0.0.1:${port}/`))), Exit.isSuccess))
      assert.strictEqual((yield* callWebhook({ url, authToken, fields: hello })).status, 200)
    })
  )
})
