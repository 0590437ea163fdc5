import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { page } from "../Help.js"
import { json } from "../options.js"

const key = Args.text({ name: "key" }).pipe(Args.withDescription("The conversation's key, as `sessions list` shows it"))

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/sessions.js"))

const list = Command.make("list", { json }, ({ json }) => Effect.flatMap(run, ({ list }) => list(json))).pipe(
  Command.withDescription("Show all conversations on record, the last used first")
)
const show = Command.make("show", { key, json }, (line) => Effect.flatMap(run, ({ show }) => show(line))).pipe(
  Command.withDescription("Show one conversation")
)
const reset = Command.make("reset", { key, json }, (line) => Effect.flatMap(run, ({ reset }) => reset(line))).pipe(
  Command.withDescription("End a conversation: the next message starts another")
)

export const description = "Look at conversations, and end them"

export const example = "warelay sessions list"

export const command = Command.make("sessions").pipe(Command.withSubcommands([list, show, reset]))

export const pages = [
  page(["sessions", "list"], list, example),
  page(["sessions", "show"], show, "warelay sessions show +1234567890"),
  page(["sessions", "reset"], reset, "warelay sessions reset telegram:123456789")
]
