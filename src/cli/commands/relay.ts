import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { channelNames } from "../../channels/ChannelName.js"
import { logFormats, logLevels } from "../../config/LogSettings.js"
import { undisguised } from "../Argv.js"
import { oneOf, refused } from "../options.js"

/** Names with commas between, each of which is one. */
const channels = (typed: string) => Option.all(typed.split(",").map((name) => oneOf(channelNames)(name.trim())))

const providers = Options.text("providers").pipe(
  Options.withPseudoName("names"),
  Options.withDescription(`What to serve, with commas between: ${channelNames.join(",")}`),
  Options.mapEffect((typed) =>
    Effect.catchAll(channels(typed), () => refused("providers", typed, `names out of ${channelNames.join(",")}`))
  ),
  Options.optional
)

const choice = <A extends string>(name: string, pseudoName: string, description: string, words: ReadonlyArray<A>) =>
  Options.text(name).pipe(
    Options.withPseudoName(pseudoName),
    Options.withDescription(`${description}: ${words.join(", ")}`),
    Options.mapEffect((typed) =>
      Effect.catchAll(oneOf(words)(undisguised(typed)), () =>
        refused(name, undisguised(typed), `one of ${words.join(", ")}`)
      )
    ),
    Options.optional
  )

const logLevel = choice("log-level", "level", "How much to log", logLevels)

const logFormat = choice("log-format", "format", "How to log; auto is text on a terminal, else JSON", logFormats)

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/relay.js"))

export const command = Command.make("relay", { providers, logLevel, logFormat }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(Command.withDescription("Carry messages between people and Claude, until Ctrl-C"))

export const example = "warelay relay --providers telegram,twilio"
