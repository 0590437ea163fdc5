import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import * as sessions from "../../layers/sessions.js"
import { canFork, Settings } from "../../layers/Settings.js"
import * as storage from "../../layers/storage.js"
import { Sessions } from "../../session/Sessions.js"
import { relative } from "../render/time.js"

/** Whose history the people in a mapping will share, as a sentence for the one who linked them. */
export const inheritedBy = (mapping: IdentityMapping) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const sessions = yield* Sessions
    const now = yield* Clock.currentTimeMillis
    if (mapping.keep === "none") return "They start a conversation of their own; nobody's earlier one is shared."
    if (!canFork(settings)) {
      return "They start a new conversation: the configured agent cannot continue an earlier one for several people."
    }
    return Option.match(yield* sessions.inherited(mapping), {
      onNone: () => "They start a new conversation: none of them has a recent one.",
      onSome: ({ identity, session }) =>
        `What ${identity} and Claude said is now seen by all of them: their conversation goes on from there ` +
        `(last used ${relative(session.updatedAt, now)}). To begin without it, unlink and link with --keep none.`
    })
  }).pipe(
    Effect.provide(Layer.provide(sessions.layer, storage.layer)),
    // The link is made; that its effect cannot be told must not look like a failure of it.
    Effect.catchAll(({ message }) =>
      Effect.succeed(`The link is made, but which conversation goes on cannot be told: ${message}`)
    )
  )
