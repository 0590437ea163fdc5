import * as Schema from "effect/Schema"

/** What Claude knows a conversation by. A UUID means the same in either case (RFC 9562); here it is in lower case. */
export const SessionId = Schema.compose(Schema.Lowercase, Schema.UUID).pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

export const read = Schema.decodeOption(SessionId)
