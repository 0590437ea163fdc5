import * as Option from "effect/Option"
import type { Identity } from "../../identity/Identity.js"
import { Address } from "../Message.js"

/**
 * The accounts and groups that WhatsApp's JIDs name. A person has a phone number, or a LID, which is a number that says
 * nothing and is never a phone's; either may have the device behind it that wrote.
 */
const person = /^([0-9]{1,32})(?::[0-9]{1,5})?@(s\.whatsapp\.net|lid)$/
const group = /^[0-9]{1,32}(?:-[0-9]{1,32})?@g\.us$/
const phone = /^[1-9][0-9]{6,14}$/

/** Who wrote, as identities are written. At least one of the two is there. */
export interface Account {
  readonly phone: Option.Option<string>
  readonly lid: Option.Option<string>
}

/** The chat or account without the device; nothing for what is neither a person nor a group. */
export const bare = (jid: string): Option.Option<string> => {
  if (group.test(jid)) return Option.some(jid)
  const found = person.exec(jid)
  return found === null ? Option.none() : Option.some(`${found[1]}@${found[2]}`)
}

export const isGroup = (jid: string): boolean => group.test(jid)

const named = (jid: string, server: string): Option.Option<string> => {
  const found = person.exec(jid)
  return found?.[1] !== undefined && found[2] === server ? Option.some(found[1]) : Option.none()
}

/** `whatsapp:+…` of a JID that is a phone's. */
export const phoneOf = (jid: string): Option.Option<string> =>
  Option.map(
    Option.filter(named(jid, "s.whatsapp.net"), (digits) => phone.test(digits)),
    (digits) => `whatsapp:+${digits}`
  )

/** `whatsapp:…@lid` of a JID that is a LID. */
export const lidOf = (jid: string): Option.Option<string> =>
  Option.map(named(jid, "lid"), (digits) => `whatsapp:${digits}@lid`)

/** The account behind JIDs that WhatsApp says are the same; nothing if none of them is a person's. */
export const accountIn = (jids: ReadonlyArray<string>): Option.Option<Account> => {
  const phone = Option.firstSomeOf(jids.map(phoneOf))
  const lid = Option.firstSomeOf(jids.map(lidOf))
  return Option.isNone(phone) && Option.isNone(lid) ? Option.none() : Option.some({ phone, lid })
}

/** Whether two JIDs name one account, on whatever device. */
export const sameAccount = (one: string, other: string): boolean =>
  person.test(one) &&
  Option.contains(
    bare(one),
    Option.getOrElse(bare(other), () => "")
  )

/** Where an answer goes: a chat's JID. */
export const addressOf = (chat: string): Option.Option<Address> => Option.map(bare(chat), (jid) => Address.make(jid))

/** Where a message for this account would go. */
export const addressOfIdentity = ({ id, provider }: Identity): Option.Option<Address> => {
  if (provider !== "whatsapp") return Option.none()
  return addressOf(id.startsWith("+") ? `${id.slice(1)}@s.whatsapp.net` : id)
}
