import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { sequence } from "../../arguments.js"
import { dryRun, json } from "../../options.js"

/** Takes the configuration and the sessions, and is loaded only then. */
const run = Effect.promise(() => import("../../run/undo.js"))

export const undo = Command.make("undo", { sequence: sequence.pipe(Args.optional), dryRun, json }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(Command.withDescription("Take a change back: the last one, or that with a number"))

export const example = "warelay identity undo 3"
