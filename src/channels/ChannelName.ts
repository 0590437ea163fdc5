/** Where people are reached. */
export const channelNames = ["telegram", "twilio", "whatsapp", "console"] as const
export type ChannelName = (typeof channelNames)[number]
