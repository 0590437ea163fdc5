import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layerFile } from "../agent/SessionLockFile.js"
import * as Turns from "../agent/Turns.js"
import * as agent from "./agent.js"
import * as identities from "./identity.js"
import * as session from "./session.js"
import * as sessions from "./sessions.js"
import { Settings } from "./Settings.js"
import * as storage from "./storage.js"

/** How long a process may take to end after its time is over, generously. */
const farewell = Duration.minutes(1)

const sessionLock = (isRelay: boolean) =>
  Layer.unwrapEffect(
    Effect.map(Settings, ({ agent }) =>
      layerFile({ patience: Duration.sum(Duration.seconds(agent.timeoutSeconds), farewell), isRelay })
    )
  )

/** Everything between a message and its answer, with the home on disk and the configured agent. */
export const layer = (manner: agent.Manner) =>
  Turns.layer.pipe(
    Layer.provide(agent.layer(manner)),
    Layer.provideMerge(sessionLock(manner.isRelay)),
    Layer.provideMerge(session.layer),
    Layer.provideMerge(identities.layer),
    Layer.provideMerge(sessions.layer),
    Layer.provideMerge(storage.layer)
  )
