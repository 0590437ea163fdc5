import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { sharedId } from "../../arguments.js"
import { json } from "../../options.js"

const id = sharedId("Show the changes of this mapping alone").pipe(Args.optional)

/** Tells how wide texts and how long ago times are, and is loaded only then. */
const run = Effect.promise(() => import("../../run/history.js"))

export const history = Command.make("history", { id, json }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(Command.withDescription("Show what was changed, when and by whom, oldest first"))

export const example = "warelay identity history"
