import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { sharedId } from "../../arguments.js"
import { dryRun, identity, json, writtenIdentities } from "../../options.js"

const id = sharedId("The mapping's id, as `identity list` shows it")

const options = {
  identities: writtenIdentities("identity", "Take out this one alone, such as telegram:@john; may be repeated"),
  keep: identity("keep", "Take out all but this one, who keeps the shared conversation").pipe(Options.optional),
  dryRun,
  json
}

const run = Effect.promise(() => import("../../run/unlink.js"))

export const unlink = Command.make("unlink", { id, ...options }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(Command.withDescription("Give accounts of a mapping, or all of them, conversations of their own again"))

export const example = "warelay identity unlink shared-1a2b3c4d-5e6f7081"
