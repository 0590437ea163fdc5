import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { WrittenIdentity } from "../identity/IdentitySchema.js"
import { Sender, Sent } from "./Sender.js"
import { Status } from "./Status.js"
import { Survey } from "./Survey.js"

/** A text to be sent, and to whom. */
export const Sending = Schema.Struct({ to: WrittenIdentity, text: Schema.String })

/** Why something was not done. */
export const Refusal = Schema.Struct({ error: Schema.String })

/** As long as a text may be, in bytes, with what JSON puts around it. */
const longest = 1024 * 1024

const statusJson = HttpServerResponse.schemaJson(Status)
const sentJson = HttpServerResponse.schemaJson(Sent)
const refusalJson = HttpServerResponse.schemaJson(Refusal)

const refused = (status: number) => (error: { readonly message: string }) =>
  Effect.orDie(refusalJson({ error: error.message }, { status }))

/** What a relay is asked and told, by those who may open its socket. */
export const make: Effect.Effect<HttpApp.Default, never, Survey | Sender> = Effect.gen(function* () {
  const { status } = yield* Survey
  const { send } = yield* Sender

  const sending = Effect.gen(function* () {
    const { text, to } = yield* HttpServerRequest.schemaBodyJson(Sending)
    return yield* Effect.orDie(sentJson(yield* send(to, text)))
  }).pipe(
    Effect.catchTags({
      ParseError: refused(400),
      RequestError: refused(400),
      NothingToSend: refused(400),
      ChannelNotServed: refused(409),
      CannotBegin: refused(409),
      TooManySends: refused(429),
      AnswerNotDelivered: refused(502)
    }),
    HttpIncomingMessage.withMaxBodySize(Option.some(FileSystem.Size(longest)))
  )

  return yield* HttpRouter.empty.pipe(
    HttpRouter.get("/status", Effect.orDie(Effect.flatMap(status, (now) => statusJson(now)))),
    HttpRouter.post("/send", sending),
    HttpRouter.toHttpApp,
    Effect.map(Effect.catchTag("RouteNotFound", () => refused(404)({ message: "there is nothing here" })))
  )
})
