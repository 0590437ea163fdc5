import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { find } from "../../identity/IdentityMap.js"
import { IdentityStore } from "../../identity/IdentityStore.js"
import { memberships } from "../../identity/Membership.js"
import { providers } from "../../identity/Provider.js"
import { type Sighting, unlinked } from "../../identity/Sighting.js"
import { suggestions } from "../../identity/Suggestion.js"
import * as Settings from "../../layers/Settings.js"
import * as storage from "../../layers/storage.js"
import { accountIn } from "../../session/Key.js"
import { SessionStore } from "../../session/SessionStore.js"
import { layerFile } from "../../session/SessionStoreFile.js"
import type { SessionTable } from "../../session/SessionTable.js"
import * as Render from "../render/suggest.js"

/** Who wrote without being linked; a phone number alone does not say at which provider. */
const sightingsIn = (table: SessionTable): ReadonlyArray<Sighting> =>
  Array.from(table, ([key, { updatedAt }]) => ({
    candidates: providers.flatMap((provider) => Option.toArray(accountIn(provider, key))),
    at: updatedAt
  }))

/** Prints whom one might want to link, by the map and by the conversations on record. */
export const run = (json: boolean) =>
  Effect.gen(function* () {
    const settings = yield* Settings.Settings
    const { history, readable } = yield* IdentityStore
    const { value: map } = yield* readable
    const sightings = sightingsIn(yield* Effect.flatMap(SessionStore, ({ all }) => all))
    // Only of those who are linked it matters since when, and the history may be long.
    const isLinked = sightings.some(({ candidates }) => candidates.some((one) => Option.isSome(find(map, one))))
    const circumstances = {
      map,
      memberships: memberships(isLinked ? yield* history : []),
      allowed: settings.allowFrom.map(({ identity }) => identity),
      grace: settings.agent.echo ? 0 : Duration.toMillis(Duration.seconds(settings.agent.timeoutSeconds))
    }
    const found = suggestions(map, unlinked(sightings, circumstances), settings)
    if (json) return yield* Console.log(Render.json(found))
    if (found.length === 0)
      return yield* Console.error("There is nothing to suggest: no two accounts that are apart look like one person's.")
    yield* Console.log(Render.text(found))
  }).pipe(Effect.provide(Layer.provide(Layer.merge(Settings.layer, layerFile), storage.layer)))
