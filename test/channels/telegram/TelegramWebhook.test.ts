import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { type Accept, type Channel, NotTaken, type Signals } from "../../../src/channels/Channel.js"
import type { Message } from "../../../src/channels/Message.js"
import * as TelegramChannel from "../../../src/channels/telegram/TelegramChannel.js"
import { secretOf } from "../../../src/channels/telegram/TelegramSecret.js"
import { withLogs } from "../../support/logs.js"
import { raw, request } from "../../support/http.js"
import * as TelegramServer from "../../support/telegram-server.js"
import { freePort } from "../../support/twilio-server.js"
import { settingsOf, sleeper, turn } from "./fixture.js"

const { john } = TelegramServer
const jane: TelegramServer.Person = { id: 55, first_name: "Jane" }
const header = "x-telegram-bot-api-secret-token"

const makeChannel = (telegram: TelegramServer.TelegramServer, port: number) =>
  TelegramChannel.make(
    settingsOf({
      apiUrl: telegram.url,
      publicUrl: `http://127.0.0.1:${port}/telegram?key=s3cret`,
      port,
      maxConnections: 7
    }),
    telegram.token
  )

const setup = Effect.gen(function* () {
  const telegram = yield* TelegramServer.make()
  const port = yield* freePort
  const channel = yield* makeChannel(telegram, port)
  const inbox = yield* Queue.unbounded<Message>()
  const accept: Accept = (message) => Queue.offer(inbox, message)
  return { telegram, port, channel, inbox, accept, url: `http://127.0.0.1:${port}/telegram` }
})

const quiet = Logger.remove(Logger.defaultLogger)

/** Runs until the scope closes, from when Telegram knows whom to call. */
const running = (channel: Channel, accept: Accept) =>
  Effect.gen(function* () {
    const opened = yield* Deferred.make<void>()
    const signals: Signals = { opened: Deferred.succeed(opened, undefined), lost: () => Effect.void }
    const fiber = yield* Effect.forkScoped(Effect.provide(channel.run(accept, signals), quiet))
    yield* Effect.raceFirst(Deferred.await(opened), Fiber.join(fiber))
    return fiber
  })

const call = (url: string, init: RequestInit) => request(url, { method: "POST", ...init })

const update = (text: string) =>
  JSON.stringify({
    update_id: 5,
    message: { message_id: 1, from: { ...john, is_bot: false }, chat: { id: john.id, type: "private" }, text }
  })

const genuine = (telegram: TelegramServer.TelegramServer) => Redacted.value(secretOf(telegram.token))

