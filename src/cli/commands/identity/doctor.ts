import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { json } from "../../options.js"

const fix = Options.boolean("fix").pipe(
  Options.withDescription("Repair modes and remove what killed processes left; nothing else is touched")
)

/** Knows every file in the home, and is loaded only then. */
const run = Effect.promise(() => import("../../run/doctor.js"))

export const doctor = Command.make("doctor", { fix, json }, (line) => Effect.flatMap(run, ({ run }) => run(line))).pipe(
  Command.withDescription("Look at every file that warelay keeps, and say what is wrong and what to do")
)

export const example = "warelay identity doctor --fix"
