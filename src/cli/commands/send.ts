import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { identity, json, message } from "../options.js"

const options = {
  to: identity("to", "To whom: whatsapp:+1234567890, telegram:123456789, twilio:+1234567890"),
  message: message("send"),
  json
}

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/send.js"))

export const command = Command.make("send", options, (line) => Effect.flatMap(run, ({ run }) => run(line))).pipe(
  Command.withDescription("Send a message through the relay that runs; Claude is not told")
)

export const example = 'warelay send --to telegram:123456789 --message "Dinner at eight"'
