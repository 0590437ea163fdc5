import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { fileURLToPath } from "node:url"
import * as TelegramServer from "../support/telegram-server.js"
import type { WhatsAppServer } from "../support/whatsapp-server.js"
import type { User } from "./command.js"

/** Somebody who is not listed. */
export const mary: TelegramServer.Person = { id: 555444333, username: "mary", first_name: "Mary" }

/** A relay over a loopback Telegram, where John may write and nobody else, with an agent that repeats. */
export const telegramRelay = (someone: User, env: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const telegram = yield* TelegramServer.make()
    someone.write("clawdis.json", '{ allowFrom: ["telegram:123456789"] }')
    const start = someone.start(["relay"], {
      env: {
        WARELAY_AGENT_ECHO: "true",
        TELEGRAM_BOT_TOKEN: Redacted.value(telegram.token),
        WARELAY_TELEGRAM_API_URL: telegram.url,
        ...env
      }
    })
    const relay = yield* start
    yield* relay.says("receiving as @")
    return { telegram, relay, again: Effect.tap(start, ({ says }) => says("receiving as @")) }
  })

/** What `status --json` prints, as far as tests look at it. */
export interface Status {
  readonly running: boolean
  readonly since: string
  readonly channels: ReadonlyArray<{
    readonly channel: string
    readonly state: string
    readonly reason?: string
    readonly [count: string]: unknown
  }>
  readonly messages: Readonly<Record<string, number>>
  readonly kept: { readonly undelivered: number; readonly latest: ReadonlyArray<Readonly<Record<string, string>>> }
  readonly sessions: { readonly all: number; readonly open: number } | null
  readonly turnedAway: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly lastError: { readonly at: string; readonly line: string } | null
}

export const printedStatus = (text: string): Status => JSON.parse(text)

const trusting = fileURLToPath(new URL("../support/whatsapp-root.mjs", import.meta.url))

/** What a process has to be given that is to meet this WhatsApp and no other. */
export const environmentOf = ({ root, url }: WhatsAppServer) => ({
  NODE_OPTIONS: `--import=${trusting}`,
  NODE_DISABLE_COMPILE_CACHE: "1",
  WHATSAPP_ROOT: root,
  WARELAY_WHATSAPP_URL: url
})

/** Links the relay by a code that is typed on the phone, and answers with all that the command said. */
export const login = (someone: User, whatsapp: WhatsAppServer) =>
  Effect.gen(function* () {
    const running = yield* someone.start(["login", "--phone", `+${whatsapp.account.phone}`], {
      env: environmentOf(whatsapp)
    })
    const said: Array<string> = []
    running.child.stderr.on("data", (text: string) => said.push(text))
    const code = /type this code: ([0-9A-Z]{4})-([0-9A-Z]{4})\n/
    yield* running.says(code)
    const [, first = "", second = ""] = code.exec(said.join("")) ?? []
    yield* whatsapp.typeCode(first + second)
    return yield* running.ended
  })
