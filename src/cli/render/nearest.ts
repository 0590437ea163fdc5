import * as Option from "effect/Option"
import { Decision } from "../../identity/Decision.js"
import { acceptedForm, type Identity } from "../../identity/Identity.js"
import type { SharedId } from "../../identity/IdentityMapping.js"
import type { Recorded } from "../../identity/Recorded.js"
import { Nearest } from "../../session/Nearest.js"
import { linkLine } from "./linkLine.js"
import { relativeTo } from "./time.js"

/** A change on record. `now` in milliseconds since 1970. */
export const recorded = ({ action, at, by, sequence }: Recorded, now: number): string =>
  `change ${sequence} (${by === "hand" ? `${action} by hand, found` : `${action} by ${by},`} ${relativeTo(at, now)})`

const into = (id: SharedId, identity: Identity): string => linkLine(Decision.Link({ identities: [identity], into: id }))

/** The command that would bring the sender in, where there is one. */
export const remedy = (nearest: Nearest): Option.Option<string> =>
  Nearest.$match(nearest, {
    MapUnreadable: () => Option.none(),
    NameTaken: ({ id, number }) => Option.some(into(id, number)),
    TakenOut: ({ id, identity, record, there }) =>
      Option.some(there ? into(id, identity) : `warelay identity undo ${record.sequence}`),
    GoneByHand: ({ id, identity, there }) => (there ? Option.some(into(id, identity)) : Option.none()),
    OtherProvider: ({ identity, mapping }) => Option.some(into(mapping.id, identity)),
    OtherSpelling: ({ identity, mapping }) => Option.some(into(mapping.id, identity)),
    ProviderUnsaid: () => Option.none(),
    IsGroup: () => Option.none(),
    NoAccount: () => Option.none(),
    NotLinked: () => Option.some("warelay identity link --help")
  })

/** The reason in words, without what to do about it. */
export const because = (nearest: Nearest, now: number): string =>
  Nearest.$match(nearest, {
    MapUnreadable: ({ reason }) =>
      `nobody is linked, because the map cannot be read; only a relay that has read it before goes on with that. ${reason}`,
    NameTaken: ({ id, number, username }) =>
      `${username} is in ${id}, but is another account's name by now than it was then, so ${number} is kept apart`,
    TakenOut: ({ id, identity, record }) => `${identity} was in ${id} until ${recorded(record, now)}`,
    GoneByHand: ({ id, identity, record }) =>
      `${identity} came into ${id} by ${recorded(record, now)}, and the map was edited or deleted by hand since`,
    OtherProvider: ({ identity, linked, mapping }) =>
      `${linked} is in ${mapping.id}, but a message from ${identity.provider} counts as ${identity} alone`,
    OtherSpelling: ({ country, linked, mapping }) =>
      `${linked} is in ${mapping.id}: the same number, if it is a mobile one, in the other spelling of ${country}`,
    ProviderUnsaid: ({ readings }) =>
      `it names an account only where the provider is said: ${readings
        .map(({ identity, mapping }) => {
          const place = Option.match(mapping, { onNone: () => "", onSome: ({ id }) => `, which is in ${id}` })
          return `--provider ${identity.provider} makes it ${identity}${place}`
        })
        .join("; ")}`,
    IsGroup: ({ key }) => `a negative number is a group at Telegram, and the key of that is ${key}`,
    NoAccount: ({ provider }) =>
      `it is no account: expected ${Option.match(provider, {
        onNone: () => "one such as whatsapp:+1234567890, telegram:@john or twilio:+1234567890",
        onSome: (name) => acceptedForm[name]
      })}`,
    NotLinked: () => "nobody has linked it"
  })

/** The reason and what to do about it. */
export const sentence = (nearest: Nearest, now: number): string =>
  [because(nearest, now), ...Option.toArray(remedy(nearest))].join(". To change that: ")
