import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Message } from "../../../src/channels/Message.js"
import * as TwilioChannel from "../../../src/channels/twilio/TwilioChannel.js"
import { TwilioSettings } from "../../../src/channels/twilio/TwilioSettings.js"
import { freePort, incoming } from "../../support/twilio-server.js"

export const authToken = "b7f1c0ffee5ec2e7c0ffee5ec2e7b7f1"
export const account = { accountSid: "AC0123456789abcdef0123456789abcdef", authToken }
const credentials = {
  accountSid: account.accountSid,
  authToken: Redacted.make(authToken),
  from: "+15005550006"
}

const settingsOf = Schema.decodeSync(TwilioSettings)

export const channelOf = (settings: typeof TwilioSettings.Encoded, from = credentials.from) =>
  TwilioChannel.make(settingsOf(settings), { ...credentials, from }).pipe(Effect.provide(FetchHttpClient.layer))

/** Lets sockets and timers of Node have a turn, which the test clock does not. */
export const turn = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 2)))

/** Waits for something outside of Effect. */
export const until = (condition: Effect.Effect<boolean>) =>
  Effect.repeat(Effect.zipRight(turn, condition), { until: (holds) => holds })

const answers = (url: string) =>
  Effect.promise(() =>
    fetch(url).then(
      () => true,
      () => false
    )
  )

/** A channel that runs until the scope ends, and what it has accepted so far. */
export const running = (
  settings: typeof TwilioSettings.Encoded = {},
  accept: (message: Message) => Effect.Effect<void> = () => Effect.void,
  logs: Layer.Layer<never> = Logger.remove(Logger.defaultLogger)
) =>
  Effect.gen(function* () {
    const port = yield* freePort
    const accepted = yield* Queue.unbounded<Message>()
    const channel = yield* channelOf({ ...settings, port })
    const fiber = yield* Effect.forkScoped(
      channel
        .run((message) => Effect.zipRight(Queue.offer(accepted, message), accept(message)))
        .pipe(Effect.provide(logs))
    )
    const origin = `http://127.0.0.1:${port}`
    yield* until(answers(origin))
    const path = settings.publicUrl === undefined ? "/twilio" : new URL(settings.publicUrl).pathname
    return {
      port,
      url: `${origin}${path}`,
      fiber,
      channel,
      accepted: Effect.map(Queue.takeAll(accepted), Chunk.toReadonlyArray)
    }
  })

export const hello = incoming({ From: "+1234567890", To: "+15005550006", Body: "Hello", MessageSid: "SM1" })

/** Everything that is logged, at every level, as one text. */
export const logged = (lines: Array<string>) =>
  Layer.merge(
    Logger.replace(
      Logger.defaultLogger,
      Logger.make((entry) => {
        lines.push(Logger.logfmtLogger.log(entry), JSON.stringify(HashMap.toEntries(entry.annotations)))
      })
    ),
    Logger.minimumLogLevel(LogLevel.All)
  )
