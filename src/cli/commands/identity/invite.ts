import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Identity, isUsername } from "../../../identity/Identity.js"
import { identity, json, mappingName, mistaken, refused } from "../../options.js"

const account = identity("for", "The account that the other is to join, such as telegram:123456789").pipe(
  Options.mapEffect((one) =>
    isUsername(one)
      ? refused("for", one.toString(), "an account's number, such as telegram:123456789: usernames can change hands")
      : Effect.succeed(one)
  ),
  Options.optional
)

const options = {
  account,
  new: Options.boolean("new").pipe(Options.withDescription("Begin a new mapping: whoever sends the code gets another")),
  name: mappingName.pipe(Options.optional),
  json
}

/** One of the two, and a name for that which has none yet. */
const consistent = (account: Option.Option<Identity>, isNew: boolean, name: Option.Option<string>) => {
  if (Option.isSome(account) === isNew) return mistaken("either --for or --new is expected")
  return !isNew && Option.isSome(name) ? mistaken("--name is for a new mapping, with --new") : Effect.void
}

/** Takes the configuration and asks providers, and is loaded only then. */
const run = Effect.promise(() => import("../../run/invite.js"))

export const invite = Command.make("invite", options, (line) =>
  Effect.zipRight(
    consistent(line.account, line.new, line.name),
    Effect.flatMap(run, ({ run }) => run(line))
  )
).pipe(Command.withDescription("Print a code with which somebody can link an account from the chat"))

export const example = "warelay identity invite --for telegram:123456789"
