import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Identity, parseWritten } from "../../../identity/Identity.js"
import { Identities } from "../../../identity/Identities.js"
import { MappingName } from "../../../identity/IdentityMapping.js"
import { Decision } from "../../../identity/Plan.js"
import { identities, json, read, refused, text } from "../../options.js"
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

const name = read(
  "name",
  "name",
  "What to call the person or the group",
  MappingName,
  "1 to 200 characters, and not only spaces"
).pipe(Options.optional)

const options = {
  whatsapp: identities("whatsapp", "A WhatsApp account: +1234567890 or 12345@lid; may be repeated"),
  telegram: identities("telegram", "A Telegram account: @john or 123456789; may be repeated"),
  twilio: identities("twilio", "A number at Twilio: +1234567890; may be repeated"),
  name,
  keep,
  json
}

/** Takes the configuration and the sessions, and is loaded only then. */
const inherited = Effect.promise(() => import("../../run/inherited.js"))

export const link = Command.make("link", options, ({ json, keep, name, telegram, twilio, whatsapp }) =>
  Effect.gen(function* () {
    const service = yield* Identities
    const decision = Decision.Link({ identities: [...whatsapp, ...telegram, ...twilio], name, keep })
    const { changes, mapping } = yield* service.change(decision)
    if (json) return yield* Console.log(Json.mapping(mapping))
    const Mapping = yield* pleasant
    yield* Console.log(Mapping.linked(mapping, changes.length > 0))
    // A mapping that was there has its conversation already.
    if (changes.length === 0) return
    const { inheritedBy } = yield* inherited
    yield* Console.error(yield* inheritedBy(mapping))
  })
).pipe(Command.withDescription("Let accounts of one person, or of one family, share a conversation"))

export const example = 'warelay identity link --whatsapp +1234567890 --telegram @john --name "John"'
