import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as session from "../../layers/session.js"
import * as sessions from "../../layers/sessions.js"
import * as storage from "../../layers/storage.js"
import { layerFile } from "../../session/SessionStoreFile.js"
import * as Render from "../render/explain.js"
import { type Asked, explanation } from "./explanation.js"

export interface Line extends Asked {
  readonly json: boolean
}

const layer = Layer.mergeAll(session.layer, sessions.layer, layerFile).pipe(Layer.provide(storage.layer))

/** Prints what would become of a message from this sender, and why. */
export const run = (line: Line) =>
  explanation(line).pipe(
    Effect.flatMap((found) => Console.log((line.json ? Render.json : Render.text)(found))),
    Effect.provide(layer)
  )
