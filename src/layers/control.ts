import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ControlSocket from "../control/ControlSocket.js"
import * as MonitorServer from "../control/MonitorServer.js"
import * as Sender from "../control/Sender.js"
import * as Survey from "../control/Survey.js"
import { Settings } from "./Settings.js"

const monitor = Layer.unwrapEffect(Effect.map(Settings, ({ metrics }) => MonitorServer.layer(metrics)))

/** By which a relay is asked and told while it runs. `version` is that of the program. */
export const layer = (version: string) =>
  Layer.merge(ControlSocket.layer, monitor).pipe(Layer.provide([Survey.layer(version), Sender.layer]))
