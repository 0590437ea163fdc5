import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** The ids of messages of which nobody knows whether they arrived. */
export interface Unsent {
  /** The id that this text was last sent to this chat with, if that is recent; each is handed out once. */
  readonly take: (chat: string, text: string) => Effect.Effect<string | undefined>
  readonly put: (chat: string, text: string, id: string) => Effect.Effect<void>
}

/** As long as an answer is tried again. Later, the same words are meant to be said once more. */
const fresh = Duration.minutes(6)

const most = 1_000

/**
 * A message that is sent again under its id is shown once, by the rules of WhatsApp's clients. So it is, where the first
 * attempt ended without a word from the server.
 */
export const make = Effect.sync((): Unsent => {
  const ids = new Map<string, { readonly id: string; readonly at: bigint }>()
  const keyOf = (chat: string, text: string) => `${chat} ${text}`
  return {
    take: (chat, text) =>
      Effect.map(Clock.currentTimeNanos, (now) => {
        const found = ids.get(keyOf(chat, text))
        ids.delete(keyOf(chat, text))
        if (found === undefined) return undefined
        return Duration.lessThanOrEqualTo(Duration.nanos(now - found.at), fresh) ? found.id : undefined
      }),
    put: (chat, text, id) =>
      Effect.map(Clock.currentTimeNanos, (at) => {
        ids.set(keyOf(chat, text), { id, at })
        const [oldest] = ids.keys()
        if (ids.size > most && oldest !== undefined) ids.delete(oldest)
      })
  }
})
