import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type ListenFailed, listen } from "../channels/webhook/Listener.js"
import { pauseAfter } from "../relay/Backoff.js"
import { contentType, exposition } from "./Exposition.js"
import { notReceiving } from "./Health.js"
import type { MetricsSettings } from "./MetricsSettings.js"
import { Survey } from "./Survey.js"

/** What is told to programs that watch: no sender, no address, no text. */
const app: Effect.Effect<HttpApp.Default, never, Survey> = Effect.gen(function* () {
  const { status } = yield* Survey
  const health = Effect.map(status, (now) => {
    const complaints = notReceiving(now)
    return complaints.length === 0
      ? HttpServerResponse.text("ok\n")
      : HttpServerResponse.text(`${complaints.join("\n")}\n`, { status: 503 })
  })
  const metrics = Effect.map(Effect.flatMap(status, exposition), (text) =>
    HttpServerResponse.text(text, { contentType })
  )
  return yield* HttpRouter.empty.pipe(
    HttpRouter.get("/healthz", health),
    HttpRouter.get("/metrics", metrics),
    HttpRouter.toHttpApp,
    Effect.map(
      Effect.catchTag("RouteNotFound", () => HttpServerResponse.text("/healthz or /metrics\n", { status: 404 }))
    )
  )
})

/** In this form it passes the mask of the log, which takes a port of five digits for somebody's number. */
const address = (port: number): string => `127.0.0.1:${port}`

const reasonOf = ({ code }: ListenFailed, port: number): string => {
  switch (code) {
    case "EADDRINUSE":
      return `${address(port)} is in use by another program: end that one, or set metrics.port to another`
    case "EACCES":
      return `this user may not listen on ${address(port)}: set metrics.port to one above 1023`
    default:
      return `nothing can listen on ${address(port)} (${code})`
  }
}

/** Tries until the port is free, later each time: a relay is not to end because nobody can watch it. */
const serve = (app: HttpApp.Default, port: number, failures = 0): Effect.Effect<never> =>
  listen(app, { host: "127.0.0.1", port }).pipe(
    Effect.tap(Effect.logInfo(`health and metrics are on http://${address(port)}`)),
    Effect.flatten,
    Effect.scoped,
    Effect.catchTag("ListenFailed", (failed) =>
      Effect.gen(function* () {
        const pause = yield* pauseAfter(failures + 1)
        if (failures === 0) yield* Effect.logError(`there are no health and metrics yet: ${reasonOf(failed, port)}`)
        yield* Effect.sleep(pause)
        return yield* serve(app, port, failures + 1)
      })
    )
  )

/** Answers on `metrics.port` for as long as the layer lives, if there is one in the settings. */
export const layer = ({ port }: MetricsSettings): Layer.Layer<never, never, Survey> =>
  Option.match(port, {
    onNone: () => Layer.empty,
    onSome: (port) => Layer.scopedDiscard(Effect.flatMap(app, (app) => Effect.forkScoped(serve(app, port))))
  })
