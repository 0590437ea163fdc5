import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { json } from "../../options.js"

const run = Effect.promise(() => import("../../run/pending.js"))

export const pending = Command.make("pending", { json }, ({ json }) =>
  Effect.flatMap(run, ({ pending }) => pending(json))
).pipe(Command.withDescription("Show who is about to link accounts from the chat, and by which codes"))

export const example = "warelay identity pending"
