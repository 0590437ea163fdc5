import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"

const id = Args.text({ name: "code-id" }).pipe(Args.withDescription("The code's id, as `identity pending` shows it"))

const run = Effect.promise(() => import("../../run/pending.js"))

export const revoke = Command.make("revoke", { id }, ({ id }) => Effect.flatMap(run, ({ revoke }) => revoke(id))).pipe(
  Command.withDescription("Make a code void, with all that it has begun")
)

export const example = "warelay identity revoke code-1a2b3c4d"
