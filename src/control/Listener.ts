import { createServer, type Server } from "node:http"
import type { ListenOptions } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Nobody can be listened to there. `code` is the errno's name, as the operating system gave it. */
export class ListenFailed extends Data.TaggedError("ListenFailed")<{ readonly code: string }> {}

/** How long a request may take to arrive. */
const arrival = Duration.toMillis("10 seconds")

const listening = (server: Server, where: ListenOptions): Effect.Effect<void, ListenFailed> =>
  Effect.async((resume) => {
    server.once("error", (error: NodeJS.ErrnoException) => resume(new ListenFailed({ code: error.code ?? error.name })))
    server.listen(where, () => resume(Effect.void))
  })

/** At the end nobody is waited for: who asks how a relay does can be told that it has ended. */
const closed = (server: Server): Effect.Effect<void> =>
  Effect.async((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/** Serves from now on until the scope closes. */
export const listen = (app: HttpApp.Default, where: ListenOptions): Effect.Effect<void, ListenFailed, Scope.Scope> =>
  Effect.gen(function* () {
    // That somebody looks is no part of what happens to messages.
    const handler = yield* NodeHttpServer.makeHandler(app).pipe(HttpMiddleware.withTracerDisabledWhenEffect(() => true))
    const server = yield* Effect.acquireRelease(
      Effect.sync(() =>
        createServer({ requestTimeout: arrival, headersTimeout: arrival }, (request, response) => {
          response.shouldKeepAlive = false
          handler(request, response)
        })
      ),
      closed
    )
    yield* listening(server, where)
  })
