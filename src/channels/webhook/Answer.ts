import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { masked } from "../../config/Masked.js"
import type { Accept } from "../Channel.js"
import type { Message } from "../Message.js"

/** No, and why. */
export const refusal = (
  status: number,
  sentence: string,
  headers: Record<string, string> = {}
): HttpServerResponse.HttpServerResponse => HttpServerResponse.text(`${sentence}\n`, { status, headers })

/** Whoever calls another path, or with another method, is told so. */
export const expected = (
  request: HttpServerRequest.HttpServerRequest,
  path: string
): Effect.Effect<void, HttpServerResponse.HttpServerResponse> => {
  if (request.originalUrl.split("?")[0] !== path) return Effect.fail(refusal(404, "There is nothing here."))
  return request.method === "POST"
    ? Effect.void
    : Effect.fail(refusal(405, "Only POST is answered here.", { allow: "POST" }))
}

/** What a request brings, if that is at most so many bytes. A length that is said and too long is answered unread. */
export const bodyOf = (
  request: HttpServerRequest.HttpServerRequest,
  most: number
): Effect.Effect<string, HttpServerResponse.HttpServerResponse> =>
  Effect.if(Number(request.headers["content-length"] ?? 0) > most, {
    onTrue: () => Effect.fail(undefined),
    onFalse: () => request.text
  }).pipe(
    Effect.mapError(() => refusal(413, `Only ${most} bytes are read here.`)),
    HttpIncomingMessage.withMaxBodySize(Option.some(FileSystem.Size(most)))
  )

/**
 * Accepts a message and only then acknowledges it: whoever is told 503 delivers it again. Whoever called may hang up,
 * which does not stop a message half accepted: a request is handled uninterruptibly.
 */
export const answering = (
  accept: Accept,
  message: Message,
  acknowledgement: HttpServerResponse.HttpServerResponse
): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  accept(message).pipe(
    Effect.tapDefect((defect) =>
      Effect.logError(`${message.channel}: a message was not accepted: ${masked(Cause.pretty(defect))}`)
    ),
    Effect.as(acknowledgement),
    Effect.catchTag("NotTaken", (untaken) =>
      Effect.as(
        Effect.logError(`${message.channel}: ${untaken.message}`),
        refusal(503, "The message could not be kept.")
      )
    )
  )
