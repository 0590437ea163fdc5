import * as Schema from "effect/Schema"
import { Message } from "../channels/Message.js"

/** One thing that happened to a message, which is named by its channel and its id there. Times in milliseconds since 1970. */
export const InboxLine = Schema.Union(
  Schema.Struct({ received: Message, at: Schema.Number }),
  Schema.Struct({ answered: Schema.String, text: Schema.String }),
  /** So many parts of the answer were handed to the provider. */
  Schema.Struct({ sent: Schema.String, parts: Schema.Int }),
  /** The provider does not take the answer, or the rest of it. */
  Schema.Struct({ undelivered: Schema.String, reason: Schema.String }),
  Schema.Struct({ done: Schema.String, at: Schema.Number })
)
export type InboxLine = typeof InboxLine.Type

const Line = Schema.parseJson(InboxLine)

export const encodeLine = Schema.encodeSync(Line)
export const decodeLine = Schema.decodeEither(Line)
