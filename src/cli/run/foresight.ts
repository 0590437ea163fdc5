import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { mappingsIn } from "../../identity/Change.js"
import { accountOf, type Identity } from "../../identity/Identity.js"
import { get, type IdentityMap, mappingWith } from "../../identity/IdentityMap.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import type { Plan } from "../../identity/Plan.js"
import * as sessions from "../../layers/sessions.js"
import { canFork, Settings } from "../../layers/Settings.js"
import * as storage from "../../layers/storage.js"
import { globalKey, type Key, ownKey, sharedKey } from "../../session/Key.js"
import { Why } from "../../session/SessionKey.js"
import { type Arrival, type Outlook, Sessions } from "../../session/Sessions.js"
import type { Scope } from "../../session/SessionSettings.js"

/** One identity before and after a change: the key of its conversation, and what its next message would meet. */
export interface Foreseen {
  readonly identity: Identity
  readonly before: Key
  readonly after: Key
  readonly outlook: Outlook
}

/** A mapping that will hold identities that it did not hold before, or others' histories. */
export interface Joined {
  readonly mapping: IdentityMapping
  readonly added: ReadonlyArray<Identity>
  readonly outlook: Outlook
}

/** What a plan means for those whom it concerns. */
export interface Foresight {
  readonly now: number
  readonly canFork: boolean
  readonly senders: ReadonlyArray<Foreseen>
  readonly joined: ReadonlyArray<Joined>
}

const arrival = (scope: Scope, map: IdentityMap, identity: Identity): Arrival => ({
  sender: [identity],
  ...(scope === "global"
    ? { key: globalKey, why: Why.Global() }
    : Option.match(mappingWith(map, identity), {
        onNone: () => ({ key: ownKey(identity), why: Why.Own({ identity }) }),
        onSome: (mapping) => ({ key: sharedKey(mapping.id), why: Why.Linked({ mapping, by: identity }) })
      }))
})

const concerned = ({ changes }: Plan): ReadonlyArray<Identity> =>
  Array.from(
    new Map(
      mappingsIn(changes)
        .flatMap(({ after, before }) => [...Option.toArray(before), ...Option.toArray(after)])
        .flatMap(({ mapping }) => mapping.identities.map((one) => [accountOf(one), one] as const))
    ).values()
  )

/** Looks ahead: who would be in which conversation, and whose history would be seen by whom. Changes nothing. */
export const foreseeIn = (plan: Plan) =>
  Effect.gen(function* () {
    const { outlook } = yield* Sessions
    const settings = yield* Settings
    const entrance = { reset: false, canFork: canFork(settings) }
    const senders = yield* Effect.forEach(concerned(plan), (identity) => {
      const [before, after] = [
        arrival(settings.scope, plan.before, identity),
        arrival(settings.scope, plan.after, identity)
      ]
      return Effect.map(
        outlook(after, entrance),
        (outlook): Foreseen => ({ identity, before: before.key, after: after.key, outlook })
      )
    })
    const joined = senders.reduce((found, { after, before, identity, outlook }) => {
      const mapping = get(plan.after, after)
      if (Option.isNone(mapping) || after === before) return found
      const added = [...(found.get(after)?.added ?? []), identity]
      return found.set(after, { mapping: mapping.value, added, outlook })
    }, new Map<Key, Joined>())
    const now = yield* Clock.currentTimeMillis
    return { now, canFork: entrance.canFork, senders, joined: Array.from(joined.values()) }
  })

/** The same, with the conversations on record in the home. */
export const foresee = (plan: Plan) => Effect.provide(foreseeIn(plan), Layer.provide(sessions.layer, storage.layer))
