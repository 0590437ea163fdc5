import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { User } from "../cli/command.js"
import { environmentOf, login } from "../cli/running.js"
import * as TelegramServer from "../support/telegram-server.js"
import * as Twilio from "../support/twilio-server.js"
import * as WhatsAppServer from "../support/whatsapp-server.js"
import { type App, accountOf, type Place } from "./cast.js"
import type { Heard } from "./Ledger.js"

/** Providers on the loopback interface, as the people in the soak use them and the relay meets them. */
export interface Providers {
  /** What the relay's process has to be given. */
  readonly env: Readonly<Record<string, string>>
  /** Somebody writes. Completes when the provider will see to it that the message arrives; this may need a running relay. */
  readonly write: (place: Place, text: string) => Effect.Effect<void>
  /** Takes what was sent since the last time. */
  readonly heard: Effect.Effect<ReadonlyArray<Omit<Heard, "at">>>
}

const account = { accountSid: `AC${"5".repeat(32)}`, authToken: "5".repeat(32) }
const us = "+15550003333"

const telegram = Effect.gen(function* () {
  const server = yield* TelegramServer.make()
  let taken = 0
  return {
    env: { TELEGRAM_BOT_TOKEN: Redacted.value(server.token), WARELAY_TELEGRAM_API_URL: server.url },
    write: ({ number, person }, text) => Effect.asVoid(server.say({ id: number, first_name: person }, text)),
    heard: Effect.map(server.seen, ({ sent }) => {
      const fresh = sent.slice(taken)
      taken = sent.length
      return fresh.map(({ chat_id, text }) => ({ place: `telegram:${chat_id}`, text }))
    })
  } satisfies Providers
})

const twilio = Effect.gen(function* () {
  const server = yield* Twilio.twilioServer(account)
  const port = yield* Twilio.freePort
  const url = `http://127.0.0.1:${port}/twilio`
  let count = 0
  /** One after the other for each number, and again until the webhook has said that it has it: with the same id. */
  const locks = new Map<string, Effect.Semaphore>()
  const lockOf = (name: string) => {
    const lock = locks.get(name) ?? Effect.unsafeMakeSemaphore(1)
    locks.set(name, lock)
    return lock
  }
  const call = (place: Place, text: string, sid: string) =>
    Twilio.callWebhook({
      url,
      authToken: account.authToken,
      fields: Twilio.incoming({
        From: `+${place.number}`,
        To: us,
        Body: text,
        MessageSid: sid,
        AccountSid: account.accountSid
      })
    }).pipe(
      Effect.sandbox,
      Effect.filterOrFail(({ status }) => status === 200),
      Effect.retry({ schedule: Schedule.spaced("100 millis") }),
      Effect.orDie
    )
  return {
    env: {
      TWILIO_ACCOUNT_SID: account.accountSid,
      TWILIO_AUTH_TOKEN: account.authToken,
      TWILIO_FROM: us,
      WARELAY_TWILIO_API_URL: server.apiUrl,
      WARELAY_TWILIO_PORT: `${port}`
    },
    write: (place, text) =>
      Effect.suspend(() => {
        count += 1
        return Effect.asVoid(call(place, text, `SM${String(count).padStart(32, "0")}`))
      }).pipe(lockOf(place.name).withPermits(1)),
    heard: Effect.map(server.allSent, (sent) => sent.map(({ body, to }) => ({ place: `twilio:${to}`, text: body })))
  } satisfies Providers
})

const whatsapp = (user: User) =>
  Effect.gen(function* () {
    // As many one-time keys as there may be people: each begins with one.
    const server = yield* WhatsAppServer.make({ preKeys: 0 })
    const env = environmentOf(server)
    yield* login(user, server)
    let taken = 0
    return {
      env,
      write: (place, text) => Effect.asVoid(server.say(accountOf(place), text)),
      heard: Effect.map(server.seen, ({ sent }) => {
        const fresh = sent.slice(taken)
        taken = sent.length
        // What cannot be opened a second time is asked of the account's own phone again.
        const answers = fresh.filter(({ to }) => !to.startsWith(server.account.phone))
        return answers.map(({ openedBy, text }) => ({
          place: `whatsapp:+${openedBy.find((phone) => phone !== server.account.phone)}`,
          text
        }))
      })
    } satisfies Providers
  })

/** All of them at once, for a user who has linked the relay with WhatsApp if that is one of them. */
export const make = (user: User, apps: ReadonlyArray<App>): Effect.Effect<Providers, never, Scope.Scope> =>
  Effect.gen(function* () {
    const made = {
      telegram: yield* telegram,
      twilio: yield* twilio,
      ...(apps.includes("whatsapp") ? { whatsapp: yield* whatsapp(user) } : {})
    } satisfies Partial<Record<App, Providers>>
    const all: Partial<Record<App, Providers>> = Object.fromEntries(
      Object.entries(made).filter(([app]) => apps.some((one) => one === app))
    )
    return {
      env: Object.assign({}, ...Object.values(all).map(({ env }) => env)),
      write: (place, text) => all[place.app]?.write(place, text) ?? Effect.dieMessage(`no ${place.app} here`),
      heard: Effect.map(
        Effect.forEach(Object.values(all), ({ heard }) => heard),
        (heard) => heard.flat()
      )
    }
  })
