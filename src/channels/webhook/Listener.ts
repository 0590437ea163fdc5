import { createServer } from "node:http"
import type { ListenOptions } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Nobody can be listened to there, or not any more. `code` is the errno's name, as the operating system gave it. */
export class ListenFailed extends Data.TaggedError("ListenFailed")<{ readonly code: string }> {}

/** How long a request may take to arrive. */
const arrival = Duration.toMillis("10 seconds")

/** More requests than ever run at once, so that whoever has all of these knows that none is running. */
const everyRequest = 1_000_000

/**
 * Serves from now on until the scope closes. Then no connection is taken any more, and whoever is being answered gets so
 * long for it. What it gives waits until the server breaks.
 */
export const listen = (
  app: HttpApp.Default,
  where: ListenOptions,
  farewell: Duration.Duration = Duration.zero
): Effect.Effect<Effect.Effect<never, ListenFailed>, ListenFailed, Scope.Scope> =>
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
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
        }).pipe(
          Effect.zipRight(requests.take(everyRequest)),
          // The wait must be interruptible, though what surrounds it is not, or its time limit would not limit it.
          Effect.interruptible,
          Effect.timeoutOption(farewell),
          Effect.zipRight(Effect.sync(() => server.closeAllConnections()))
        )
    )
    const broken = yield* Deferred.make<never, ListenFailed>()
    server.on("error", (error: NodeJS.ErrnoException) =>
      Deferred.unsafeDone(broken, new ListenFailed({ code: error.code ?? error.name }))
    )
    const listening = Effect.async<void>((resume) => {
      server.listen(where, () => resume(Effect.void))
    })
    yield* Effect.raceFirst(Deferred.await(broken), listening)
    return Deferred.await(broken)
  })
