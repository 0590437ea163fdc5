import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Message } from "../channels/Message.js"
import * as Recent from "./Recent.js"

export class Inbox extends Context.Tag("warelay/relay/Inbox")<
  Inbox,
  {
    /**
     * Takes a message over from its channel, as it is and without a key, and says whether it is new: however often a
     * provider delivers a message, this is true once. When it has returned, the provider need not deliver it again.
     */
    readonly accept: (message: Message) => Effect.Effect<boolean>
  }
>() {}

/** Providers deliver again within hours, in which so many others hardly come. */
const window = 10_000

/** Knows the last 10,000 messages, until the end of the process. */
export const layerMemory: Layer.Layer<Inbox> = Layer.effect(
  Inbox,
  Effect.map(Recent.make(window), (isNew) => ({
    accept: ({ channel, id }) => isNew(`${channel} ${id}`)
  }))
)
