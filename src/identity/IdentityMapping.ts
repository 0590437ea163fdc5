import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { masked } from "../config/Masked.js"
import { acceptedForm, Identity, isUsernameId, isUserNumber, parse, parseWritten } from "./Identity.js"
import { type Provider, providers } from "./Provider.js"

const sharedId = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/
const ofEveryObject = new Set(Object.getOwnPropertyNames(Object.prototype))
const isReserved = (id: string): boolean => id === "global" || id === "unknown" || ofEveryObject.has(id)
const hasForm = (id: string): boolean => sharedId.test(id) && !isReserved(id)

/** What was found where a text should be. An object in a file can have properties of any name, also those that print it. */
const shown = (actual: unknown): string =>
  JSON.stringify(masked(typeof actual === "string" ? actual : String(JSON.stringify(actual))))

/**
 * A mapping's id, and the session key of everybody in it. No form of an unlinked sender's key is a shared id: those have
 * a `+` or a colon in them, or are one of the two words excluded here.
 */
export const SharedId = Schema.String.pipe(
  Schema.filter(hasForm, {
    message: ({ actual }) =>
      `${shown(actual)} is not a shared id: ` +
      (typeof actual === "string" && isReserved(actual)
        ? "it is a reserved word"
        : "a letter, then at most 63 letters, digits, dots, dashes or underscores")
  }),
  Schema.brand("SharedId")
)
export type SharedId = typeof SharedId.Type

/** The same without the schema. */
export const isSharedId = (id: string): id is SharedId => hasForm(id)

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/

/** Nearly all are of this form, with every number where a calendar has it, and need not be calculated to be believed. */
const plain = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{3})?Z$/

/** Whether the month has that many days: the engine takes 30 February for 1 March. */
const isDay = (date: string): boolean =>
  Option.exists(DateTime.make(date), (day) => DateTime.formatIsoDateUtc(day) === date)

const isInstant = (text: string): boolean =>
  plain.test(text) || (instant.test(text) && isDay(text.slice(0, 10)) && Option.isSome(DateTime.make(text)))

/** Where a time is expected, this is a day, and not somebody's number. */
const day = /^(19|20)\d{2}-\d{2}-\d{2}$/

/** An instant as ISO 8601 with a time zone, kept as it was written. */
export const Timestamp = Schema.String.pipe(
  Schema.filter(isInstant, {
    message: ({ actual }) =>
      `${typeof actual === "string" && day.test(actual) ? JSON.stringify(actual) : shown(actual)} ` +
      "is not a time such as 2024-01-01T00:00:00Z"
  }),
  Schema.brand("Timestamp")
)
export type Timestamp = typeof Timestamp.Type

/** The same without the schema. */
export const isTimestamp = (text: string): text is Timestamp => isInstant(text)

const Ids = Schema.Union(Schema.String, Schema.NonEmptyArray(Schema.String)).annotations({
  message: () => ({ message: "expected a string or an array of strings with at least one in it", override: true })
})

const Written = Schema.Struct({
  whatsapp: Schema.optional(Ids),
  telegram: Schema.optional(Ids),
  twilio: Schema.optional(Ids)
})

/** Identities as a mapping holds them: grouped by provider in the order of `providers`, at least one. */
export const Identities: Schema.Schema<ReadonlyArray<Identity>, typeof Written.Encoded> = Schema.transformOrFail(
  Written,
  Schema.Array(Schema.instanceOf(Identity)),
  {
    strict: true,
    decode: (written, _, ast) => {
      const found: Array<Identity> = []
      for (const provider of providers) {
        const ids = written[provider] ?? []
        for (const [index, id] of (typeof ids === "string" ? [ids] : ids).entries()) {
          const identity = parse(provider, id)
          if (Option.isNone(identity)) {
            const reason = `${JSON.stringify(masked(id))} is not ${acceptedForm[provider]}`
            const problem = new ParseResult.Type(ast, id, reason)
            const path: readonly [string, ...Array<string | number>] =
              typeof ids === "string" ? [provider] : [provider, index]
            return Either.left(new ParseResult.Pointer(path, written, problem))
          }
          found.push(identity.value)
        }
      }
      return found.length === 0
        ? Either.left(new ParseResult.Type(ast, written, "a mapping has at least one identity"))
        : Either.right(found)
    },
    encode: (identities) => Either.right(writtenForm(identities))
  }
)

const idsOf = (provider: Provider, identities: ReadonlyArray<Identity>) => {
  const [first, ...rest] = identities.filter((identity) => identity.provider === provider).map(({ id }) => id)
  if (first === undefined) return {}
  return { [provider]: rest.length === 0 ? first : [first, ...rest] }
}

export const writtenForm = (identities: ReadonlyArray<Identity>): typeof Written.Type => ({
  ...idsOf("whatsapp", identities),
  ...idsOf("telegram", identities),
  ...idsOf("twilio", identities)
})

export const isKeep = (keep: string): boolean => keep === "none" || Option.isSome(parseWritten(keep))

/**
 * Whose history a shared conversation continues: `none` for nobody's, or the identity whose it is. Absent, the most
 * recently used among all identities'.
 */
export const Keep = Schema.String.pipe(
  Schema.filter(isKeep, {
    message: () => "none, or an identity such as whatsapp:+1234567890, is expected"
  })
)

/** The account number that Telegram vouched for when it first named the sender so: the name alone may change hands. */
export const Pins = Schema.Record({
  key: Schema.String,
  value: Schema.String.pipe(Schema.filter((number): boolean => isUserNumber(number)))
}).pipe(
  Schema.filter((pins): boolean => Object.keys(pins).every((name) => isUsernameId(name))),
  Schema.annotations({
    message: () => ({
      message: 'usernames with account numbers, such as { "@john": "42" }, are expected',
      override: true
    })
  })
)

/** Identities that share one conversation. Encoded, it is what stands in the file and in the output of `--json`. */
export class IdentityMapping extends Schema.Class<IdentityMapping>("IdentityMapping")({
  id: SharedId,
  name: Schema.optional(Schema.String),
  identities: Identities,
  keep: Schema.optional(Keep),
  /** Mappings that were merged into this one: what was said there may go on here, if nothing has been said here. */
  continues: Schema.optional(Schema.NonEmptyArray(SharedId)),
  pins: Schema.optional(Pins),
  createdAt: Timestamp,
  updatedAt: Timestamp
}) {}
