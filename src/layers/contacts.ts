import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { tokenForm } from "../channels/telegram/TelegramSettings.js"
import { phoneOf } from "../channels/whatsapp/WhatsAppJid.js"
import * as WhatsAppStore from "../channels/whatsapp/WhatsAppStore.js"
import { Settings } from "./Settings.js"

/** A way to bring a code with one tap. */
export interface Contact {
  readonly name: "Telegram" | "WhatsApp"
  /** What opens a chat with us in which the code waits to be sent. */
  readonly link: (code: string) => string
}

const set = (name: string) => Effect.option(Config.redacted(Config.nonEmptyString(name)))

/** faq.whatsapp.com/5913398998672934: digits alone, and the text. */
const whatsAppAt = (digits: string): Contact => ({
  name: "WhatsApp",
  link: (code) => `https://wa.me/${digits}?text=${encodeURIComponent(code)}`
})

/** core.telegram.org/api/links#bot-links: up to 64 letters, digits, dashes and underscores. */
const telegramAs = (username: string): Contact => ({
  name: "Telegram",
  link: (code) => `https://t.me/${username}?start=${encodeURIComponent(code)}`
})

/** Whoever types a command does not wait for longer to learn what a bot is called. */
const patience = Duration.seconds(5)

const telegram = Effect.gen(function* () {
  const { telegram } = yield* Settings
  const token = Option.filter(yield* set("TELEGRAM_BOT_TOKEN"), (token) => tokenForm.test(Redacted.value(token)))
  if (Option.isNone(token)) return []
  const { make } = yield* Effect.promise(() => import("../channels/telegram/TelegramApi.js"))
  const bot = yield* Effect.option(Effect.timeout(make(telegram, token.value).getMe, patience))
  return Option.toArray(Option.map(bot, ({ username }) => telegramAs(username)))
})

const whatsapp = WhatsAppStore.linked.pipe(
  Effect.map(Option.flatMap(phoneOf)),
  Effect.map(Option.map((phone) => phone.replace("whatsapp:+", ""))),
  Effect.orElseSucceed(() => Option.none<string>())
)

const twilio = Effect.map(set("TWILIO_FROM"), (from) =>
  Option.flatMap(from, (from) => Option.fromNullable(/^whatsapp:\+([0-9]+)$/.exec(Redacted.value(from))?.[1]))
)

/** Where we can be written to by a link, as far as that is known without a relay that runs. */
export const contacts = Effect.gen(function* () {
  const numbers = [...Option.toArray(yield* whatsapp), ...Option.toArray(yield* twilio)]
  return [...(yield* telegram), ...Array.from(new Set(numbers), whatsAppAt)]
})
