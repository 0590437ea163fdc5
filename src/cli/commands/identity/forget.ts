import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { account } from "../../arguments.js"
import { dryRun, json, yes } from "../../options.js"

const identity = account("provider:id", "Who is to be forgotten, such as whatsapp:+1234567890 or telegram:@john")

/** Takes the sessions, and every file of the home, and is loaded only then. */
const run = Effect.promise(() => import("../../run/forget.js"))

export const forget = Command.make("forget", { identity, dryRun, yes, json }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(
  Command.withDescription("Remove every trace of an account: links, history, earlier versions, sessions. No way back")
)

export const example = "warelay identity forget telegram:@john"
