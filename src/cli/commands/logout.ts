import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"

const local = Options.boolean("local").pipe(
  Options.withDescription("Forget it here without telling WhatsApp; remove the device on the phone yourself")
)

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/login.js"))

export const command = Command.make("logout", { local }, ({ local }) =>
  Effect.flatMap(run, ({ logout }) => logout(local))
).pipe(Command.withDescription("Take warelay off the linked WhatsApp account, and forget its keys"))

export const example = "warelay logout"
