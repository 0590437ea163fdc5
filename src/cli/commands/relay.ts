import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ChannelName } from "../../channels/ChannelName.js"
import { LogFormat, LogLevel } from "../../config/LogSettings.js"
import { undisguised } from "../Argv.js"
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

const choice = <A extends string>(
  name: string,
  pseudoName: string,
  description: string,
  schema: Schema.Schema<A, A> & { readonly literals: ReadonlyArray<A> }
) =>
  Options.text(name).pipe(
    Options.withPseudoName(pseudoName),
    Options.withDescription(`${description}: ${schema.literals.join(", ")}`),
    Options.mapEffect((typed) =>
      Option.match(Schema.decodeUnknownOption(schema)(undisguised(typed)), {
        onNone: () => refused(name, undisguised(typed), `one of ${schema.literals.join(", ")}`),
        onSome: Effect.succeed
      })
    ),
    Options.optional
  )

const logLevel = choice("log-level", "level", "How much to log", LogLevel)

const logFormat = choice("log-format", "format", "How to log; auto is text on a terminal, else JSON", LogFormat)

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/relay.js"))

export const command = Command.make("relay", { providers, logLevel, logFormat }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(Command.withDescription("Carry messages between people and Claude, until Ctrl-C"))

export const example = "warelay relay --providers telegram,twilio"
