import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Identity, parseWritten } from "../../../identity/Identity.js"
import { dryRun, identities, json, mappingName, onConflict, read, sharedId, yes } from "../../options.js"

const keepOf = (typed: string): Option.Option<Identity | "none"> =>
  typed === "none" ? Option.some("none") : parseWritten(typed)

const keep = read(
  "keep",
  "id",
  "Whose conversation goes on: one of the identities, such as telegram:@john, or none",
  keepOf,
  "none, or an identity such as whatsapp:+1234567890"
).pipe(Options.optional)

const options = {
  whatsapp: identities("whatsapp", "A WhatsApp account: +1234567890 or 12345@lid; may be repeated"),
  telegram: identities("telegram", "A Telegram account: @john or 123456789; may be repeated"),
  twilio: identities("twilio", "A number at Twilio: +1234567890; may be repeated"),
  name: mappingName.pipe(Options.optional),
  keep,
  into: sharedId("into", "Add to the mapping with this id instead of making one").pipe(Options.optional),
  onConflict,
  yes,
  dryRun,
  json
}

const run = Effect.promise(() => import("../../run/link.js"))

export const link = Command.make("link", options, (line) => Effect.flatMap(run, ({ run }) => run(line))).pipe(
  Command.withDescription("Let accounts of one person, or of one family, share a conversation")
)

export const example = 'warelay identity link --whatsapp +1234567890 --telegram @john --name "John"'
