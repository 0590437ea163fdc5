import type { ChannelStatus, Status } from "./Status.js"

const complaint = ({ channel, reason, state }: ChannelStatus): ReadonlyArray<string> => {
  switch (state) {
    case "connecting":
      return [`${channel} is not connected yet`]
    case "failing":
      return [`${channel} does not receive: ${reason ?? "it does not say why"}`]
    default:
      return []
  }
}

/** A line for every channel through which nobody is heard, though somebody might be. */
export const notReceiving = ({ channels }: Status): ReadonlyArray<string> => channels.flatMap(complaint)
