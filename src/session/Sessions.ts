import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { accountOf, type Identity } from "../identity/Identity.js"
import type { IdentityMapping, SharedId } from "../identity/IdentityMapping.js"
import type { WriteError } from "../storage/Document.js"
import { foldedKey, type Key, ownKey, sharedKey } from "./Key.js"
import { SessionIds } from "./SessionIds.js"
import type { Route } from "./SessionKey.js"
import { SessionSettings } from "./SessionSettings.js"
import { SessionChanged, SessionStore } from "./SessionStore.js"
import { isOpen, type Session, type SessionTable } from "./SessionTable.js"
import type { SessionId } from "./SessionId.js"
import { Start } from "./Start.js"

/** A conversation that linking would continue: an identity's own, or that of a mapping that was merged into another. */
export interface History {
  readonly whose: Identity | SharedId
  readonly session: Session
}

/** What the next message of a conversation meets. */
export type Outlook = Data.TaggedEnum<{
  /** The session goes on. */
  Continued: { readonly session: Session }
  /** Another's history goes on in a session of its own. */
  Forked: { readonly history: History }
  /** There is nothing to go on from. */
  Fresh: {}
}>

export const Outlook = Data.taggedEnum<Outlook>()

export interface Entrance {
  /** Whether the person asked to start anew. */
  readonly reset: boolean
  /** Whether the agent can continue one session's history in another. */
  readonly canFork: boolean
}

/** As much of a route as decides about the session. */
export type Arrival = Pick<Route, "key" | "why" | "sender">

export class Sessions extends Context.Tag("warelay/session/Sessions")<
  Sessions,
  {
    /**
     * How the next turn of this conversation enters its session. A new session is on record before this returns, so
     * that a turn that is cut short finds it again.
     */
    readonly enter: (arrival: Arrival, entrance: Entrance) => Effect.Effect<Start, SessionChanged | WriteError>
    /**
     * Records a turn that succeeded, and the session that holds it now. A conversation that was started anew meanwhile
     * stays with its new session, and a session that belongs to another conversation is not taken.
     */
    readonly settle: (key: Key, start: Start, session: SessionId) => Effect.Effect<void, SessionChanged | WriteError>
    /**
     * Ends the session on record, which stays there: the next message starts another, even if a turn is in it now. Answers
     * what is on record; none if nothing is, and then nothing is done.
     */
    readonly end: (key: Key) => Effect.Effect<Option.Option<Session>, SessionChanged | WriteError>
    /** What the next message would meet if it came now. */
    readonly outlook: (arrival: Arrival, entrance: Entrance) => Effect.Effect<Outlook, WriteError>
  }
>() {}

/** Whether another conversation has this session. A file that was edited by hand may say so of one that we know. */
const isTaken = (table: SessionTable, key: Key, session: SessionId): boolean => {
  for (const [other, { sessionId }] of table) if (sessionId === session && other !== key) return true
  return false
}

/** The most recently used of the conversations that a mapping's people had before, as far as they are to go on. */
const latest = (
  table: SessionTable,
  mapping: IdentityMapping,
  sender: ReadonlyArray<Identity>,
  isRecent: (session: Session) => boolean
): Option.Option<History> => {
  if (mapping.keep === "none") return Option.none()
  const kept = (identity: Identity) => mapping.keep === undefined || mapping.keep === identity.toString()
  // The sender's names are names of one account: if the mapping has it under one and that is kept, all are.
  const keptAccounts = new Set(mapping.identities.filter(kept).map(accountOf))
  const names = sender.some((name) => keptAccounts.has(accountOf(name))) ? sender : []
  const own = [...mapping.identities.filter(kept), ...names].map((one) => [foldedKey(ownKey(one)), one] as const)
  const merged = mapping.keep === undefined ? (mapping.continues ?? []) : []
  const keys = new Map<string, History["whose"]>([...merged.map((id) => [sharedKey(id), id] as const), ...own])
  let found = Option.none<History>()
  for (const [key, session] of table) {
    const whose = keys.get(foldedKey(key))
    if (whose === undefined || !isRecent(session)) continue
    if (Option.isNone(found) || session.updatedAt > found.value.session.updatedAt)
      found = Option.some({ whose, session })
  }
  return found
}

/** A decision is made anew while others' come between: soon at first, then about every 50 ms, for as long as this. */
const again = Schedule.exponential("2 millis", 1.3).pipe(
  Schedule.union(Schedule.spaced("50 millis")),
  Schedule.jittered,
  Schedule.upTo("10 seconds")
)

const retried = <A, E, R>(decision: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(decision, { schedule: again, while: (error) => error instanceof SessionChanged })

export const layer: Layer.Layer<Sessions, never, SessionStore | SessionIds | SessionSettings> = Layer.effect(
  Sessions,
  Effect.gen(function* () {
    const store = yield* SessionStore
    const ids = yield* SessionIds
    const { idleMinutes } = yield* SessionSettings
    const idle = Duration.toMillis(Duration.minutes(idleMinutes))

    const outlookIn = (table: SessionTable, now: number, arrival: Arrival, { canFork, reset }: Entrance): Outlook => {
      const { key, sender, why } = arrival
      const session = table.get(key)
      if (reset) return Outlook.Fresh()
      if (session !== undefined) {
        const goesOn = isOpen(session, idle, now) && !isTaken(table, key, session.sessionId)
        return goesOn ? Outlook.Continued({ session }) : Outlook.Fresh()
      }
      const history =
        canFork && why._tag === "Linked"
          ? latest(table, why.mapping, sender, (session) => isOpen(session, idle, now))
          : Option.none<History>()
      return Option.match(history, { onNone: () => Outlook.Fresh(), onSome: (history) => Outlook.Forked({ history }) })
    }

    const enter = Effect.fn("Sessions.enter")((arrival: Arrival, entrance: Entrance) =>
      Effect.gen(function* () {
        const { key } = arrival
        const now = yield* Clock.currentTimeMillis
        const table = yield* store.all
        const before = Option.fromNullable(table.get(key))
        const outlook = outlookIn(table, now, arrival, entrance)
        if (outlook._tag === "Continued") {
          const { forkOf, sessionId: id } = outlook.session
          return forkOf === undefined ? Start.Resume({ id }) : Start.Fork({ from: forkOf, id })
        }
        const id = yield* ids.mint
        const from = outlook._tag === "Forked" ? outlook.history.session.sessionId : undefined
        yield* store.swap(key, before, {
          ...Option.getOrElse(before, () => ({})),
          sessionId: id,
          updatedAt: now,
          forkOf: from,
          over: undefined
        })
        return from === undefined ? Start.Begin({ id }) : Start.Fork({ from, id })
      }).pipe(retried)
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
      }).pipe(retried)
    )

    const end = Effect.fn("Sessions.end")((key: Key) =>
      Effect.gen(function* () {
        const before = Option.fromNullable((yield* store.all).get(key))
        if (Option.isSome(before) && before.value.over !== true) {
          yield* store.swap(key, before, { ...before.value, over: true })
        }
        return before
      }).pipe(retried)
    )

    return {
      enter,
      settle,
      end,
      outlook: (arrival, entrance) =>
        Effect.zipWith(store.all, Clock.currentTimeMillis, (table, now) => outlookIn(table, now, arrival, entrance))
    }
  })
)
