import * as Brand from "effect/Brand"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type Identity, parse } from "../identity/Identity.js"
import type { Provider } from "../identity/Provider.js"

/**
 * The name under which a conversation is stored. It is a shared id, or contains a `+` or a colon, or is one of the two
 * words `global` and `unknown`; no two of these can be equal. It is never an address.
 */
export const Key = Schema.String.pipe(Schema.brand("Key"))
export type Key = typeof Key.Type

/** Any text can be one, and none has to be looked at. */
const key = Brand.nominal<Key>()

export const globalKey = key("global")

/** Nobody is named as the sender. */
export const nobodyKey = key("unknown")

/** Named, but by nothing that we recognise: each such text is a sender of its own. */
export const unknownKey = (text: string): Key => key(`unknown:${text}`)

/** The group as its transport names it. */
export const groupKey = (group: string): Key => key(group.startsWith("group:") ? group : `group:${group}`)

/** Everybody in a mapping. */
export const sharedKey = (id: string): Key => key(id)

/** An account that is not linked: a phone number alone is its own key, everything else has its provider in front. */
export const ownKey = (identity: Identity): Key => key(identity.id.startsWith("+") ? identity.id : identity.toString())

/** The account behind an unlinked sender's key, in its provider's form; none if it is no such key of this provider. */
export const accountIn = (provider: Provider, text: string): Option.Option<Identity> => {
  const id = text.startsWith(`${provider}:`) ? text.slice(provider.length + 1) : text
  return Option.filter(parse(provider, id), (identity) => ownKey(identity) === text)
}

/** Keys that stand for one account whatever the case of its username. */
export const foldedKey = (text: string): string => (text.startsWith("telegram:@") ? text.toLowerCase() : text)
