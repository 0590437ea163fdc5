import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { sharedId } from "../../arguments.js"
import { dryRun, json, mappingName } from "../../options.js"

const id = sharedId("The mapping's id, as `identity list` shows it")

const run = Effect.promise(() => import("../../run/rename.js"))

export const rename = Command.make("rename", { id, name: mappingName, dryRun, json }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(Command.withDescription("Call the people in a mapping something else"))

export const example = 'warelay identity rename shared-1a2b3c4d-5e6f7081 --name "John at home"'
