import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Identity } from "../identity/Identity.js"
import type { IdentityMapping } from "../identity/IdentityMapping.js"
import { globalKey, groupKey, type Key, nobodyKey, ownKey, sharedKey, unknownKey } from "./Key.js"
import { ProviderDetector } from "./ProviderDetector.js"
import { isGroup, type SenderContext } from "./SenderContext.js"
import { SessionNormalizer } from "./SessionNormalizer.js"
import type { Scope } from "./SessionSettings.js"

/** Where a message belongs, and why there. */
export interface Route {
  readonly key: Key
  /** The mapping that decided; none where none did. */
  readonly mapping: Option.Option<IdentityMapping>
  /** The names of the sender's account. */
  readonly sender: ReadonlyArray<Identity>
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

const unmapped = (key: Key, sender: ReadonlyArray<Identity> = []): Route => ({ key, mapping: Option.none(), sender })

export const layer: Layer.Layer<SessionKey, never, ProviderDetector | SessionNormalizer> = Layer.effect(
  SessionKey,
  Effect.gen(function* () {
    const detector = yield* ProviderDetector
    const normalizer = yield* SessionNormalizer

    const route: SessionKey["Type"]["route"] = (scope, sender) => {
      if (scope === "global") return Effect.succeed(unmapped(globalKey))
      const { From = "" } = sender
      if (isGroup(sender)) return Effect.succeed(unmapped(groupKey(From)))
      if (From.trim() === "") return Effect.succeed(unmapped(nobodyKey))
      const { candidates, named } = detector.read({ ...sender, From })
      return Effect.map(
        normalizer.owner(candidates),
        Option.match({
          onSome: (mapping) => ({ key: sharedKey(mapping.id), mapping: Option.some(mapping), sender: candidates }),
          onNone: () => unmapped(Option.match(named, { onNone: () => unknownKey(From), onSome: ownKey }), candidates)
        })
      )
    }

    return { route, derive: (scope, sender) => Effect.map(route(scope, sender), ({ key }) => key) }
  })
)
