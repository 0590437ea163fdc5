import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isPhoneNumber } from "../../identity/Identity.js"
import { read } from "../options.js"

const phone = read(
  "phone",
  "number",
  "Show a code to type on the phone instead of one to scan; the number is the account's",
  Option.liftPredicate(isPhoneNumber),
  "a phone number with + and country code such as +1234567890"
).pipe(Options.optional)

/** What runs it is heavy, and loaded only then. */
const run = Effect.promise(() => import("../run/login.js"))

export const command = Command.make("login", { phone }, ({ phone }) =>
  Effect.flatMap(run, ({ login }) => login(phone))
).pipe(Command.withDescription("Link a WhatsApp account, as WhatsApp Web is linked: by a code for its phone"))

export const example = "warelay login --phone +1234567890"
