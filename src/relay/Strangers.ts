import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ChannelName, Message } from "../channels/Message.js"
import type { ProviderDetector } from "../session/ProviderDetector.js"
import { isGroup } from "../session/SenderContext.js"
import { AllowedGroup, AllowedSender } from "./AllowedSender.js"

/** What is to be added to which list, so that somebody is let in. */
export interface Admittance {
  readonly setting: "allowFrom" | "allowGroups"
  readonly entry: string
}

/** An account, or a group, whose messages are not answered. */
export interface Stranger {
  readonly channel: ChannelName
  /** The account or the group in full, as it is listed; as its transport names it, if it cannot be. */
  readonly who: string
  readonly isGroup: boolean
  /** None if it is nothing that can be listed, such as a channel that writes. */
  readonly admittance: Option.Option<Admittance>
  /** When the last message came, in milliseconds since 1970, and how many did. */
  readonly last: number
  readonly times: number
}

const decodeSender = Schema.decodeUnknownOption(AllowedSender)
const isGroupEntry = Schema.is(AllowedGroup)

/** How the sender of a message would be let in. */
const admittanceOf = ({ channel, sender }: Message, detector: ProviderDetector["Type"]): Option.Option<Admittance> => {
  const { From = "" } = sender
  if (isGroup(sender)) {
    const entry = From.replace(/^group:/, "")
    return isGroupEntry(entry) ? Option.some({ setting: "allowGroups", entry }) : Option.none()
  }
  const provider = sender.provider ?? (channel === "console" ? detector.detect(From) : channel)
  const { candidates } = detector.read({ ...sender, From, provider })
  const entry = candidates.map(String).find((written) => Option.isSome(decodeSender(written)))
  return Option.map(Option.fromNullable(entry), (entry) => ({ setting: "allowFrom", entry }))
}

/** Remembers the last so many different strangers, the latest last. */
export const make = (capacity: number, detector: ProviderDetector["Type"]) => {
  const seen = new Map<string, Stranger>()
  return {
    all: (): ReadonlyArray<Stranger> => Array.from(seen.values()),
    see: (message: Message, now: number): void => {
      const { channel, sender } = message
      const name = `${channel} ${sender.From ?? ""}`
      const before = seen.get(name)
      const admittance = admittanceOf(message, detector)
      // Taken out first, so that it becomes the latest.
      seen.delete(name)
      seen.set(name, {
        channel,
        who: Option.match(admittance, { onNone: () => sender.From ?? "", onSome: ({ entry }) => entry }),
        isGroup: isGroup(sender),
        admittance,
        last: now,
        times: (before?.times ?? 0) + 1
      })
      for (const oldest of seen.keys()) {
        if (seen.size <= capacity) break
        seen.delete(oldest)
      }
    }
  }
}
