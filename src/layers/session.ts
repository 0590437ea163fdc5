import * as Layer from "effect/Layer"
import * as ProviderDetector from "../session/ProviderDetector.js"
import * as SessionKey from "../session/SessionKey.js"
import * as SessionNormalizer from "../session/SessionNormalizer.js"

/** From a sender to the key of a conversation, over whichever identity store is under it. */
export const layer = SessionKey.layer.pipe(
  Layer.provideMerge(SessionNormalizer.layer),
  Layer.provideMerge(ProviderDetector.layer)
)
