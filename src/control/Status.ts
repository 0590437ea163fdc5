import * as Schema from "effect/Schema"
import { ChannelName } from "../channels/ChannelNameSchema.js"

const Count = Schema.NonNegativeInt

/** How a channel does, and what came of its messages since the relay was started. */
export const ChannelStatus = Schema.Struct({
  channel: ChannelName,
  state: Schema.Literal("connecting", "receiving", "failing", "ended"),
  since: Schema.DateTimeUtc,
  reason: Schema.optional(Schema.String),
  /** When it tries again by itself. */
  again: Schema.optional(Schema.DateTimeUtc),
  received: Count,
  answered: Count,
  failed: Count,
  refused: Count,
  turnedAway: Count,
  delivered: Count,
  undelivered: Count
})
export type ChannelStatus = typeof ChannelStatus.Type

/** An answer that no provider took. */
export const Undelivered = Schema.Struct({
  channel: ChannelName,
  /** Who is waiting for it, in full. */
  who: Schema.String,
  /** When they wrote. */
  at: Schema.DateTimeUtc,
  reason: Schema.String
})
export type Undelivered = typeof Undelivered.Type

/** What waits in the inbox of a relay. */
export const Kept = Schema.Struct({
  /** How many answers were given up; the latest of them follow. */
  undelivered: Count,
  latest: Schema.Array(Undelivered)
})

/** What is on record of conversations; null if it cannot be read. */
export const SessionCounts = Schema.NullOr(Schema.Struct({ all: Count, open: Count }))

/** Somebody who wrote and may not, in full. */
export const TurnedAway = Schema.Struct({
  channel: ChannelName,
  who: Schema.String,
  group: Schema.Boolean,
  last: Schema.DateTimeUtc,
  times: Count,
  /** What to add to the configuration to let them in; null if there is nothing. */
  add: Schema.NullOr(Schema.Struct({ to: Schema.Literal("allowFrom", "allowGroups"), entry: Schema.String }))
})
export type TurnedAway = typeof TurnedAway.Type

/** What a relay that runs says of itself. */
export const Status = Schema.Struct({
  version: Schema.String,
  since: Schema.DateTimeUtc,
  stopping: Schema.Boolean,
  channels: Schema.Array(ChannelStatus),
  messages: Schema.Struct({
    waiting: Count,
    answering: Count,
    delivering: Count,
    /** Left for channels that are not served now. */
    elsewhere: Count
  }),
  kept: Kept,
  sessions: SessionCounts,
  /** The latest first. */
  turnedAway: Schema.Array(TurnedAway),
  lastError: Schema.NullOr(Schema.Struct({ at: Schema.DateTimeUtc, line: Schema.String }))
})
export type Status = typeof Status.Type
