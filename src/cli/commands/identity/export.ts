import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { read } from "../../options.js"

const output = read(
  "output",
  "file",
  "Make this file, for your eyes alone, instead of printing; one that exists is left as it is; - prints",
  Option.liftPredicate((typed) => typed !== ""),
  "the name of a file"
).pipe(Options.optional)

const run = Effect.promise(() => import("../../run/export.js"))

export const exporting = Command.make("export", { output }, ({ output }) =>
  Effect.flatMap(run, ({ run }) => run(output))
).pipe(Command.withDescription("Print all mappings, decisions and their history as one JSON document"))

export const example = "warelay identity export --output identities.json"
