import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Channels } from "../channels/Channel.js"
import * as ConsoleChannel from "../channels/console/ConsoleChannel.js"
import { ChannelName } from "../channels/ChannelNameSchema.js"
import * as TelegramChannel from "../channels/telegram/TelegramChannel.js"
import { tokenForm } from "../channels/telegram/TelegramSettings.js"
import * as TwilioChannel from "../channels/twilio/TwilioChannel.js"
import { TwilioCredentials } from "../channels/twilio/TwilioSettings.js"
import type { WhatsAppSettings } from "../channels/whatsapp/WhatsAppSettings.js"
import * as WhatsAppStore from "../channels/whatsapp/WhatsAppStore.js"
import { Process } from "../config/Process.js"
import { Settings } from "./Settings.js"

/** A channel was asked for that cannot be served with what there is. */
class ChannelUnavailable extends Schema.TaggedError<ChannelUnavailable>()("ChannelUnavailable", {
  channel: ChannelName,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.channel} cannot be served: ${this.reason}`
  }
}

/** There is nothing to serve. */
class NoChannels extends Schema.TaggedError<NoChannels>()("NoChannels", {}) {
  override get message(): string {
    return (
      "there is no provider to serve. Set TELEGRAM_BOT_TOKEN, or TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM, " +
      "link a WhatsApp account (warelay login), or try it without any account: warelay relay --providers console"
    )
  }
}

const telegramToken = Config.validate(Config.redacted(Config.nonEmptyString("TELEGRAM_BOT_TOKEN")), {
  message: "TELEGRAM_BOT_TOKEN is not the token of a bot; copy it again from BotFather",
  validation: (token) => tokenForm.test(Redacted.value(token))
})

const twilioCredentials = Config.all({
  accountSid: Schema.Config("TWILIO_ACCOUNT_SID", TwilioCredentials.fields.accountSid),
  authToken: Schema.Config("TWILIO_AUTH_TOKEN", TwilioCredentials.fields.authToken),
  from: Schema.Config("TWILIO_FROM", TwilioCredentials.fields.from)
})

/** What is wrong with which variable; never what is in it. */
const wrong = (error: ConfigError.ConfigError): string =>
  error._op === "And" || error._op === "Or"
    ? `${wrong(error.left)}; ${wrong(error.right)}`
    : [...error.path.slice(0, 1), error.message].join(": ")

const unavailable = (channel: ChannelName, variables: string) => (error: ConfigError.ConfigError) =>
  new ChannelUnavailable({
    channel,
    reason: ConfigError.isMissingDataOnly(error) ? `set ${variables} in the environment` : wrong(error)
  })

/** What speaks with WhatsApp is as large as everything else together, and loaded only then. */
const whatsapp = (settings: WhatsAppSettings) =>
  Effect.gen(function* () {
    if (Option.isNone(yield* WhatsAppStore.linked)) {
      const reason = "no account is linked; link one: warelay login"
      return yield* new ChannelUnavailable({ channel: "whatsapp", reason })
    }
    const { make } = yield* Effect.promise(() => import("../channels/whatsapp/WhatsAppChannel.js"))
    return yield* make(settings)
  })

const open = (name: ChannelName) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    switch (name) {
      case "telegram": {
        const token = yield* Effect.mapError(telegramToken, unavailable(name, "TELEGRAM_BOT_TOKEN"))
        return yield* TelegramChannel.make(settings.telegram, token)
      }
      case "twilio": {
        const variables = "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM"
        const credentials = yield* Effect.mapError(twilioCredentials, unavailable(name, variables))
        return yield* TwilioChannel.make(settings.twilio, credentials)
      }
      case "whatsapp":
        return yield* whatsapp(settings.whatsapp)
      case "console":
        return yield* ConsoleChannel.make(yield* Process)
    }
  })

/** The channels for which somebody has set secrets, complete or not, or logged in. */
const configured = Effect.gen(function* () {
  const isSet = (name: string) => Effect.isSuccess(Config.nonEmptyString(name))
  return [
    ...((yield* isSet("TELEGRAM_BOT_TOKEN")) ? (["telegram"] as const) : []),
    ...((yield* isSet("TWILIO_AUTH_TOKEN")) ? (["twilio"] as const) : []),
    ...(Option.isSome(yield* Effect.orElseSucceed(WhatsAppStore.linked, Option.none)) ? (["whatsapp"] as const) : [])
  ]
})

/** The channels to serve: those that were asked for, else those of the configuration, else those that have secrets. */
export const namesOf = (asked: Option.Option<ReadonlyArray<ChannelName>>) =>
  Effect.gen(function* () {
    const { providers } = yield* Settings
    const names = yield* Option.match(
      Option.orElse(asked, () => providers),
      {
        onNone: () => configured,
        onSome: Effect.succeed
      }
    )
    if (names.length === 0) return yield* new NoChannels()
    return Array.from(new Set(names))
  })

/** These channels, open for the life of the layer. */
export const layer = (names: ReadonlyArray<ChannelName>) =>
  Layer.scoped(Channels, Effect.forEach(names, open)).pipe(Layer.provide(FetchHttpClient.layer))
