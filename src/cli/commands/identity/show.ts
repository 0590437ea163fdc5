import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { json } from "../../options.js"

const id = Args.text({ name: "shared-id" }).pipe(Args.withDescription("The mapping's id, as `identity list` shows it"))

const run = Effect.promise(() => import("../../run/show.js"))

export const show = Command.make("show", { id, json }, (line) => Effect.flatMap(run, ({ run }) => run(line))).pipe(
  Command.withDescription("Show one mapping")
)

export const example = "warelay identity show shared-1a2b3c4d-5e6f7081"
