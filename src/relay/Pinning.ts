import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Message } from "../channels/Message.js"
import { Decision } from "../identity/Decision.js"
import type { Identities } from "../identity/Identities.js"
import { Actor } from "../identity/Recorded.js"
import type { SessionKey } from "../session/SessionKey.js"
import type { Scope } from "../session/SessionSettings.js"
import { logLine } from "./LogLine.js"
import * as Recent from "./Recent.js"

/** So many accounts under somebody else's name are remembered, so that each is reported once. */
const impostors = 1_000

/**
 * Binds a linked username to the number of the account that has it when it first writes, before it is answered: later
 * the name may be another's. Whoever comes under such a name then is kept apart, and reported.
 */
export const make = (keys: SessionKey["Type"], scope: Scope, identities: Identities["Type"]) =>
  Effect.map(Recent.make(impostors), (isNew) =>
    Effect.fn("Pinning.see")(({ sender }: Message) =>
      Effect.gen(function* () {
        const { taken, unpinned } = yield* keys.route(scope, sender)
        if (Option.isSome(unpinned)) {
          yield* Effect.catchAll(identities.change(Decision.Pin(unpinned.value)), ({ message }) =>
            Effect.logError(`a username could not be bound to its account: ${logLine(message)}`)
          )
        }
        if (Option.isNone(taken)) return
        const { id, number, username } = taken.value
        if (!(yield* isNew(`${username} ${number}`))) return
        yield* Effect.logWarning(
          `${logLine(`${number} writes as ${username}`)}, who was another account when ${id} was linked, so it was kept apart`
        )
      }).pipe(Effect.provideService(Actor, "relay"))
    )
  )
