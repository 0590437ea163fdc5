import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Identity } from "../identity/Identity.js"
import type { Vouched } from "../identity/IdentityMap.js"
import type { IdentityMapping } from "../identity/IdentityMapping.js"
import { globalKey, groupKey, type Key, nobodyKey, ownKey, sharedKey, unknownKey } from "./Key.js"
import { ProviderDetector } from "./ProviderDetector.js"
import { isGroup, type SenderContext } from "./SenderContext.js"
import { SessionNormalizer } from "./SessionNormalizer.js"
import type { Scope } from "./SessionSettings.js"

/** Why a message belongs where it does: the row of the table of keys that fits. */
export type Why = Data.TaggedEnum<{
  /** All have one conversation. */
  Global: {}
  /** A group has its own, whoever writes there. */
  Group: {}
  /** Nobody is named. */
  Nobody: {}
  /** One of the sender's names is in a mapping. */
  Linked: { readonly mapping: IdentityMapping; readonly by: Identity }
  /** None is, so the account has its own. */
  Own: { readonly identity: Identity }
  /** No account is recognised in what was said. */
  Unknown: {}
}>

export const Why = Data.taggedEnum<Why>()

/** Where a message belongs, and why there. */
export interface Route {
  readonly key: Key
  readonly why: Why
  /** The names of the sender's account. */
  readonly sender: ReadonlyArray<Identity>
  /** A username by which the sender is linked and which is not bound to the account's number yet. */
  readonly unpinned: Option.Option<Vouched>
  /** A username that is linked, but was another account's then. */
  readonly taken: Option.Option<Vouched>
}

export class SessionKey extends Context.Tag("warelay/session/SessionKey")<
  SessionKey,
  {
    /** Which conversation the sender is in, as the map is now. Reads only; no sender gets another's key. */
    readonly route: (scope: Scope, sender: SenderContext) => Effect.Effect<Route>
    /** The key of `route`. */
    readonly derive: (scope: Scope, sender: SenderContext) => Effect.Effect<Key>
  }
>() {}

const unmapped = (key: Key, why: Why): Route => ({
  key,
  why,
  sender: [],
  unpinned: Option.none(),
  taken: Option.none()
})

export const layer: Layer.Layer<SessionKey, never, ProviderDetector | SessionNormalizer> = Layer.effect(
  SessionKey,
  Effect.gen(function* () {
    const detector = yield* ProviderDetector
    const normalizer = yield* SessionNormalizer

    const route: SessionKey["Type"]["route"] = (scope, sender) => {
      if (scope === "global") return Effect.succeed(unmapped(globalKey, Why.Global()))
      const { From = "" } = sender
      if (isGroup(sender)) return Effect.succeed(unmapped(groupKey(From), Why.Group()))
      if (From.trim() === "") return Effect.succeed(unmapped(nobodyKey, Why.Nobody()))
      const { candidates, named } = detector.read({ ...sender, From })
      return Effect.map(normalizer.ownership(candidates), ({ owner, taken, unpinned }) => {
        const found = { sender: candidates, taken, unpinned }
        if (Option.isSome(owner))
          return { key: sharedKey(owner.value.mapping.id), why: Why.Linked(owner.value), ...found }
        return Option.match(named, {
          onNone: () => ({ key: unknownKey(From), why: Why.Unknown(), ...found }),
          onSome: (identity) => ({ key: ownKey(identity), why: Why.Own({ identity }), ...found })
        })
      })
    }

    return { route, derive: (scope, sender) => Effect.map(route(scope, sender), ({ key }) => key) }
  })
)
