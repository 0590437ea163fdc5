import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { acceptedForm, Identity, isUserNumber, parse } from "../identity/Identity.js"
import { MappingName } from "../identity/MappingNameSchema.js"
import { type Provider, providers } from "../identity/Provider.js"

/** Somebody who may write. */
export interface AllowedSender {
  readonly identity: Identity
  /** What Claude is told this person is called. */
  readonly name: Option.Option<string>
}

/** What a group is called by its transport, and the provider whose transport that is. */
export const groupForms: ReadonlyArray<readonly [Provider, RegExp]> = [
  ["whatsapp", /^[0-9]+(?:-[0-9]+)?@g\.us$/],
  ["telegram", /^telegram:-[1-9][0-9]{0,15}$/]
]

const isGroupName = (text: string): boolean => groupForms.some(([, form]) => form.test(text))

const forms: Record<Provider, string> = {
  ...acceptedForm,
  telegram: "the account's number, such as telegram:123456789"
}

const quoted = (text: string): string => JSON.stringify(text)

/** Names can be given up and taken by somebody else, who would then be let in. */
const byUsername = (text: string): string =>
  `${quoted(text)} is a username, which may belong to somebody else tomorrow: list the account's number instead, such ` +
  "as telegram:123456789. In Telegram, @userinfobot tells everybody who writes to it their own."

/** The account, or the sentence that says what is wrong with the text. */
const read = (text: string): Either.Either<Identity, string> => {
  if (text.startsWith("@")) return Either.left(byUsername(text))
  if (isGroupName(text) || text.startsWith("group:")) {
    return Either.left(`${quoted(text)} is a group: list it in allowGroups`)
  }
  const provider = providers.find((name) => text.startsWith(`${name}:`))
  if (provider === undefined) {
    return Either.left(
      `${quoted(text)} does not say at which provider: write whatsapp:, telegram: or twilio: in front, as in whatsapp:+1234567890`
    )
  }
  return Option.match(parse(provider, text.slice(provider.length + 1)), {
    onNone: () => Either.left(`${quoted(text)} names nobody: after ${provider}: comes ${forms[provider]}`),
    onSome: (identity) =>
      provider === "telegram" && !isUserNumber(identity.id) ? Either.left(byUsername(text)) : Either.right(identity)
  })
}

const Written = Schema.Union(
  Schema.String,
  Schema.Struct({ id: Schema.String, name: Schema.optional(Schema.String) })
).annotations({
  message: () => ({
    message: 'expected somebody such as "whatsapp:+1234567890", or { id: "whatsapp:+1234567890", name: "Mom" }',
    override: true
  })
})

const decodeName = ParseResult.decodeUnknownEither(MappingName)

/** An entry of `allowFrom`: the identity alone, or with a name. */
export const AllowedSender: Schema.Schema<AllowedSender, typeof Written.Encoded> = Schema.transformOrFail(
  Written,
  Schema.Struct({ identity: Schema.instanceOf(Identity), name: Schema.OptionFromSelf(Schema.String) }),
  {
    strict: true,
    decode: (written, _, ast) => {
      const plain = typeof written === "string"
      const { id, name } = plain ? { id: written, name: undefined } : written
      const identity = Either.mapLeft(read(id), (reason) => {
        const problem = new ParseResult.Type(ast, id, reason)
        return plain ? problem : new ParseResult.Pointer("id", written, problem)
      })
      if (name === undefined) return Either.map(identity, (identity) => ({ identity, name: Option.none() }))
      const called = Either.mapLeft(decodeName(name), (issue) => new ParseResult.Pointer("name", written, issue))
      return Either.zipWith(identity, called, (identity, name) => ({ identity, name: Option.some(name) }))
    },
    encode: ({ identity, name }) =>
      Either.right(
        Option.match(name, {
          onNone: () => identity.toString(),
          onSome: (name) => ({ id: identity.toString(), name })
        })
      )
  }
)

/** An entry of `allowGroups`: a group as its transport names it. */
export const AllowedGroup = Schema.String.pipe(
  Schema.filter(isGroupName, {
    message: ({ actual }) =>
      `${JSON.stringify(actual)} is not a group: expected one such as "12345-678@g.us" (WhatsApp) or "telegram:-1001234567890"`
  })
)
