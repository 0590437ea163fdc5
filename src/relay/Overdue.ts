import * as Effect from "effect/Effect"
import type { ChannelName } from "../channels/ChannelName.js"
import type { Message } from "../channels/Message.js"
import { nameOf } from "./InboxContents.js"

/** Messages with an answer that was given up only because it took too long until somebody would have taken it. */
export interface Overdue {
  readonly add: (message: Message) => Effect.Effect<void>
  /** A channel delivers: what it did not take before is to be tried again. */
  readonly resume: (channel: ChannelName) => Effect.Effect<void>
}

/** Each is tried again once: whoever never gets one while others do is left for the next start. */
export const make = (again: (messages: ReadonlyArray<Message>) => Effect.Effect<void>): Overdue => {
  const waiting = new Map<ChannelName, ReadonlyArray<Message>>()
  const known = new Set<string>()
  return {
    add: (message) =>
      Effect.sync(() => {
        const name = nameOf(message)
        if (known.has(name)) return
        known.add(name)
        waiting.set(message.channel, [...(waiting.get(message.channel) ?? []), message])
      }),
    resume: (channel) =>
      Effect.suspend(() => {
        const messages = waiting.get(channel) ?? []
        waiting.delete(channel)
        return messages.length === 0 ? Effect.void : again(messages)
      })
  }
}
