import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { providers } from "../../identity/Provider.js"
import { json, message, oneOf, read, text } from "../options.js"

/** Takes its schema, and is loaded only then. */
const sessionId = (typed: string) =>
  Effect.flatMap(
    Effect.promise(() => import("../../session/SessionId.js")),
    ({ read }) => read(typed)
  )

const options = {
  to: text("to", "id", "Whose conversation it is: whatsapp:+1234567890, telegram:@john, +1234567890, …"),
  message: message("say"),
  provider: read(
    "provider",
    "provider",
    `Where the account is, if --to does not say it: ${providers.join(", ")}`,
    oneOf(providers),
    `one of ${providers.join(", ")}`
  ).pipe(Options.optional),
  session: read(
    "session-id",
    "uuid",
    "Say it in this session instead; the conversation keeps its own",
    sessionId,
    "a UUID such as 123e4567-e89b-42d3-a456-426614174000"
  ).pipe(Options.optional),
  deliver: Options.boolean("deliver").pipe(Options.withDescription("Also send the answer to the account")),
  json
}

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/agent.js"))

export const command = Command.make("agent", options, (line) => Effect.flatMap(run, ({ run }) => run(line))).pipe(
  Command.withDescription("Say something to Claude as one of the people would, and print the answer")
)

export const example = 'warelay agent --to telegram:@john --message "What did I say this morning?"'
