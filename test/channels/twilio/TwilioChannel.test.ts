import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import { callWebhook, twilioServer } from "../../support/twilio-server.js"
import { account, authToken, hello, running } from "./fixture.js"

describe("TwilioChannel", () => {
  it.scopedLive("what came in is answered to whom it came from, from the number it came to", () =>
    Effect.gen(function* () {
      const server = yield* twilioServer(account)
      const { url, accepted, channel } = yield* running({ apiUrl: server.apiUrl })
      yield* callWebhook({ url, authToken, fields: hello })
      const [message] = yield* accepted
      if (message === undefined) return assert.fail("nothing was accepted")
      yield* channel.send(message.address, "Hello yourself")
      assert.deepEqual(yield* server.nextSent, {
        to: "+1234567890",
        from: "+15005550006",
        messagingServiceSid: null,
        body: "Hello yourself"
      })
    })
  )

  it.scopedLive("neither the URL nor the headers of a call are in a trace, in either direction", () =>
    Effect.gen(function* () {
      const native = yield* Effect.tracer
      const spans: Array<string> = []
      const recording = Tracer.make({
        ...native,
        span: (name, ...more) => {
          spans.push(name)
          return native.span(name, ...more)
        }
      })
      yield* Effect.gen(function* () {
        const server = yield* twilioServer(account)
        const { url, accepted, channel } = yield* running({ apiUrl: server.apiUrl })
        yield* callWebhook({ url, authToken, fields: hello })
        for (const message of yield* accepted) yield* channel.send(message.address, "Hello yourself")
        assert.lengthOf(yield* server.allSent, 1)
      }).pipe(Effect.withTracer(recording))
      assert.deepEqual(spans, ["TwilioMessages.send"])
    })
  )
})
