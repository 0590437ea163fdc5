import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ChannelName } from "../channels/ChannelNameSchema.js"
import type { Message } from "../channels/Message.js"
import { accountOf } from "../identity/Identity.js"
import type { ProviderDetector } from "../session/ProviderDetector.js"
import { isGroup } from "../session/SenderContext.js"
import { AllowedGroup, AllowedSender } from "./AllowedSender.js"
import type { RelaySettings } from "./RelaySettings.js"
import { writerOf } from "./Writer.js"

/** What is to be added to which list, so that somebody is let in. */
const Admittance = Schema.Struct({
  setting: Schema.Literal("allowFrom", "allowGroups"),
  entry: Schema.String
})
type Admittance = typeof Admittance.Type

/** An account, or a group, whose messages are not answered. */
export const Stranger = Schema.Struct({
  channel: ChannelName,
  /** The account or the group in full, as it is listed; as its transport names it, if it cannot be. */
  who: Schema.String,
  isGroup: Schema.Boolean,
  /** None if it is nothing that can be listed, such as a channel that writes. */
  admittance: Schema.optionalWith(Admittance, { as: "Option" }),
  /** When the last message came, in milliseconds since 1970, and how many did. */
  last: Schema.Number.pipe(Schema.finite()),
  times: Schema.NonNegativeInt
})
export type Stranger = typeof Stranger.Type

const decodeSender = Schema.decodeUnknownOption(AllowedSender)
const isGroupEntry = Schema.is(AllowedGroup)

/** How the sender of a message would be let in. */
const admittanceOf = (message: Message, detector: ProviderDetector["Type"]): Option.Option<Admittance> => {
  const { sender } = message
  if (isGroup(sender)) {
    const entry = (sender.From ?? "").replace(/^group:/, "")
    return isGroupEntry(entry) ? Option.some({ setting: "allowGroups", entry }) : Option.none()
  }
  const entry = writerOf(detector, message)
    .names.map(String)
    .find((written) => Option.isSome(decodeSender(written)))
  return Option.map(Option.fromNullable(entry), (entry) => ({ setting: "allowFrom", entry }))
}

/** Whoever wrote this, once. */
export const strangerIn = (message: Message, detector: ProviderDetector["Type"], now: number): Stranger => {
  const admittance = admittanceOf(message, detector)
  return {
    channel: message.channel,
    who: Option.match(admittance, { onNone: () => message.sender.From ?? "", onSome: ({ entry }) => entry }),
    isGroup: isGroup(message.sender),
    admittance,
    last: now,
    times: 1
  }
}

/** Whether somebody is none any more, because the configuration has been changed. */
export const isListed = ({
  allowFrom,
  allowGroups
}: Pick<RelaySettings["Type"], "allowFrom" | "allowGroups">): ((stranger: Stranger) => boolean) => {
  const accounts = new Set(allowFrom.map(({ identity }) => accountOf(identity)))
  const groups = new Set<string>(allowGroups)
  return ({ admittance }) =>
    Option.exists(admittance, ({ entry, setting }) =>
      setting === "allowGroups"
        ? groups.has(entry)
        : Option.exists(decodeSender(entry), ({ identity }) => accounts.has(accountOf(identity)))
    )
}
