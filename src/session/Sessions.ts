import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { accountOf, type Identity } from "../identity/Identity.js"
import type { IdentityMapping } from "../identity/IdentityMapping.js"
import type { WriteError } from "../storage/Document.js"
import { foldedKey, type Key, ownKey } from "./Key.js"
import { SessionIds } from "./SessionIds.js"
import type { Route } from "./SessionKey.js"
import { SessionSettings } from "./SessionSettings.js"
import { SessionChanged, SessionStore } from "./SessionStore.js"
import type { Session, SessionTable } from "./SessionTable.js"
import { type SessionId, Start } from "./Start.js"

/** An identity's own conversation, which linking it would continue. */
export interface History {
  readonly identity: Identity
  readonly session: Session
}

export interface Entrance {
  /** Whether the person asked to start anew. */
  readonly reset: boolean
  /** Whether the agent can continue one session's history in another. */
  readonly canFork: boolean
}

export class Sessions extends Context.Tag("warelay/session/Sessions")<
  Sessions,
  {
    /**
     * How the next turn of this conversation enters its session. A new session is on record before this returns, so
     * that a turn that is cut short finds it again.
     */
    readonly enter: (route: Route, entrance: Entrance) => Effect.Effect<Start, SessionChanged | WriteError>
    /**
     * Records a turn that succeeded, and the session that holds it now. A conversation that was started anew meanwhile
     * stays with its new session, and a session that belongs to another conversation is not taken.
     */
    readonly settle: (key: Key, start: Start, session: SessionId) => Effect.Effect<void, SessionChanged | WriteError>
    /** Whose history a mapping's conversation would continue if its first message came now. */
    readonly inherited: (mapping: IdentityMapping) => Effect.Effect<Option.Option<History>, WriteError>
  }
>() {}

/** Whether another conversation has this session. A file that was edited by hand may say so of one that we know. */
const isTaken = (table: SessionTable, key: Key, session: SessionId): boolean =>
  Array.from(table).some(([other, { sessionId }]) => other !== key && sessionId === session)

/** The most recently used of the conversations that a mapping's people had on their own. */
const latest = (
  table: SessionTable,
  mapping: IdentityMapping,
  sender: ReadonlyArray<Identity>,
  notBefore: number
): Option.Option<History> => {
  if (mapping.keep === "none") return Option.none()
  const kept = (identity: Identity) => mapping.keep === undefined || mapping.keep === identity.toString()
  // The sender's names are names of one account: if the mapping has it under one and that is kept, all are.
  const keptAccounts = new Set(mapping.identities.filter(kept).map(accountOf))
  const names = sender.some((name) => keptAccounts.has(accountOf(name))) ? sender : []
  const keys = new Map(
    [...mapping.identities.filter(kept), ...names].map((one) => [foldedKey(ownKey(one)), one] as const)
  )
  let found = Option.none<History>()
  for (const [key, session] of table) {
    const identity = keys.get(foldedKey(key))
    if (identity === undefined || session.updatedAt <= notBefore) continue
    if (Option.isNone(found) || session.updatedAt > found.value.session.updatedAt)
      found = Option.some({ identity, session })
  }
  return found
}

/** A decision is made anew while others' come between: soon at first, then about every 50 ms, for as long as this. */
const again = Schedule.exponential("2 millis", 1.3).pipe(
  Schedule.union(Schedule.spaced("50 millis")),
  Schedule.jittered,
  Schedule.upTo("10 seconds")
)

export const layer: Layer.Layer<Sessions, never, SessionStore | SessionIds | SessionSettings> = Layer.effect(
  Sessions,
  Effect.gen(function* () {
    const store = yield* SessionStore
    const ids = yield* SessionIds
    const { idleMinutes } = yield* SessionSettings
    const idle = Duration.toMillis(Duration.minutes(idleMinutes))

    const enter = Effect.fn("Sessions.enter")(({ key, mapping, sender }: Route, { canFork, reset }: Entrance) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const table = yield* store.all
        const before = Option.fromNullable(table.get(key))
        const isOpen = ({ sessionId, updatedAt }: Session) => updatedAt > now - idle && !isTaken(table, key, sessionId)
        if (!reset && Option.isSome(before) && isOpen(before.value)) {
          const { forkOf, sessionId: id } = before.value
          return forkOf === undefined ? Start.Resume({ id }) : Start.Fork({ from: forkOf, id })
        }
        const id = yield* ids.mint
        const origin =
          reset || !canFork || Option.isSome(before)
            ? Option.none<History>()
            : Option.flatMap(mapping, (mapping) => latest(table, mapping, sender, now - idle))
        const from = Option.map(origin, ({ session }) => session.sessionId)
        yield* store.swap(key, before, {
          ...Option.getOrElse(before, () => ({})),
          sessionId: id,
          updatedAt: now,
          forkOf: Option.getOrUndefined(from)
        })
        return Option.match(from, { onNone: () => Start.Begin({ id }), onSome: (from) => Start.Fork({ from, id }) })
      }).pipe(Effect.retry({ schedule: again, while: (error) => error instanceof SessionChanged }))
    )

    const settle = Effect.fn("Sessions.settle")((key: Key, start: Start, session: SessionId) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const table = yield* store.all
        const before = Option.fromNullable(table.get(key))
        if (Option.isNone(before) || before.value.sessionId !== start.id) return
        const taken = isTaken(table, key, session)
        if (taken) yield* Effect.logWarning("the agent answered with another conversation's session; it was not taken")
        const { forkOf: _, ...kept } = before.value
        yield* store.swap(key, before, { ...kept, sessionId: taken ? start.id : session, updatedAt: now })
      }).pipe(Effect.retry({ schedule: again, while: (error) => error instanceof SessionChanged }))
    )

    return {
      enter,
      settle,
      inherited: (mapping) =>
        Effect.zipWith(store.all, Clock.currentTimeMillis, (table, now) => latest(table, mapping, [], now - idle))
    }
  })
)
