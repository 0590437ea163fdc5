import * as Option from "effect/Option"
import * as Printed from "../storage/Printed.js"
import { accountFor, isUsernameId, isUserNumber } from "./Identity.js"
import { type Entry, type JsonObject, pinnedIn } from "./IdentityMap.js"
import { type IdentityMapping, isKeep, isSharedId, isTimestamp, type SharedId } from "./IdentityMapping.js"
import type { Provider } from "./Provider.js"
import { read as readEntry } from "./QuickMapping.js"

/** How deep the mappings stand in their document. */
export const depth = 1

/** What is printed as it is, between quotation marks. */
const plain = String.raw`"([^"\\\0-\x1f\ud800-\udfff]*)"`

const field = (name: string): string => ` {6}"${name}": ${plain}`

/** A comma stands behind all but the last of the identities. */
const id = (provider: Provider): string => String.raw`(?: {8}"${provider}": ${plain}(?:,\n(?= {8})|\n(?! {8})))?`

/** Nearly all mappings look like this: one account of a provider, and no more than one pin. */
const usual = new RegExp(
  [
    String.raw`^ {4}${plain}: \{\n {6}"id": "\1",\n(?:${field("name")},\n)? {6}"identities": \{\n`,
    id("whatsapp"),
    id("telegram"),
    id("twilio"),
    String.raw` {6}\},\n(?:${field("keep")},\n)?(?: {6}"pins": \{\n {8}${plain}: ${plain}\n {6}\},\n)?`,
    String.raw`${field("createdAt")},\n${field("updatedAt")}\n {4}\}$`
  ].join("")
)

/** A mapping as it stands in the text. Most are never asked for, and to parse them all takes longer than all the rest. */
class PrintedEntry implements Entry {
  #entry: Entry | undefined

  constructor(
    readonly text: string,
    readonly id: SharedId,
    readonly accounts: ReadonlyArray<string>,
    readonly pinned: ReadonlyArray<string>,
    readonly isExact: boolean
  ) {}

  get #parsed(): Entry {
    this.#entry ??= Option.getOrThrow(Option.fromNullable(readEntry(Printed.parse(this.text), this.id)))
    return this.#entry
  }

  get raw(): JsonObject {
    return this.#parsed.raw
  }

  get mapping(): IdentityMapping {
    return this.#parsed.mapping
  }
}

const noPins: ReadonlyArray<string> = []

/** Puts the name of an account with the others; whether it is one, if there is one at this provider. */
const add = (accounts: Array<string>, provider: Provider, written: string | undefined): boolean => {
  if (written === undefined) return true
  const account = accountFor(provider, written)
  if (account === undefined) return false
  accounts.push(account)
  return true
}

const usualEntry = (text: string): PrintedEntry | undefined => {
  const [, id, , whatsapp, telegram, twilio, keep, username, number, createdAt, updatedAt] = usual.exec(text) ?? []
  if (id === undefined || createdAt === undefined || updatedAt === undefined) return undefined
  if (!isSharedId(id) || !isTimestamp(createdAt) || !isTimestamp(updatedAt)) return undefined
  if (keep !== undefined && !isKeep(keep)) return undefined
  const accounts: Array<string> = []
  if (!add(accounts, "whatsapp", whatsapp) || !add(accounts, "telegram", telegram)) return undefined
  if (!add(accounts, "twilio", twilio) || accounts.length === 0) return undefined
  // Those of Telegram always are as they were typed.
  const isOwnForm = (provider: Provider, typed: string | undefined): boolean =>
    typed === undefined || accounts.includes(`${provider}:${typed}`)
  const isExact = isOwnForm("whatsapp", whatsapp) && isOwnForm("twilio", twilio)
  if (username === undefined || number === undefined) return new PrintedEntry(text, id, accounts, noPins, isExact)
  if (!isUsernameId(username) || !isUserNumber(number)) return undefined
  return new PrintedEntry(text, id, accounts, [`telegram:${number}`], isExact)
}

/** What else a mapping may hold is parsed, to see whether it is one, and let go of. */
const unusualEntry = (text: string): PrintedEntry | undefined => {
  const [name, value] = Printed.read(text, depth) ?? []
  const entry = name === undefined ? undefined : readEntry(value, name)
  return entry === undefined ? undefined : new PrintedEntry(text, entry.raw.id, entry.accounts, pinnedIn(entry), false)
}

/** The mapping that is printed so, if it is one: the same that is read of its value. */
export const readPrinted = (text: string): PrintedEntry | undefined => usualEntry(text) ?? unusualEntry(text)
