import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type Identity, instability, parse } from "../identity/Identity.js"
import type { Provider } from "../identity/Provider.js"
import type { SenderContext } from "./SenderContext.js"

/** Who a sender may be. */
export interface Reading {
  /** The account that `From` names, if it names one. */
  readonly named: Option.Option<Identity>
  /** All names of the account under which it may be linked, the most stable first. */
  readonly candidates: ReadonlyArray<Identity>
}

export class ProviderDetector extends Context.Tag("warelay/session/ProviderDetector")<
  ProviderDetector,
  {
    /** The provider that the form of a name suggests, where the transport does not say which it is. */
    readonly detect: (from: string) => Provider
    /** The account behind one name that a transport gave for it. */
    readonly account: (provider: Provider, name: string) => Option.Option<Identity>
    /** Everybody that the sender may be linked as, by what the transport says alone. */
    readonly read: (sender: SenderContext & { readonly From: string }) => Reading
  }
>() {}

export const detect = (from: string): Provider => {
  if (from.startsWith("telegram:") || from.startsWith("@")) return "telegram"
  if (from.startsWith("twilio:") || from.startsWith("sms:")) return "twilio"
  return "whatsapp"
}

/** What each provider's transport puts in front of an id. */
const prefixes: Record<Provider, ReadonlyArray<string>> = {
  whatsapp: ["whatsapp:"],
  telegram: ["telegram:"],
  twilio: ["twilio:", "sms:", "whatsapp:"]
}

const prefixOf = (provider: Provider, name: string): string =>
  prefixes[provider].find((prefix) => name.startsWith(prefix)) ?? ""

/** WhatsApp's JIDs: an account, the device that wrote, and the kind of account. */
const jid = /^([0-9]+)(?::[0-9]+)?@(s\.whatsapp\.net|lid)$/
const deviceSuffix = /:[0-9]+$/
const bareDigits = /^[1-9][0-9]{6,14}$/

const whatsapp = (id: string, said: boolean): Option.Option<Identity> => {
  const [, digits, server] = jid.exec(id) ?? []
  if (digits !== undefined) return parse("whatsapp", server === "lid" ? `${digits}@lid` : `+${digits}`)
  const account = id.replace(deviceSuffix, "")
  return parse("whatsapp", said && bareDigits.test(account) ? `+${account}` : account)
}

const account = (provider: Provider, name: string, said: boolean): Option.Option<Identity> => {
  const prefix = prefixOf(provider, name)
  const id = name.slice(prefix.length)
  // A number without + is somebody's phone only where we are told that it is one.
  return provider === "whatsapp" ? whatsapp(id, said || prefix !== "") : parse(provider, id)
}

const read: ProviderDetector["Type"]["read"] = ({ aliases = [], From, provider: hint }) => {
  const provider = hint ?? detect(From)
  const said = hint !== undefined
  const names = [From, ...aliases].map((name) => account(provider, name, said))
  const identities = names.flatMap((identity) => Option.toArray(identity))
  const candidates = identities.sort((one, other) => instability(one) - instability(other))
  const [named = Option.none()] = names
  // With nobody to say whose number it is, it may be a WhatsApp account's or, after that, one at Twilio.
  const numbers = provider === "whatsapp" && !said ? [From, ...aliases].filter((name) => name.startsWith("+")) : []
  return { named, candidates: [...candidates, ...numbers.flatMap((name) => Option.toArray(parse("twilio", name)))] }
}

export const layer: Layer.Layer<ProviderDetector> = Layer.succeed(
  ProviderDetector,
  ProviderDetector.of({ detect, account: (provider, name) => account(provider, name, true), read })
)
