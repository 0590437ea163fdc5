import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import { ChatSettings } from "./chat/ChatSettings.js"
import { AllowedGroup, AllowedSender } from "./AllowedSender.js"

const between = (least: number, most: number) =>
  Schema.Number.pipe(
    Schema.filter((number) => Number.isInteger(number) && number >= least && number <= most, {
      message: () => `a whole number from ${least} to ${most} is expected`
    })
  )

/** The settings of this room, at the top of the configuration file. */
export const relayFields = {
  /** Who may write; nobody, if it is empty. */
  allowFrom: Schema.optionalWith(Schema.Array(AllowedSender), { exact: true, default: () => [] }),
  /** In which groups everybody may write. */
  allowGroups: Schema.optionalWith(Schema.Array(AllowedGroup), { exact: true, default: () => [] }),
  /** How many conversations are answered at the same time. */
  maxTurns: Schema.optionalWith(between(1, 100), { exact: true, default: () => 4 }),
  /** How many messages of one sender, or one group, wait at most while an earlier one is answered; more are turned down. */
  maxWaiting: Schema.optionalWith(between(1, 10_000), { exact: true, default: () => 100 }),
  /** What people can have done from the chat. */
  chat: Schema.optionalWith(ChatSettings, { default: () => Schema.decodeSync(ChatSettings)({}) })
}

const Settings = Schema.Struct(relayFields)

export class RelaySettings extends Context.Tag("warelay/relay/RelaySettings")<RelaySettings, typeof Settings.Type>() {}
