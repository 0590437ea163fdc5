import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as ControlClient from "../../control/ControlClient.js"
import type { Identity } from "../../identity/Identity.js"
import * as storage from "../../layers/storage.js"
import { json } from "../render/json.js"

export interface Line {
  readonly to: Identity
  readonly message: string
  readonly json: boolean
}

/** Waits until the provider has taken the message, as long as the relay tries. */
export const run = (line: Line) =>
  Effect.gen(function* () {
    const sent = yield* ControlClient.send(line.to, line.message)
    const where = sent.channel === line.to.provider ? "" : ` on the ${sent.channel}`
    yield* Console.log(line.json ? json(sent) : `sent to ${sent.to}${where}`)
  }).pipe(Effect.provide(storage.layer))
