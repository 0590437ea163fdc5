import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { json } from "../options.js"

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/status.js"))

export const command = Command.make("status", { json }, ({ json }) => Effect.flatMap(run, ({ run }) => run(json))).pipe(
  Command.withDescription("Ask the relay that runs how it is, and who was turned away")
)

export const example = "warelay status --json"
