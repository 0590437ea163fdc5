import * as Layer from "effect/Layer"
import { layerFile } from "../agent/SessionLock.js"
import * as Turns from "../agent/Turns.js"
import * as agent from "./agent.js"
import * as identities from "./identity.js"
import * as session from "./session.js"
import * as sessions from "./sessions.js"
import * as storage from "./storage.js"

/** Everything between a message and its answer, with the home on disk and the configured agent. */
export const layer = (echoWithoutClaude: boolean) =>
  Turns.layer.pipe(
    Layer.provide([agent.layer(echoWithoutClaude), layerFile]),
    Layer.provideMerge(session.layer),
    Layer.provideMerge(identities.layer),
    Layer.provideMerge(sessions.layer),
    Layer.provideMerge(storage.layer)
  )
