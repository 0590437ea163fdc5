import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { masked } from "../config/Masked.js"
import type { JsonObject } from "./IdentityMap.js"
import { acceptedForm, Identity, isUsernameId, isUserNumber, parse } from "./Identity.js"
import { isKeep, isReserved, isSharedId, isTimestamp, writtenForm } from "./IdentityMapping.js"
import { providers } from "./Provider.js"

/** Any object, with all its fields. */
export const WrittenObject: Schema.Schema<JsonObject> = Schema.Record({
  key: Schema.String,
  value: Schema.Unknown
}).annotations({ identifier: "an object" })

/** What was found where a text should be. An object in a file can have properties of any name, also those that print it. */
const shown = (actual: unknown): string =>
  JSON.stringify(masked(typeof actual === "string" ? actual : String(JSON.stringify(actual))))

export const WrittenSharedId = Schema.String.pipe(
  Schema.filter(isSharedId, {
    message: ({ actual }) =>
      `${shown(actual)} is not a shared id: ` +
      (typeof actual === "string" && isReserved(actual)
        ? "it is a reserved word"
        : "a letter, then at most 63 letters, digits, dots, dashes or underscores")
  })
)

/** Where a time is expected, this is a day, and not somebody's number. */
const day = /^(19|20)\d{2}-\d{2}-\d{2}$/

export const WrittenTimestamp = Schema.String.pipe(
  Schema.filter(isTimestamp, {
    message: ({ actual }) =>
      `${typeof actual === "string" && day.test(actual) ? JSON.stringify(actual) : shown(actual)} ` +
      "is not a time such as 2024-01-01T00:00:00Z"
  })
)

const Ids = Schema.Union(Schema.String, Schema.NonEmptyArray(Schema.String)).annotations({
  message: () => ({ message: "expected a string or an array of strings with at least one in it", override: true })
})

const Written = Schema.Struct({
  whatsapp: Schema.optional(Ids),
  telegram: Schema.optional(Ids),
  twilio: Schema.optional(Ids)
})

/** Identities as a mapping holds them: grouped by provider in the order of `providers`, at least one. */
const WrittenIdentities: Schema.Schema<ReadonlyArray<Identity>, typeof Written.Encoded> = Schema.transformOrFail(
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

/**
 * Whose history a shared conversation continues: `none` for nobody's, or the identity whose it is. Absent, the most
 * recently used among all identities'.
 */
const Keep = Schema.String.pipe(
  Schema.filter(isKeep, {
    message: () => "none, or an identity such as whatsapp:+1234567890, is expected"
  })
)

/** The account number that Telegram vouched for when it first named the sender so: the name alone may change hands. */
const Pins = Schema.Record({
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

/** What stands in the file and in the output of `--json`. */
export const WrittenMapping = Schema.Struct({
  id: WrittenSharedId,
  name: Schema.optional(Schema.String),
  identities: WrittenIdentities,
  keep: Schema.optional(Keep),
  continues: Schema.optional(Schema.NonEmptyArray(WrittenSharedId)),
  pins: Schema.optional(Pins),
  createdAt: WrittenTimestamp,
  updatedAt: WrittenTimestamp
})
