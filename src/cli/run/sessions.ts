import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { get, type IdentityMap, mappingWith } from "../../identity/IdentityMap.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import { IdentityStore } from "../../identity/IdentityStore.js"
import { layerFile as identityFile } from "../../identity/IdentityStoreFile.js"
import { providers } from "../../identity/Provider.js"
import * as sessions from "../../layers/sessions.js"
import * as Settings from "../../layers/Settings.js"
import * as storage from "../../layers/storage.js"
import { accountIn, foldedKey, type Key } from "../../session/Key.js"
import { Sessions } from "../../session/Sessions.js"
import { SessionStore } from "../../session/SessionStore.js"
import { layerFile } from "../../session/SessionStoreFile.js"
import { isOpen } from "../../session/SessionTable.js"
import * as Render from "../render/sessions.js"

export interface Line {
  readonly key: string
  readonly json: boolean
}

/** Nothing is on record under the key. */
class SessionNotFound extends Schema.TaggedError<SessionNotFound>()("SessionNotFound", { key: Schema.String }) {
  override get message(): string {
    return `there is no conversation under ${JSON.stringify(this.key)}. See which there are: warelay sessions list`
  }
}

const restsIn = (map: IdentityMap, key: Key): Option.Option<IdentityMapping> =>
  Option.firstSomeOf(
    providers.map((provider) => Option.flatMap(accountIn(provider, key), (identity) => mappingWith(map, identity)))
  )

const listed = Effect.gen(function* () {
  const { idleMinutes } = yield* Settings.Settings
  const map = yield* Effect.flatMap(IdentityStore, ({ current }) => current)
  const table = yield* Effect.flatMap(SessionStore, ({ all }) => all)
  const now = yield* Clock.currentTimeMillis
  const idle = Duration.toMillis(Duration.minutes(idleMinutes))
  return Array.from(
    table,
    ([key, session]): Render.Listed => ({
      key,
      session,
      state: session.over === true ? "ended" : isOpen(session, idle, now) ? "open" : "idle",
      mapping: get(map, key),
      rests: restsIn(map, key)
    })
  ).sort((one, other) => other.session.updatedAt - one.session.updatedAt)
})

const the = (typed: string) =>
  Effect.flatMap(listed, (all) =>
    Option.match(
      Option.fromNullable(
        all.find(({ key }) => key === typed) ?? all.find(({ key }) => foldedKey(key) === foldedKey(typed))
      ),
      { onNone: () => new SessionNotFound({ key: typed }), onSome: Effect.succeed }
    )
  )

const layer = Layer.mergeAll(sessions.layer, layerFile, identityFile).pipe(Layer.provide(storage.layer))

/** Prints all conversations. */
export const list = (json: boolean) =>
  Effect.gen(function* () {
    const all = yield* listed
    if (json) return yield* Console.log(Render.listJson(all))
    if (all.length === 0) return yield* Console.error("There are no conversations yet.")
    yield* Console.log(Render.list(all, yield* Clock.currentTimeMillis))
  }).pipe(Effect.provide(layer))

/** Prints one. */
export const show = ({ json, key }: Line) =>
  Effect.gen(function* () {
    const found = yield* the(key)
    yield* Console.log(json ? Render.detailsJson(found) : Render.details(found, yield* Clock.currentTimeMillis))
  }).pipe(Effect.provide(layer))

/** Ends one, beside a relay that runs or without. */
export const reset = ({ json, key }: Line) =>
  Effect.gen(function* () {
    const found = yield* the(key)
    const ended = yield* Effect.flatMap(Sessions, ({ end }) => end(found.key))
    // Somebody has forgotten it in between.
    if (Option.isNone(ended)) return yield* new SessionNotFound({ key })
    yield* Console.log(json ? Render.detailsJson({ ...found, state: "ended" }) : Render.reset(found))
  }).pipe(Effect.provide(layer))
