import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { AgentSettings, defaultSettings } from "../agent/AgentSettings.js"
import { TurnSettings, turnFields } from "../agent/Turns.js"
import { ChannelName } from "../channels/Message.js"
import { TelegramSettings } from "../channels/telegram/TelegramSettings.js"
import { TwilioSettings } from "../channels/twilio/TwilioSettings.js"
import * as ConfigFile from "../config/ConfigFile.js"
import { RelaySettings, relayFields } from "../relay/RelaySettings.js"
import { SessionSettings, sessionFields } from "../session/SessionSettings.js"

/** All that `clawdis.json` can say: every room brings its own part. */
const File = Schema.Struct({
  ...sessionFields,
  ...turnFields,
  ...relayFields,
  /** The channels that `warelay relay` serves; those for which there are secrets, if absent. */
  providers: Schema.optionalWith(Schema.NonEmptyArray(ChannelName), { as: "Option" }),
  agent: Schema.optionalWith(AgentSettings, { default: () => defaultSettings }),
  telegram: Schema.optionalWith(TelegramSettings, { default: () => Schema.decodeSync(TelegramSettings)({}) }),
  twilio: Schema.optionalWith(TwilioSettings, { default: () => Schema.decodeSync(TwilioSettings)({}) })
})

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
