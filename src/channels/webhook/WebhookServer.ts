import { createServer, type Server } from "node:http"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { ChannelFailed } from "../Channel.js"
import type { ChannelName } from "../Message.js"

/** Whose calls are taken, and where. The channel's settings `host` and `port` say the latter. */
export interface Listening {
  readonly channel: ChannelName
  readonly host: string
  readonly port: number
}

/** How long a request may take to arrive. */
const arrival = Duration.toMillis("10 seconds")

/** How long the requests that have arrived may take to be answered when the server closes. */
const farewell = Duration.seconds(5)

/** More requests than ever run at once, so that whoever has all of these knows that none is running. */
const everyRequest = 1_000_000

const reasonOf = (error: Error, { channel, host, port }: Listening): string => {
  const code = "code" in error ? error.code : undefined
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} of ${host} is in use by another program: end that one, or set ${channel}.port to another`
    case "EACCES":
      return `this user may not listen on port ${port}: set ${channel}.port to one above 1023`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is not an address of this machine: set ${channel}.host to one that is, such as 127.0.0.1`
    default:
      return `the webhook cannot listen on port ${port} of ${host} (${String(code ?? error.name)})`
  }
}

const failure = (server: Server, at: Listening): Effect.Effect<never, ChannelFailed> =>
  Effect.async((resume) => {
    const failed = (error: Error) =>
      resume(Effect.fail(new ChannelFailed({ channel: at.channel, reason: reasonOf(error, at) })))
    server.once("error", failed)
    return Effect.sync(() => server.off("error", failed))
  })

const listening = (server: Server, at: Listening): Effect.Effect<void> =>
  Effect.async((resume) => {
    server.listen(at.port, at.host, () => resume(Effect.void))
  })

const closed = (server: Server): Effect.Effect<void> =>
  Effect.async((resume) => {
    server.close(() => resume(Effect.void))
  })

/**
 * Serves until it is interrupted, the server breaks, or `meanwhile` fails, which begins when it listens. From then on no
 * connection is taken; whoever is being answered gets some seconds for it, and it ends when all are, or when these are over.
 */
export const serve = (
  app: HttpApp.Default,
  at: Listening,
  meanwhile: Effect.Effect<void, ChannelFailed>
): Effect.Effect<never, ChannelFailed> =>
  Effect.gen(function* () {
    const requests = yield* Effect.makeSemaphore(everyRequest)
    // The URL and the headers of a request are no business of whoever reads traces: the URL can hold a password.
    const handler = yield* NodeHttpServer.makeHandler(requests.withPermits(1)(app)).pipe(
      HttpMiddleware.withTracerDisabledWhenEffect(() => true)
    )
    const server = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const limits = { requestTimeout: arrival, headersTimeout: arrival, connectionsCheckingInterval: 1_000 }
        return createServer(limits, (request, response) => {
          // A connection that stays open after its answer would have to be waited for at the end.
          response.shouldKeepAlive = false
          handler(request, response)
        })
      }),
      (server) =>
        closed(server).pipe(
          Effect.zipRight(requests.take(everyRequest)),
          // The wait must be interruptible, though what surrounds it is not, or its time limit would not limit it.
          Effect.interruptible,
          Effect.timeoutOption(farewell),
          Effect.zipRight(Effect.sync(() => server.closeAllConnections()))
        )
    )
    const waiting = Effect.logInfo(`${at.channel}: waiting for calls on port ${at.port} of ${at.host}`)
    return yield* Effect.raceFirst(
      failure(server, at),
      listening(server, at).pipe(Effect.zipRight(waiting), Effect.zipRight(meanwhile), Effect.zipRight(Effect.never))
    )
  }).pipe(Effect.scoped)
