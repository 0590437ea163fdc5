import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ChannelName } from "../../channels/Message.js"
import { refused } from "../options.js"

const Names = Schema.NonEmptyArray(ChannelName)

const providers = Options.text("providers").pipe(
  Options.withPseudoName("names"),
  Options.withDescription(`What to serve, with commas between: ${ChannelName.literals.join(",")}`),
  Options.mapEffect((typed) =>
    Option.match(Schema.decodeUnknownOption(Names)(typed.split(",").map((name) => name.trim())), {
      onNone: () => refused("providers", typed, `names out of ${ChannelName.literals.join(",")}`),
      onSome: Effect.succeed
    })
  ),
  Options.optional
)

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/relay.js"))

export const command = Command.make("relay", { providers }, ({ providers }) =>
  Effect.flatMap(run, ({ run }) => run(providers))
).pipe(Command.withDescription("Carry messages between people and Claude, until Ctrl-C"))

export const example = "warelay relay --providers telegram,twilio"
