import * as Schema from "effect/Schema"
import { channelNames } from "./ChannelName.js"

export const ChannelName = Schema.Literal(...channelNames)
export type ChannelName = typeof ChannelName.Type
