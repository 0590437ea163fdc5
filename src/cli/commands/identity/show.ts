import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { sharedId } from "../../arguments.js"
import { json } from "../../options.js"

const id = sharedId("The mapping's id, as `identity list` shows it")

const run = Effect.promise(() => import("../../run/show.js"))

export const show = Command.make("show", { id, json }, (line) => Effect.flatMap(run, ({ run }) => run(line))).pipe(
  Command.withDescription("Show one mapping")
)

export const example = "warelay identity show shared-1a2b3c4d-5e6f7081"
