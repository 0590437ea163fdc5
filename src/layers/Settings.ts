import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AgentSettings, defaultSettings } from "../agent/AgentSettings.js"
import { TurnSettings, turnFields } from "../agent/Turns.js"
import { ChannelName } from "../channels/ChannelNameSchema.js"
import { TelegramSettings } from "../channels/telegram/TelegramSettings.js"
import { TwilioSettings } from "../channels/twilio/TwilioSettings.js"
import { WhatsAppSettings } from "../channels/whatsapp/WhatsAppSettings.js"
import * as ConfigFile from "../config/ConfigFile.js"
import { LogSettings } from "../config/LogSettingsSchema.js"
import { MetricsSettings } from "../control/MetricsSettings.js"
import { TracingSettings } from "../control/tracing/TracingSettings.js"
import { linkingFields } from "../identity/LinkingSettingsSchema.js"
import { readCommand } from "../relay/chat/Command.js"
import { RelaySettings, relayFields } from "../relay/RelaySettings.js"
import { SessionSettings, sessionFields } from "../session/SessionSettings.js"

/** All that `clawdis.json` can say: every room brings its own part. */
const File = Schema.Struct({
  ...linkingFields,
  ...sessionFields,
  ...turnFields,
  ...relayFields,
  /** The channels that `warelay relay` serves; those for which there are secrets, if absent. */
  providers: Schema.optionalWith(Schema.NonEmptyArray(ChannelName), { as: "Option" }),
  log: Schema.optionalWith(LogSettings, { default: () => Schema.decodeSync(LogSettings)({}) }),
  metrics: Schema.optionalWith(MetricsSettings, { default: () => Schema.decodeSync(MetricsSettings)({}) }),
  tracing: Schema.optionalWith(TracingSettings, { default: () => Schema.decodeSync(TracingSettings)({}) }),
  agent: Schema.optionalWith(AgentSettings, { default: () => defaultSettings }),
  telegram: Schema.optionalWith(TelegramSettings, { default: () => Schema.decodeSync(TelegramSettings)({}) }),
  twilio: Schema.optionalWith(TwilioSettings, { default: () => Schema.decodeSync(TwilioSettings)({}) }),
  whatsapp: Schema.optionalWith(WhatsAppSettings, { default: () => Schema.decodeSync(WhatsAppSettings)({}) })
}).pipe(
  // What the relay answers itself never comes to a conversation, and so could not begin one.
  Schema.filter(({ chat, resetTriggers }) =>
    resetTriggers.flatMap((trigger, index) =>
      Option.isNone(readCommand(chat, trigger))
        ? []
        : [{ path: ["resetTriggers", index], message: `"${trigger}" is a chat command: choose another` }]
    )
  )
)

export class Settings extends Context.Tag("warelay/layers/Settings")<Settings, typeof File.Type>() {}

/** From the file in the home and the environment, for this module and every room. */
export const layer = Layer.mergeAll(
  Layer.effect(
    SessionSettings,
    Effect.map(Settings, (settings) => settings)
  ),
  Layer.effect(
    TurnSettings,
    Effect.map(Settings, (settings) => settings)
  ),
  Layer.effect(
    RelaySettings,
    Effect.map(Settings, (settings) => settings)
  )
).pipe(Layer.provideMerge(Layer.effect(Settings, ConfigFile.read(File))))

/** Whether the configured agent can continue one session's history in another. */
export const canFork = ({ agent }: Settings["Type"]): boolean => agent.echo || agent.sessionArguments.fork !== undefined
