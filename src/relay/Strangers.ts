import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Message } from "../channels/Message.js"
import { ProviderDetector } from "../session/ProviderDetector.js"
import { strangerIn } from "./Stranger.js"
import { after, type StrangerList } from "./StrangerList.js"

export class Strangers extends Context.Tag("warelay/relay/Strangers")<
  Strangers,
  {
    /** Takes note of a message that was turned away at this time, in milliseconds since 1970; never waits. */
    readonly see: (message: Message, now: number) => Effect.Effect<void>
    /** The last so many who were turned away, the latest last. */
    readonly all: Effect.Effect<StrangerList>
  }
>() {}

/** As long as the process lives. */
export const layerMemory: Layer.Layer<Strangers, never, ProviderDetector> = Layer.effect(
  Strangers,
  Effect.map(ProviderDetector, (detector) => {
    let seen: StrangerList = []
    return {
      see: (message, now) =>
        Effect.sync(() => {
          seen = after(seen, [strangerIn(message, detector, now)])
        }),
      all: Effect.sync(() => seen)
    }
  })
)
