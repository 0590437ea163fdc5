import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { accountFor, type Identity, isUsernameId, isUserNumber, parse } from "./Identity.js"
import type { Entry, JsonObject } from "./IdentityMap.js"
import {
  type IdentityMapping,
  isKeep,
  isSharedId,
  isTimestamp,
  type SharedId,
  type Timestamp,
  type Written,
  writtenForm
} from "./IdentityMapping.js"
import { type Provider, providers } from "./Provider.js"

/** An object that the schema of a mapping decodes, but for its identities, which are looked at apart. */
interface Raw extends JsonObject {
  readonly id: SharedId
  readonly name?: string
  readonly identities: JsonObject
  readonly keep?: string
  readonly continues?: readonly [SharedId, ...ReadonlyArray<SharedId>]
  readonly pins?: Readonly<Record<string, string>>
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
}

/** A JSON object: what is neither null nor a list nor less than either. */
export const isObject = (value: unknown): value is JsonObject => Predicate.isReadonlyRecord(value)

export const isText = (value: unknown): value is string => typeof value === "string"

const isPins = (value: unknown): boolean =>
  isObject(value) &&
  Object.entries(value).every(([name, number]) => isUsernameId(name) && isText(number) && isUserNumber(number))

const isContinues = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((id) => isText(id) && isSharedId(id))

const isWritten = (raw: JsonObject): raw is Raw => {
  const { continues, createdAt, id, identities, keep, name, pins, updatedAt } = raw
  return (
    isText(id) &&
    isSharedId(id) &&
    isObject(identities) &&
    isText(createdAt) &&
    isTimestamp(createdAt) &&
    isText(updatedAt) &&
    isTimestamp(updatedAt) &&
    (name === undefined || isText(name)) &&
    (keep === undefined || (isText(keep) && isKeep(keep))) &&
    (continues === undefined || isContinues(continues)) &&
    (pins === undefined || isPins(pins))
  )
}

/** One id, or several, as a list; nothing where it is neither. */
const idsIn = (identities: JsonObject, provider: Provider): ReadonlyArray<unknown> | undefined => {
  const ids = identities[provider]
  if (ids === undefined) return []
  if (isText(ids)) return [ids]
  return Array.isArray(ids) && ids.length > 0 ? ids : undefined
}

const accountsIn = (identities: JsonObject): ReadonlyArray<string> | undefined => {
  const accounts: Array<string> = []
  for (const provider of providers) {
    const ids = idsIn(identities, provider)
    if (ids === undefined) return undefined
    for (const id of ids) {
      const account = isText(id) ? accountFor(provider, id) : undefined
      if (account === undefined) return undefined
      accounts.push(account)
    }
  }
  return accounts.length === 0 ? undefined : accounts
}

const identitiesIn = (identities: JsonObject): ReadonlyArray<Identity> =>
  providers.flatMap((provider) =>
    [identities[provider] ?? []].flat().flatMap((id) => Option.toArray(parse(provider, String(id))))
  )

const mappingOf = ({ continues, createdAt, id, identities, keep, name, pins, updatedAt }: Raw): IdentityMapping => ({
  id,
  ...(name === undefined ? {} : { name }),
  identities: identitiesIn(identities),
  ...(keep === undefined ? {} : { keep }),
  ...(continues === undefined ? {} : { continues }),
  ...(pins === undefined ? {} : { pins }),
  createdAt,
  updatedAt
})

/** What was read and found to be a mapping. Most are never asked for, and to make them all takes as long as to read them. */
class ReadEntry implements Entry {
  #mapping: IdentityMapping | undefined

  constructor(
    readonly raw: Raw,
    readonly accounts: ReadonlyArray<string>
  ) {}

  get mapping(): IdentityMapping {
    this.#mapping ??= mappingOf(this.raw)
    return this.#mapping
  }
}

/**
 * The mapping that the schema would decode, without it: a map can hold a hundred thousand. What the schema would not
 * decode gives nothing; what is wrong with it, the schema tells.
 */
export const read = (raw: unknown, id: string): ReadEntry | undefined => {
  if (!isObject(raw) || !isWritten(raw) || raw.id !== id) return undefined
  const accounts = accountsIn(raw.identities)
  return accounts === undefined ? undefined : new ReadEntry(raw, accounts)
}

/** What the schema would encode it to. */
export const write = (mapping: IdentityMapping): Written => {
  const { continues, createdAt, id, identities, keep, name, pins, updatedAt } = mapping
  return {
    id,
    ...(name === undefined ? {} : { name }),
    identities: writtenForm(identities),
    ...(keep === undefined ? {} : { keep }),
    ...(continues === undefined ? {} : { continues }),
    ...(pins === undefined ? {} : { pins }),
    createdAt,
    updatedAt
  }
}
