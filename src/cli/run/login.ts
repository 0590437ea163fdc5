import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as WhatsApp from "../../channels/whatsapp/WhatsAppLogin.js"
import { Process } from "../../config/Process.js"
import type { PhoneNumber } from "../../identity/Identity.js"
import * as Settings from "../../layers/Settings.js"
import * as storage from "../../layers/storage.js"
import { qr } from "../render/qr.js"
import { canColour } from "../Terminal.js"

const where = "On the phone, in WhatsApp: Settings > Linked devices > Link a device"

const prompts = (colour: boolean): WhatsApp.Prompts => ({
  scan: (code) => Console.error(`${where}, and scan this code:\n\n${qr(code, colour)}\n`),
  type: (code) =>
    Console.error(`${where} > Link with phone number instead, and type this code: ${code.slice(0, 4)}-${code.slice(4)}`)
})

const url = Effect.map(Settings.Settings, ({ whatsapp }) => whatsapp.url)

export const login = (phone: Option.Option<PhoneNumber>) =>
  Effect.gen(function* () {
    const process = yield* Process
    const account = yield* WhatsApp.login(yield* url, phone, prompts(canColour(process, "errors")))
    yield* Console.log(`Linked with the WhatsApp account ${account}. Now: warelay relay --providers whatsapp`)
  }).pipe(Effect.provide(Settings.layer), Effect.provide(storage.layer))

export const logout = (local: boolean) =>
  Effect.gen(function* () {
    const account = yield* WhatsApp.logout(yield* url, local)
    const left = local ? " here. Remove the device on the phone, too: Settings > Linked devices" : ""
    yield* Console.log(`The WhatsApp account ${account} is linked no more${left}`)
  }).pipe(Effect.provide(Settings.layer), Effect.provide(storage.layer))
