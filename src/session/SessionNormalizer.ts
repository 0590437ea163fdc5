import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Identity } from "../identity/Identity.js"
import { type Ownership, ownerOf } from "../identity/IdentityMap.js"
import { IdentityStore } from "../identity/IdentityStore.js"
import type { Provider } from "../identity/Provider.js"
import { accountIn, type Key, ownKey, sharedKey, unknownKey } from "./Key.js"
import { ProviderDetector } from "./ProviderDetector.js"

export class SessionNormalizer extends Context.Tag("warelay/session/SessionNormalizer")<
  SessionNormalizer,
  {
    /** Whose mapping the names of one account lead to, as the map is now. */
    readonly ownership: (names: ReadonlyArray<Identity>) => Effect.Effect<Ownership>
    /** The key of one account: the shared id if it is linked, else the provider's own form. */
    readonly normalize: (provider: Provider, id: string) => Effect.Effect<Key>
    /** The provider's id in an unlinked sender's key; none for a shared key, a group, or another provider's. */
    readonly denormalize: (provider: Provider, key: string) => Option.Option<string>
  }
>() {}

export const denormalize = (provider: Provider, key: string): Option.Option<string> =>
  Option.map(accountIn(provider, key), ({ id }) => id)

export const layer: Layer.Layer<SessionNormalizer, never, IdentityStore | ProviderDetector> = Layer.effect(
  SessionNormalizer,
  Effect.gen(function* () {
    const store = yield* IdentityStore
    const detector = yield* ProviderDetector

    const ownership = (names: ReadonlyArray<Identity>) => Effect.map(store.current, (map) => ownerOf(map, names))

    return {
      ownership,
      normalize: (provider, id) =>
        Option.match(detector.account(provider, id), {
          onNone: () => Effect.succeed(unknownKey(id)),
          onSome: (identity) =>
            Effect.map(ownership([identity]), ({ owner }) =>
              Option.match(owner, { onNone: () => ownKey(identity), onSome: ({ mapping }) => sharedKey(mapping.id) })
            )
        }),
      denormalize
    }
  })
)
