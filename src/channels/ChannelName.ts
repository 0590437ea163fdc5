import * as Schema from "effect/Schema"

/** Where people are reached. */
export const ChannelName = Schema.Literal("telegram", "twilio", "whatsapp", "console")
export type ChannelName = typeof ChannelName.Type
