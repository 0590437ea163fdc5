import type { Brand } from "effect/Brand"
import * as Data from "effect/Data"
import * as Option from "effect/Option"
import { type Provider, providers } from "./Provider.js"

const phoneNumber = /^\+[1-9][0-9]{6,14}$/
const linkedId = /^[0-9]{1,32}@lid$/
const scopedId = /^US\.[A-Za-z0-9]{1,128}$/
const username = /^@[A-Za-z0-9_]{4,32}$/
const userNumber = /^[1-9][0-9]{0,15}$/

/** E.164 (ITU-T): `+`, then 7 to 15 digits, the first not 0, without separators. */
export type PhoneNumber = string & Brand<"PhoneNumber">
export const isPhoneNumber = (id: string): id is PhoneNumber => phoneNumber.test(id)

/** WhatsApp's opaque account id, `<digits>@lid`: never a phone number. */
export type LinkedId = string & Brand<"LinkedId">
const isLinkedId = (id: string): id is LinkedId => linkedId.test(id)

/** Twilio's business-scoped id: a country, a dot, letters or digits. */
export type ScopedId = string & Brand<"ScopedId">
const isScopedId = (id: string): id is ScopedId => scopedId.test(id)

/** A Telegram username as it was typed, `@` in front. `@john`, four letters, is one. */
export type Username = string & Brand<"Username">
export const isUsernameId = (id: string): id is Username => username.test(id)

/** A Telegram account's number: whole, positive, at most 2^52 (core.telegram.org/api/peers). Negative numbers are chats. */
export type UserNumber = string & Brand<"UserNumber">
export const isUserNumber = (id: string): id is UserNumber => userNumber.test(id) && Number(id) <= 2 ** 52

export type AccountId = PhoneNumber | LinkedId | UserNumber | Username | ScopedId

/** What each provider calls an account, the most stable kind first. */
const kinds: Record<Provider, ReadonlyArray<(id: string) => id is AccountId>> = {
  whatsapp: [isPhoneNumber, isLinkedId],
  telegram: [isUserNumber, isUsernameId],
  twilio: [isPhoneNumber, isScopedId]
}

/** The form that each provider's identities have, as a sentence for the person who typed another one. */
export const acceptedForm: Record<Provider, string> = {
  whatsapp: "a phone number with + and country code such as +1234567890, or a WhatsApp id such as 12345@lid",
  telegram: "a username such as @john (4 to 32 letters, digits or _), or the account's number such as 123456789",
  twilio: "a phone number with + and country code such as +1234567890, or a Twilio id such as US.1a2b3c"
}

/** Between the digits of a phone number people write these, and nothing else is ever dropped. */
const separatedPhone = /^\+[0-9](?:[ .()-]*[0-9])*$/

const isKind = (provider: Provider, id: string): id is AccountId => kinds[provider].some((is) => is(id))

/** The id in its provider's own form, if it can be one. */
const canonical = (provider: Provider, typed: string): AccountId | undefined => {
  if (isKind(provider, typed)) return typed
  if (provider === "telegram" || !separatedPhone.test(typed)) return undefined
  const digits = typed.replace(/[ .()-]/g, "")
  return isKind(provider, digits) ? digits : undefined
}

// Telegram takes @John and @john for one account; ASCII is all that a username can contain.
const accountNamed = (provider: Provider, id: AccountId): string =>
  provider === "telegram" ? `telegram:${id.toLowerCase()}` : `${provider}:${id}`

/**
 * One account at one provider. `id` is in the provider's own form: no prefix, a phone number without separators, a
 * username as it was typed.
 */
export class Identity extends Data.Class<{ readonly provider: Provider; readonly id: AccountId }> {
  /** `provider:id`, the way an identity is written. */
  override toString(): string {
    return `${this.provider}:${this.id}`
  }
}

/** The name under which an identity is found: two identities are the same account if and only if this is equal. */
export const accountOf = ({ id, provider }: Identity): string => accountNamed(provider, id)

/** The account that an id, as it was typed, is the name of. */
export const accountFor = (provider: Provider, typed: string): string | undefined => {
  const id = canonical(provider, typed)
  return id === undefined ? undefined : accountNamed(provider, id)
}

/** How soon an id of this kind comes to mean somebody else: 0 for the provider's most stable kind, 1 for the other. */
export const instability = (identity: Identity): number => kinds[identity.provider].findIndex((is) => is(identity.id))

/** A Telegram name, which its owner can give up and somebody else take. */
export const isUsername = ({ id, provider }: Identity): boolean => provider === "telegram" && id.startsWith("@")

/** A Telegram account's number, which is nobody else's, ever. */
export const isNumber = ({ id, provider }: Identity): boolean => provider === "telegram" && !id.startsWith("@")

/** Reads an id in the form accepted when linking, without its provider in front. */
export const parse = (provider: Provider, typed: string): Option.Option<Identity> => {
  const id = canonical(provider, typed)
  return id === undefined ? Option.none() : Option.some(new Identity({ provider, id }))
}

/** Reads an identity as it is written, `provider:id`. */
export const parseWritten = (text: string): Option.Option<Identity> => {
  const provider = providers.find((provider) => text.startsWith(`${provider}:`))
  return provider === undefined ? Option.none() : parse(provider, text.slice(provider.length + 1))
}