describe("Telegram by a webhook", () => {
  it.scopedLive("is told whom to call and what to show, and brings what people write", () =>
    Effect.gen(function* () {
      const { telegram, port, channel, inbox, accept } = yield* setup
      yield* telegram.say(john, "Before")
      yield* running(channel, accept)
      yield* telegram.say(john, "Hello 👋")
      assert.strictEqual((yield* Queue.take(inbox)).text, "Before")
      assert.deepInclude(yield* Queue.take(inbox), {
        channel: "telegram",
        author: "telegram:123456789",
        text: "Hello 👋"
      })
      const seen = yield* telegram.until(({ unconfirmed }) => unconfirmed.length === 0)
      // The first call is answered: Telegram is told only when somebody listens.
      assert.deepStrictEqual(seen.answers, [200, 200])
      assert.deepStrictEqual(seen.webhook, {
        url: `http://127.0.0.1:${port}/telegram?key=s3cret`,
        secret_token: genuine(telegram),
        max_connections: 7,
        allowed_updates: ["message"]
      })
      assert.notInclude(
        seen.calls.map(({ method }) => method),
        "getUpdates"
      )
    })
  )

  it("the secret is of the form that Telegram takes, the same every time, and another for another bot", () => {
    const secret = Redacted.value(secretOf(Redacted.make("1:abc")))
    assert.match(secret, /^[A-Za-z0-9_-]{32,256}$/)
    assert.strictEqual(Redacted.value(secretOf(Redacted.make("1:abc"))), secret)
    assert.notStrictEqual(Redacted.value(secretOf(Redacted.make("1:abd"))), secret)
    assert.notInclude(secret, "abc")
  })

  it.scopedLive("a call without the secret, or with another, is refused and never accepted", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept, url } = yield* setup
      yield* running(channel, accept)
      const secret = genuine(telegram)
      for (const shown of [
        undefined,
        "",
        "x",
        secret.slice(1),
        `${secret}0`,
        secret.toUpperCase(),
        `${secret}, ${secret}`
      ]) {
        const headers = { "content-type": "application/json", ...(shown === undefined ? {} : { [header]: shown }) }
        assert.strictEqual((yield* call(url, { headers, body: update("Hello") })).status, 401, shown)
      }
      assert.strictEqual(yield* Queue.size(inbox), 0)
      // The same call with the secret shows that it was the secret that was refused.
      assert.strictEqual((yield* call(url, { headers: { [header]: secret }, body: update("Hello") })).status, 200)
      assert.strictEqual((yield* Queue.take(inbox)).text, "Hello")
    })
  )

  it.scopedLive("nothing of a body is awaited before the secret is there", () =>
    Effect.gen(function* () {
      const { port, channel, accept } = yield* setup
      yield* running(channel, accept)
      const head = "POST /telegram HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
      assert.match(yield* raw(port, `${head}\r\n`), /^HTTP\/1\.1 401 /)
      assert.match(yield* raw(port, `${head}X-Telegram-Bot-Api-Secret-Token: x\r\n\r\n`), /^HTTP\/1\.1 401 /)
    })
  )

  it.scopedLive("only the path and the method of Telegram's calls are answered, and only updates are read", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept, url } = yield* setup
      yield* running(channel, accept)
      const headers = { [header]: genuine(telegram) }
      const get = yield* call(url, { method: "GET", headers })
      assert.deepStrictEqual([get.status, get.allow], [405, "POST"])
      assert.strictEqual((yield* call(`${url}/more`, { headers, body: update("Hello") })).status, 404)
      for (const body of ["", "{", "[]", '{"message":{}}', '{"update_id":"5"}']) {
        assert.strictEqual((yield* call(url, { headers, body })).status, 400, body)
      }
      assert.strictEqual(yield* Queue.size(inbox), 0)
    })
  )

  it.scopedLive("a body of more than 32 MiB is refused, whether it says its length or not", () =>
    Effect.gen(function* () {
      const { telegram, port, channel, inbox, accept, url } = yield* setup
      yield* running(channel, accept)
      const headers = { [header]: genuine(telegram) }
      const long = update("x".repeat(32 * 1024 * 1024))
      assert.strictEqual((yield* call(url, { headers, body: long })).status, 413)
      const chunked =
        `POST /telegram HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n${header}: ${genuine(telegram)}\r\n\r\n` +
        `${long.length.toString(16)}\r\n${long}\r\n0\r\n\r\n`
      assert.notMatch(yield* raw(port, chunked), / 200 /)
      assert.strictEqual(yield* Queue.size(inbox), 0)
      const fitting = update("x".repeat(31 * 1024 * 1024))
      assert.strictEqual((yield* call(url, { headers, body: fitting })).status, 200)
    })
  )

  it.scopedLive("what is nobody's message is acknowledged, so that it does not come again", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      yield* running(channel, accept)
      yield* telegram.push({ message: "not a message" })
      yield* telegram.pushMessage({
        from: { ...john, is_bot: true },
        chat: { id: john.id, type: "private" },
        text: "Bot"
      })
      yield* telegram.until(({ unconfirmed }) => unconfirmed.length === 0)
      assert.strictEqual(yield* Queue.size(inbox), 0)
    })
  )

  it.scopedLive("a message is acknowledged only after it was accepted", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      const asked = yield* Deferred.make<void>()
      const allow = yield* Deferred.make<void>()
      yield* running(channel, () => Effect.zipRight(Deferred.succeed(asked, undefined), Deferred.await(allow)))
      const id = yield* telegram.say(john, "Hello")
      yield* Deferred.await(asked)
      yield* Effect.repeatN(turn, 20)
      const before = yield* telegram.seen
      assert.deepStrictEqual([before.unconfirmed, before.answers], [[id], []])
      yield* Deferred.succeed(allow, undefined)
      const after = yield* telegram.until(({ unconfirmed }) => unconfirmed.length === 0)
      assert.deepStrictEqual(after.answers, [200])
    })
  )

  it.scopedLive("a message that could not be kept is not acknowledged, and comes again before those after it", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      let full = 3
      yield* running(channel, (message) =>
        full-- > 0 ? new NotTaken({ reason: "the disk is full" }) : accept(message)
      )
      yield* telegram.say(john, "one")
      yield* telegram.say(john, "two")
      assert.strictEqual((yield* Queue.take(inbox)).text, "one")
      assert.strictEqual((yield* Queue.take(inbox)).text, "two")
      const { answers } = yield* telegram.until(({ unconfirmed }) => unconfirmed.length === 0)
      assert.deepStrictEqual(answers, [503, 503, 503, 200, 200])
    })
  )

  it.scopedLive("the messages of a chat come in their order, and one that is held up holds up no other chat", () =>
    Effect.gen(function* () {
      const { telegram, channel, inbox, accept } = yield* setup
      const allow = yield* Deferred.make<void>()
      yield* running(channel, (message) =>
        message.text === "john 0" ? Effect.zipRight(Deferred.await(allow), accept(message)) : accept(message)
      )
      for (const index of [0, 1, 2]) {
        yield* telegram.say(john, `john ${index}`)
        yield* telegram.say(jane, `jane ${index}`)
      }
      const first = yield* Effect.replicateEffect(Queue.take(inbox), 3)
      yield* Deferred.succeed(allow, undefined)
      const second = yield* Effect.replicateEffect(Queue.take(inbox), 3)
      assert.deepStrictEqual(
        [...first, ...second].map(({ text }) => text),
        ["jane 0", "jane 1", "jane 2", "john 0", "john 1", "john 2"]
      )
    })
  )

  it.scopedLive("the webhook stays at the end, and what is written meanwhile comes after the next start", () =>
    Effect.gen(function* () {
      const { telegram, port, channel, inbox, accept } = yield* setup
      yield* Fiber.interrupt(yield* running(channel, accept))
      yield* telegram.say(john, "Meanwhile")
      yield* telegram.until(({ answers }) => answers.includes(0))
      const next = yield* makeChannel(telegram, port)
      yield* running(next, accept)
      assert.strictEqual((yield* Queue.take(inbox)).text, "Meanwhile")
      const { calls } = yield* telegram.until(({ unconfirmed }) => unconfirmed.length === 0)
      assert.notInclude(
        calls.map(({ method }) => method),
        "deleteWebhook"
      )
    })
  )

  it.scopedLive("what waited while messages were fetched is brought, and the other way round", () =>
    Effect.gen(function* () {
      const { telegram, port, channel, inbox, accept } = yield* setup
      const fetching = yield* TelegramChannel.make(settingsOf({ apiUrl: telegram.url }), telegram.token)
      yield* telegram.say(john, "one")
      yield* Fiber.interrupt(
        yield* running(channel, accept).pipe(Effect.zipLeft(telegram.until(({ answers }) => answers.length === 1)))
      )
      yield* telegram.say(john, "two")
      const polling = yield* running(fetching, accept)
      yield* telegram.until(({ waiting }) => waiting === 1)
      yield* Fiber.interrupt(polling)
      yield* telegram.say(john, "three")
      yield* running(yield* makeChannel(telegram, port), accept)
      const texts = yield* Effect.replicateEffect(Queue.take(inbox), 3)
      assert.deepStrictEqual(
        texts.map(({ text }) => text),
        ["one", "two", "three"]
      )
    })
  )

  it.scoped("a call with a wrong secret is reported once a minute, without a secret", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { telegram, channel, accept, url } = yield* setup
        yield* running(channel, accept)
        const wrong = call(url, { headers: { [header]: "guess" }, body: update("Hello") })
        const warnings = () => lines.filter((line) => line.includes("without this bot's secret"))
        yield* wrong
        yield* wrong
        assert.lengthOf(warnings(), 1)
        yield* TestClock.adjust("1 minutes")
        yield* wrong
        assert.lengthOf(warnings(), 2)
        assert.include(warnings()[0], "telegram.publicUrl")
        for (const secret of ["guess", "s3cret", genuine(telegram), Redacted.value(telegram.token)]) {
          assert.notInclude(lines.join("\n"), secret)
        }
      })
    )
  )
})

