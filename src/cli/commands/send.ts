import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { identity, json, read } from "../options.js"

const Said = Schema.String.pipe(Schema.filter((typed) => typed.trim() !== ""))

const options = {
  to: identity("to", "To whom: whatsapp:+1234567890, telegram:123456789, twilio:+1234567890"),
  message: read("message", "text", "What to send", Said, "something to send"),
  json
}

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/send.js"))

export const command = Command.make("send", options, (line) => Effect.flatMap(run, ({ run }) => run(line))).pipe(
  Command.withDescription("Send a message through the relay that runs; Claude is not told")
)

export const example = 'warelay send --to telegram:123456789 --message "Dinner at eight"'
