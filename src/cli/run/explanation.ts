import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import { empty } from "../../identity/IdentityMap.js"
import type { Identity } from "../../identity/Identity.js"
import { IdentityStore } from "../../identity/IdentityStore.js"
import { joinedBy, memberships } from "../../identity/Membership.js"
import { type Provider, providers } from "../../identity/Provider.js"
import type { Recorded } from "../../identity/Recorded.js"
import { canFork, Settings } from "../../layers/Settings.js"
import { type Nearest, nearest } from "../../session/Nearest.js"
import { ProviderDetector } from "../../session/ProviderDetector.js"
import { type Route, SessionKey } from "../../session/SessionKey.js"
import { type Outlook, Sessions } from "../../session/Sessions.js"
import { SessionStore } from "../../session/SessionStore.js"
import type { Session } from "../../session/SessionTable.js"

/** A sender, as somebody asks about him. */
export interface Asked {
  readonly sender: string
  readonly provider: Option.Option<Provider>
  readonly aliases: ReadonlyArray<string>
}

/** Where a sender's messages go, and all that this follows from. `now` in milliseconds since 1970. */
export interface Explanation {
  readonly typed: string
  /** The provider that was said, or told by the form; none where it does not matter who writes. */
  readonly provider: Option.Option<Provider>
  readonly said: boolean
  /** The account by which the sender is known. */
  readonly account: Option.Option<Identity>
  readonly route: Route
  /** The change by which the sender is in the mapping, or why changes cannot be looked up. */
  readonly record: Either.Either<Option.Option<Recorded>, string>
  readonly nearest: Option.Option<Nearest>
  readonly outlook: Outlook
  /** What is on record under the key, continued or not. */
  readonly session: Option.Option<Session>
  readonly idleMinutes: number
  readonly now: number
}

const accountIn = ({ why }: Route): Option.Option<Identity> =>
  why._tag === "Linked" ? Option.some(why.by) : why._tag === "Own" ? Option.some(why.identity) : Option.none()

const providerIn = (route: Route, presumed: () => Provider): Option.Option<Provider> =>
  route.why._tag === "Unknown" ? Option.some(presumed()) : Option.map(accountIn(route), ({ provider }) => provider)

/** Looks where a message from this sender would go; sends none, and changes nothing. */
export const explanation = ({ aliases, provider: hint, sender }: Asked) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const detector = yield* ProviderDetector
    const keys = yield* SessionKey
    const { outlook } = yield* Sessions
    const store = yield* IdentityStore
    const route = yield* keys
      .route(settings.scope, { From: sender, provider: Option.getOrUndefined(hint), aliases })
      // What is wrong with the map is said below, in the answer.
      .pipe(Logger.withMinimumLogLevel(LogLevel.Error))
    const readable = yield* Effect.either(store.readable)
    const history = yield* Effect.either(store.history)
    const all = memberships(Either.getOrElse(history, () => []))
    const { why } = route
    const table = yield* Effect.flatMap(SessionStore, ({ all }) => all)
    return {
      typed: sender,
      provider: providerIn(route, () => Option.getOrElse(hint, () => detector.detect(sender))),
      account: accountIn(route),
      said: Option.isSome(hint),
      route,
      record: Either.mapBoth(history, {
        onLeft: ({ message }) => message,
        onRight: () => (why._tag === "Linked" ? joinedBy(all, why.by, why.mapping.id) : Option.none<Recorded>())
      }),
      nearest: nearest(route, {
        from: sender,
        provider: hint,
        readings: providers.flatMap((one) => Option.toArray(detector.account(one, sender))),
        map: Either.match(readable, { onLeft: () => empty, onRight: ({ value }) => value }),
        memberships: all,
        unreadable: Option.map(Either.getLeft(readable), ({ message }) => message)
      }),
      outlook: yield* outlook(route, { reset: false, canFork: canFork(settings) }),
      session: Option.fromNullable(table.get(route.key)),
      idleMinutes: settings.idleMinutes,
      now: yield* Clock.currentTimeMillis
    } satisfies Explanation
  })