const reasonOf = (channel: Channel) =>
  Effect.map(
    Effect.flip(
      Effect.provide(
        channel.run(() => Effect.void),
        quiet
      )
    ),
    ({ reason }) => reason
  )

describe("Telegram by a webhook stops with a sentence that says what to do", () => {
  it.scopedLive("on a token that Telegram does not know, without listening", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      yield* telegram.fail("getMe", TelegramServer.refuse(401, "Unauthorized"))
      assert.match(yield* reasonOf(channel), /does not know this bot token/)
    })
  )

  it.scopedLive("on a URL that Telegram does not call", () =>
    Effect.gen(function* () {
      const { telegram, channel } = yield* setup
      const description = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
      yield* telegram.fail("setWebhook", TelegramServer.refuse(400, description))
      assert.match(yield* reasonOf(channel), /An HTTPS URL must be provided.*check telegram\.publicUrl/)
    })
  )

  it.scopedLive("on a port in use", () =>
    Effect.gen(function* () {
      const { telegram, port, channel, accept } = yield* setup
      yield* running(channel, accept)
      const second = yield* makeChannel(telegram, port)
      assert.match(yield* reasonOf(second), new RegExp(`127\\.0\\.0\\.1:${port} .* in use .* telegram\\.port`))
    })
  )
})

/** What a channel says of itself, in order. */
const watched = (channel: Channel, accept: Accept) =>
  Effect.gen(function* () {
    const said = yield* Queue.unbounded<string>()
    const signals: Signals = {
      opened: Queue.offer(said, "opened"),
      lost: (reason) => Queue.offer(said, reason)
    }
    const fiber = yield* Effect.forkScoped(channel.run(accept, signals))
    assert.strictEqual(yield* Queue.take(said), "opened")
    return { said, fiber }
  })

