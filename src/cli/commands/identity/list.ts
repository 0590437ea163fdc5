import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { json } from "../../options.js"

const run = Effect.promise(() => import("../../run/list.js"))

export const list = Command.make("list", { json }, ({ json }) => Effect.flatMap(run, ({ run }) => run(json))).pipe(
  Command.withDescription("Show all mappings, oldest first")
)

export const example = "warelay identity list --json"
