import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { dryRun, json, onConflict } from "../../options.js"

const file = Args.text({ name: "file" }).pipe(
  Args.withDescription("An export, or an identity map such as identity-map.json.bak; - reads standard input")
)

/** Reads what others have written, and is loaded only then. */
const run = Effect.promise(() => import("../../run/import.js"))

export const importing = Command.make("import", { file, onConflict, dryRun, json }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(Command.withDescription("Bring in the mappings of an export, or of a copy of identity-map.json: all or none"))

export const example = "warelay identity import identities.json --dry-run"
