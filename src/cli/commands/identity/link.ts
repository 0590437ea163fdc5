import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Decision } from "../../../identity/Decision.js"
import { type Identity, parseWritten } from "../../../identity/Identity.js"
import { Identities } from "../../../identity/Identities.js"
import { dryRun, identities, json, mappingName, onConflict, refused, sharedId, text, yes } from "../../options.js"
import * as Json from "../../render/json.js"
import { pleasant } from "../../render/pleasant.js"

const keepOf = (typed: string): Option.Option<Identity | "none"> =>
  typed === "none" ? Option.some("none") : parseWritten(typed)

const keep = text(
  "keep",
  "id",
  "Whose conversation goes on: one of the identities, such as telegram:@john, or none"
).pipe(
  Options.mapEffect((typed) =>
    Option.match(keepOf(typed), {
      onNone: () => refused("keep", typed, "none, or an identity such as whatsapp:+1234567890"),
      onSome: Effect.succeed
    })
  ),
  Options.optional
)

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

/** Takes the configuration and the sessions, and is loaded only then. */
const linking = Effect.promise(() => import("../../run/link.js"))
const rehearsal = Effect.promise(() => import("../../run/dryRun.js"))

export const link = Command.make("link", options, (line) =>
  Effect.gen(function* () {
    const wish = Decision.Link({
      identities: [...line.whatsapp, ...line.telegram, ...line.twilio],
      name: Option.getOrUndefined(line.name),
      keep: Option.getOrUndefined(line.keep),
      into: Option.getOrUndefined(line.into),
      onConflict: line.onConflict
    })
    if (line.dryRun) return yield* (yield* rehearsal).dryRun(wish, line.json)
    if (line.json) {
      const { mapping } = yield* Effect.flatMap(Identities, ({ change }) => change(wish))
      return yield* Console.log(Json.mapping(Option.getOrThrow(mapping)))
    }
    const { changes, mapping } = yield* (yield* linking).link(wish, !line.yes)
    const linked = Option.getOrThrow(mapping)
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.linked(linked, changes.length > 0))
  })
).pipe(Command.withDescription("Let accounts of one person, or of one family, share a conversation"))

export const example = 'warelay identity link --whatsapp +1234567890 --telegram @john --name "John"'
