import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { ChannelName } from "../../channels/Message.js"
import { namesOf } from "../../layers/channels.js"
import * as relay from "../../layers/relay.js"
import * as Settings from "../../layers/Settings.js"
import * as storage from "../../layers/storage.js"
import { Relay } from "../../relay/Relay.js"
import { Shutdown } from "../Shutdown.js"

/** Serves until the channels end or the first Ctrl-C, which lets what is being answered be finished. */
export const run = (asked: Option.Option<ReadonlyArray<ChannelName>>) =>
  Effect.gen(function* () {
    const names = yield* Effect.provide(namesOf(asked), Settings.layer)
    const stop = yield* (yield* Shutdown).claim
    yield* Effect.provide(
      Effect.flatMap(Relay, ({ run }) => Effect.zipRight(Effect.logInfo(`serving ${names.join(", ")}`), run(stop))),
      relay.layer(names)
    )
  }).pipe(Effect.provide(storage.layer))