const info = (fields: TelegramServer.Fields, url: string) =>
  TelegramServer.result({ url, pending_update_count: 0, ...fields })

describe("Telegram by a webhook is asked every minute how its calls go", () => {
  const failing = {
    pending_update_count: 3,
    last_error_date: 0,
    last_error_message: "Connection refused from +1234567890"
  }

  const minutes = (count: number): Effect.Effect<void> =>
    Effect.gen(function* () {
      for (let minute = 1; minute <= count; minute++) {
        yield* sleeper(minute * 60_000)
        yield* TestClock.adjust("1 minute")
      }
      yield* sleeper((count + 1) * 60_000)
    })

  it.scoped("and while none gets through the channel is lost, until one does", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { telegram, channel, accept, url } = yield* setup
        const same = `${url}?key=s3cret`
        yield* telegram.fail("getWebhookInfo", info({}, same), info(failing, same), info(failing, same), info({}, same))
        const { said } = yield* watched(channel, accept)
        yield* minutes(3)
        const [first, second, third] = yield* Queue.takeAll(said)
        assert.match(
          first ?? "",
          /^Telegram cannot deliver to http.*\/telegram, and 3 wait: Connection refused from …7890; check/
        )
        assert.strictEqual(second, first)
        assert.strictEqual(third, "opened")
        assert.lengthOf(
          lines.filter((line) => line.includes("cannot deliver")),
          1
        )
        assert.notInclude(lines.join("\n"), "s3cret")
      })
    )
  )

  it.scoped("and leaves the webhook of another program in its place, however often it begins anew", () =>
    withLogs((lines) =>
      Effect.gen(function* () {
        const { telegram, channel, accept, url } = yield* setup
        const { fiber, said } = yield* watched(channel, accept)
        yield* sleeper(60_000)
        yield* telegram.setWebhook(true)
        yield* minutes(1)
        const sentence = /another program has changed or removed this bot's webhook; stop it and start the relay again/
        assert.match(yield* Queue.take(said), sentence)
        yield* Fiber.interrupt(fiber)
        const { said: again } = yield* watched(channel, accept)
        assert.match(yield* Queue.take(again), sentence)
        const { calls } = yield* telegram.seen
        assert.lengthOf(
          calls.filter(({ method }) => method === "setWebhook"),
          1
        )
        yield* sleeper(120_000)
        yield* telegram.fail("getWebhookInfo", info({}, `${url}?key=s3cret`))
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* Queue.take(again), "opened")
        assert.lengthOf(
          lines.filter((line) => line.includes("another program has changed")),
          2
        )
      })
    )
  )

  it.scoped("and a call that came since the last look, or an error of long ago, is no trouble", () =>
    Effect.gen(function* () {
      const { telegram, channel, url } = yield* setup
      // What is in it does not matter: it came.
      const accept = () => new NotTaken({ reason: "the disk is full" })
      const same = `${url}?key=s3cret`
      yield* telegram.fail(
        "getWebhookInfo",
        info({}, same),
        info(failing, same),
        info({ ...failing, last_error_date: -3_700 }, same)
      )
      const { said } = yield* watched(channel, accept)
      yield* sleeper(60_000)
      yield* telegram.say(john, "Hello")
      yield* telegram.until(({ answers }) => answers.length === 1)
      yield* minutes(2)
      assert.strictEqual(yield* Queue.size(said), 0)
    })
  )

  it.scoped("and that it cannot be asked is no trouble, unless the token is not known any more", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      const { drop, refuse, tooManyRequests } = TelegramServer
      yield* telegram.fail(
        "getWebhookInfo",
        drop,
        refuse(502, "Bad Gateway"),
        tooManyRequests(3),
        drop,
        refuse(401, "Unauthorized")
      )
      const { fiber, said } = yield* watched(channel, accept)
      yield* minutes(3)
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 minute")
      assert.match((yield* Effect.flip(Fiber.join(fiber))).reason, /does not know this bot token/)
      assert.strictEqual(yield* Queue.size(said), 0)
    })
  )

  it.scoped("and a pause that Telegram asks for before it takes the webhook is kept", () =>
    Effect.gen(function* () {
      const { telegram, channel, accept } = yield* setup
      yield* telegram.fail("setWebhook", TelegramServer.tooManyRequests(3))
      yield* Effect.forkScoped(channel.run(accept))
      yield* sleeper(3_000)
      assert.isUndefined((yield* telegram.seen).webhook)
      yield* TestClock.adjust("3 seconds")
      yield* telegram.until(({ webhook }) => webhook !== undefined)
    })
  )
})
