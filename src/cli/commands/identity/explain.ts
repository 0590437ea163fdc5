import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { providers } from "../../../identity/Provider.js"
import { json, oneOf, read, refused } from "../../options.js"

const sender = Args.text({ name: "sender" }).pipe(
  Args.withDescription("Who writes, as typed or as a log names it: whatsapp:+1234567890, @john, +1234567890, …")
)

const options = {
  provider: read(
    "provider",
    "provider",
    `Where the message comes from: ${providers.join(", ")}; otherwise it is told by the form`,
    oneOf(providers),
    `one of ${providers.join(", ")}`
  ).pipe(Options.optional),
  aliases: Options.text("alias").pipe(
    Options.withPseudoName("name"),
    Options.repeated,
    Options.withDescription(
      "Another name of the account that comes with the message, such as @john beside a Telegram number; may be repeated"
    ),
    Options.mapEffect(
      Effect.forEach((typed) =>
        typed.startsWith("--") ? refused("alias", typed, "a name, and this is an option") : Effect.succeed(typed)
      )
    )
  ),
  json
}

/** Takes the configuration, the sessions and the way of a message, and is loaded only then. */
const run = Effect.promise(() => import("../../run/explain.js"))

export const explain = Command.make("explain", { sender, ...options }, (line) =>
  Effect.flatMap(run, ({ run }) => run(line))
).pipe(Command.withDescription("Say which conversation a sender is in, and why"))

export const example = "warelay identity explain +1234567890 --provider twilio"
