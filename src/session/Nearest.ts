import * as Data from "effect/Data"
import * as Option from "effect/Option"
import { type Identity, parse } from "../identity/Identity.js"
import { get, type IdentityMap, mappingWith, type Vouched } from "../identity/IdentityMap.js"
import type { IdentityMapping } from "../identity/IdentityMapping.js"
import { lastOf, type Membership, type Memberships } from "../identity/Membership.js"
import { type Provider, providers } from "../identity/Provider.js"
import { isPhone, respelt } from "../identity/Spelling.js"
import { groupKey, type Key } from "./Key.js"
import type { Route } from "./SessionKey.js"

/** An account that is not the sender's own, and the mapping that it is in. */
interface Linked {
  readonly linked: Identity
  readonly mapping: IdentityMapping
}

/** Somebody who is not in a mapping any more, and whether that mapping is there. */
interface Parted extends Pick<Membership, "id" | "record"> {
  readonly identity: Identity
  readonly there: boolean
}

/** What comes nearest to a reason why a sender shares no conversation. */
export type Nearest = Data.TaggedEnum<{
  /** Nobody is linked as long as the map cannot be read. */
  MapUnreadable: { readonly reason: string }
  /** The sender's username is linked, but was another account's then. */
  NameTaken: Vouched
  /** The sender was linked, and a change that is on record ended that. */
  TakenOut: Parted
  /** The sender was linked by a change that is on record, and somebody edited or deleted the map since. */
  GoneByHand: Parted
  /** The same phone number is linked at another provider. */
  OtherProvider: Linked & { readonly identity: Identity }
  /** The same mobile number is linked in its other spelling. */
  OtherSpelling: Linked & { readonly identity: Identity; readonly country: string }
  /** What was said names an account where its provider is said with it. */
  ProviderUnsaid: { readonly readings: ReadonlyArray<Reading> }
  /** What was said is how Telegram names a group. */
  IsGroup: { readonly key: Key }
  /** What was said has no form of an account at the provider that was said with it, or at any if none was. */
  NoAccount: { readonly provider: Option.Option<Provider> }
  NotLinked: {}
}>

export const Nearest = Data.taggedEnum<Nearest>()

/** What a text would be if its provider were said, and where that is linked. */
export interface Reading {
  readonly identity: Identity
  readonly mapping: Option.Option<IdentityMapping>
}

/** All that there is to go by. */
export interface Evidence {
  /** The sender, as typed or as a transport names it. */
  readonly from: string
  /** The provider, if it was said. */
  readonly provider: Option.Option<Provider>
  /** The accounts that it would name at each provider, were that said. */
  readonly readings: ReadonlyArray<Identity>
  readonly map: IdentityMap
  readonly memberships: Memberships
  /** Why the map cannot be read, if it cannot. */
  readonly unreadable: Option.Option<string>
}

const linked = (map: IdentityMap, identity: Identity): Option.Option<Linked> =>
  Option.map(mappingWith(map, identity), (mapping) => ({ linked: identity, mapping }))

/** The same number at each provider where numbers are accounts, its own first. */
const atProviders = (identity: Identity): ReadonlyArray<Identity> => [
  identity,
  ...providers
    .filter((provider) => provider !== identity.provider)
    .flatMap((provider) => Option.toArray(parse(provider, identity.id)))
]

const parted = ({ map, memberships }: Evidence, identity: Identity): Option.Option<Nearest> =>
  Option.map(lastOf(memberships, identity), ({ id, joined, record }) => {
    const found = { identity, id, record, there: Option.isSome(get(map, id)) }
    return joined ? Nearest.GoneByHand(found) : Nearest.TakenOut(found)
  })

const otherProvider = ({ map }: Evidence, identity: Identity): Option.Option<Nearest> =>
  Option.map(Option.firstSomeOf(atProviders(identity).map((one) => linked(map, one))), (found) =>
    Nearest.OtherProvider({ ...found, identity })
  )

const otherSpelling = ({ map }: Evidence, identity: Identity): Option.Option<Nearest> =>
  Option.flatMap(respelt(identity), ({ country, identity: other }) =>
    Option.map(Option.firstSomeOf(atProviders(other).map((one) => linked(map, one))), (found) =>
      Nearest.OtherSpelling({ ...found, identity, country })
    )
  )

const negative = /^(telegram:)?(-[1-9][0-9]*)$/

const unrecognised = ({ from, map, provider, readings }: Evidence): Nearest => {
  const [, , chat] = negative.exec(from) ?? []
  if (chat !== undefined) return Nearest.IsGroup({ key: groupKey(`telegram:${chat}`) })
  return readings.length === 0
    ? Nearest.NoAccount({ provider })
    : Nearest.ProviderUnsaid({
        readings: readings.map((identity) => ({ identity, mapping: mappingWith(map, identity) }))
      })
}

/** The nearest reason why a sender is not in a mapping, where routing found none; what is about the sender's own account first. */
export const nearest = (
  { sender, taken, why }: Pick<Route, "sender" | "taken" | "why">,
  evidence: Evidence
): Option.Option<Nearest> => {
  if (why._tag === "Unknown") return Option.some(unrecognised(evidence))
  if (why._tag !== "Own") return Option.none()
  if (Option.isSome(evidence.unreadable)) {
    return Option.some(Nearest.MapUnreadable({ reason: evidence.unreadable.value }))
  }
  const phones = sender.filter(isPhone)
  return Option.orElseSome(
    Option.firstSomeOf([
      Option.map(taken, (vouched) => Nearest.NameTaken(vouched)),
      ...sender.map((identity) => parted(evidence, identity)),
      ...phones.map((identity) => otherProvider(evidence, identity)),
      ...phones.map((identity) => otherSpelling(evidence, identity))
    ]),
    () => Nearest.NotLinked()
  )
}
