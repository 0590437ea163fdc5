import * as Brand from "effect/Brand"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import { type Identity, parseWritten } from "./Identity.js"
import type { Provider } from "./Provider.js"

/**
 * A mapping's id, and the session key of everybody in it. No form of an unlinked sender's key is a shared id: those have
 * a `+` or a colon in them, or are one of the two words excluded here.
 */
export type SharedId = string & Brand.Brand<"SharedId">

/** An instant as ISO 8601 with a time zone, kept as it was written. */
export type Timestamp = string & Brand.Brand<"Timestamp">

/** Identities that share one conversation. */
export interface IdentityMapping {
  readonly id: SharedId
  readonly name?: string | undefined
  /** Grouped by provider in the order of `providers`, at least one. */
  readonly identities: ReadonlyArray<Identity>
  /**
   * Whose history a shared conversation continues: `none` for nobody's, or the identity whose it is. Absent, the most
   * recently used among all identities'.
   */
  readonly keep?: string | undefined
  /** Mappings that were merged into this one: what was said there may go on here, if nothing has been said here. */
  readonly continues?: readonly [SharedId, ...ReadonlyArray<SharedId>] | undefined
  /** The account number that Telegram vouched for when it first named the sender so: the name alone may change hands. */
  readonly pins?: Readonly<Record<string, string>> | undefined
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
}

/** The names of its fields. */
export const fields = Object.keys({
  id: true,
  name: true,
  identities: true,
  keep: true,
  continues: true,
  pins: true,
  createdAt: true,
  updatedAt: true
} satisfies Record<keyof IdentityMapping, true>)

const sharedId = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/
const ofEveryObject = new Set(Object.getOwnPropertyNames(Object.prototype))

export const isReserved = (id: string): boolean => id === "global" || id === "unknown" || ofEveryObject.has(id)

export const isSharedId = (id: string): id is SharedId => sharedId.test(id) && !isReserved(id)

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/

/** Nearly all are of this form, with every number where a calendar has it, and need not be calculated to be believed. */
const plain = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{3})?Z$/

/** Whether the month has that many days: the engine takes 30 February for 1 March. */
const isDay = (date: string): boolean =>
  Option.exists(DateTime.make(date), (day) => DateTime.formatIsoDateUtc(day) === date)

export const isTimestamp = (text: string): text is Timestamp =>
  plain.test(text) || (instant.test(text) && isDay(text.slice(0, 10)) && Option.isSome(DateTime.make(text)))

const timestamp = Brand.nominal<Timestamp>()

export const timestampOf = (at: DateTime.DateTime): Timestamp => timestamp(DateTime.formatIso(at))

export const isKeep = (keep: string): boolean => keep === "none" || Option.isSome(parseWritten(keep))

/** One of a provider as a text, several as a list. */
type WrittenIdentities = { readonly [_ in Provider]?: string | readonly [string, ...ReadonlyArray<string>] | undefined }

/** A mapping as it stands in the file and in the output of `--json`. */
export interface Written {
  readonly id: string
  readonly name?: string | undefined
  readonly identities: WrittenIdentities
  readonly keep?: string | undefined
  readonly continues?: readonly [string, ...ReadonlyArray<string>] | undefined
  readonly pins?: Readonly<Record<string, string>> | undefined
  readonly createdAt: string
  readonly updatedAt: string
}

const idsOf = (provider: Provider, identities: ReadonlyArray<Identity>): WrittenIdentities => {
  const [first, ...rest] = identities.filter((identity) => identity.provider === provider).map(({ id }) => id)
  if (first === undefined) return {}
  return { [provider]: rest.length === 0 ? first : [first, ...rest] }
}

export const writtenForm = (identities: ReadonlyArray<Identity>): WrittenIdentities => ({
  ...idsOf("whatsapp", identities),
  ...idsOf("telegram", identities),
  ...idsOf("twilio", identities)
})
