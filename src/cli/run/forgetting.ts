import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { mappingsIn } from "../../identity/Change.js"
import { Decision } from "../../identity/Decision.js"
import { Identities } from "../../identity/Identities.js"
import type { Identity } from "../../identity/Identity.js"
import type { Plan } from "../../identity/Plan.js"
import * as Proofs from "../../identity/proof/ProofStoreFile.js"
import { traceOf } from "../../identity/Trace.js"
import * as Strangers from "../../relay/StrangersFile.js"
import { foldedKey, type Key, ownKey, sharedKey } from "../../session/Key.js"
import { SessionStore } from "../../session/SessionStore.js"
import type { SessionTable } from "../../session/SessionTable.js"
import type { SessionId } from "../../session/SessionId.js"
import { files, keyed, type Mention, mentions, written } from "./mentions.js"

/** A session, and the key that it is on record under. */
export interface Held {
  readonly key: Key
  readonly session: SessionId
}

/** What forgetting an account comes to. */
export interface Forgetting {
  readonly identity: Identity
  readonly plan: Plan
  /** How many changes on record name it. */
  readonly records: number
  /** The keys under which nothing is to be on record, and what is. */
  readonly keys: ReadonlyArray<Key>
  readonly dropped: ReadonlyArray<Held>
  /** Conversations that it took part in and that go on with others. */
  readonly shared: ReadonlyArray<Held>
  /** Whether anything of it is in the map, in its journal, or in an earlier version of them. */
  readonly isInMap: boolean
  /** The same of the sessions. */
  readonly isInSessions: boolean
  /** The same of those who were turned away. */
  readonly isAmongStrangers: boolean
  /** The same of what people are about to link themselves. */
  readonly isAboutToLink: boolean
  /** Other names of the same account that are still there afterwards. */
  readonly names: ReadonlyArray<Identity>
  /** Files that name it and that are others' to correct. */
  readonly left: ReadonlyArray<Mention>
}

const held = (table: SessionTable, keys: ReadonlyArray<Key>): ReadonlyArray<Held> => {
  const sought = new Set(keys.map(foldedKey))
  return Array.from(table).flatMap(([key, { sessionId }]) =>
    sought.has(foldedKey(key)) ? [{ key, session: sessionId }] : []
  )
}

const goneKeys = (plan: Plan): ReadonlyArray<Key> =>
  mappingsIn(plan.changes).flatMap(({ after, id }) => (Option.isNone(after) ? [sharedKey(id)] : []))

/** Looks at everything, and changes nothing. */
export const forgetting = (identity: Identity) =>
  Effect.gen(function* () {
    const { history, preview } = yield* Identities
    const plan = yield* preview(Decision.Forget({ identity }))
    const trace = traceOf(plan, yield* history, identity)
    const table = yield* Effect.flatMap(SessionStore, ({ all }) => all)
    const keys = [...[identity, ...trace.names].map(ownKey), ...goneKeys(plan)]
    const dropped = held(table, keys)
    const { device, map, others, proofs, sessions, strangers } = yield* files
    const named = (paths: ReadonlyArray<string>) => mentions(paths, written(identity))
    const isIn = (paths: ReadonlyArray<string>) => Effect.map(named(paths), (found) => found.length > 0)
    return {
      identity,
      plan,
      records: trace.records,
      keys,
      dropped,
      shared: held(table, trace.mappings.map(sharedKey)).filter(({ key }) => !keys.includes(key)),
      isInMap: plan.changes.length + trace.records > 0 || (yield* isIn(map)),
      isInSessions: dropped.length > 0 || (yield* isIn(sessions)),
      isAmongStrangers: yield* isIn(strangers),
      isAboutToLink: yield* isIn(proofs),
      names: trace.remaining,
      left: [...(yield* named(others)), ...(yield* mentions(device, keyed(identity)))]
    } satisfies Forgetting
  })

/** First the sessions: which keys are concerned, only the map knows, and whoever starts again after a crash needs it. */
export const forget = ({ identity, isAboutToLink, isAmongStrangers, isInMap, isInSessions, keys }: Forgetting) =>
  Effect.gen(function* () {
    // What it was about to be linked by could bring it back.
    if (isAboutToLink) yield* Proofs.forget(identity)
    if (isAmongStrangers) yield* Strangers.forget([identity])
    if (isInSessions) yield* Effect.flatMap(SessionStore, ({ remove }) => remove(keys))
    if (isInMap) yield* Effect.flatMap(Identities, ({ change }) => change(Decision.Forget({ identity })))
  })
