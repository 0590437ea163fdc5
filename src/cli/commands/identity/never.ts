import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { account } from "../../arguments.js"
import { dryRun, json } from "../../options.js"

const one = account("a", "An account, such as whatsapp:+1234567890 or telegram:@john")
const other = account("b", "An account, such as whatsapp:+1234567890 or telegram:@john")

const run = Effect.promise(() => import("../../run/never.js"))

export const never = Command.make("never", { one, other, dryRun, json }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(
  Command.withDescription("Say that two accounts are not one person's, so that they are never suggested for linking")
)

export const example = "warelay identity never whatsapp:+1234567890 twilio:+1234567890"
