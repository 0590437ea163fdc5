import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { json } from "../../options.js"

/** Takes the configuration and the sessions, and is loaded only then. */
const run = Effect.promise(() => import("../../run/suggest.js"))

export const suggest = Command.make("suggest", { json }, ({ json }) =>
  Effect.flatMap(run, ({ run }) => run(json))
).pipe(Command.withDescription("Show which accounts are probably one person's, and how to link them; links nothing"))

export const example = "warelay identity suggest"
