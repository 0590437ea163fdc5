import * as Context from "effect/Context"
import * as Schema from "effect/Schema"

/** Whether each sender has a conversation, or all have one together. */
export const Scope = Schema.Literal("per-sender", "global").annotations({
  message: () => ({ message: '"per-sender" or "global" is expected', override: true })
})
export type Scope = typeof Scope.Type

/** The settings of this room, at the top of the configuration file. */
export const sessionFields = {
  scope: Schema.optionalWith(Scope, { default: () => "per-sender" }),
  /** A session that was not used for so many minutes is over; the next message starts another. */
  idleMinutes: Schema.optionalWith(
    Schema.Number.pipe(Schema.greaterThanOrEqualTo(1, { message: () => "a number of minutes from 1 on is expected" })),
    { default: () => 60 }
  )
}

const Settings = Schema.Struct(sessionFields)

export class SessionSettings extends Context.Tag("warelay/session/SessionSettings")<
  SessionSettings,
  typeof Settings.Type
>() {}
