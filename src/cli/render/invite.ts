import * as Option from "effect/Option"
import type { Identity } from "../../identity/Identity.js"
import { lifetime } from "../../identity/proof/Book.js"
import { columns } from "./columns.js"
import * as Json from "./json.js"
import { qr } from "./qr.js"

export interface Invitation {
  readonly id: string
  readonly code: string
  readonly until: number
}

export interface Link {
  readonly name: string
  readonly url: string
}

/** The code, and under it the links that bring it. */
export const text = ({ code }: Invitation, links: ReadonlyArray<Link>): string =>
  [code, ...columns(links.map(({ name, url }) => [name, url]))].join("\n")

/** The same for programs. `until` in milliseconds since 1970. */
export const json = ({ code, id, until }: Invitation, links: ReadonlyArray<Link>): string =>
  Json.json({ id, code, until, links: links.map(({ url }) => url) })

/** The links for a phone that is held in front of the screen. */
export const codes = (links: ReadonlyArray<Link>, colour: boolean): string =>
  links.map(({ name, url }) => `${name}:\n\n${qr(url, colour)}\n`).join("\n")

/** What will happen, and how to prevent it. */
export const next = (id: string, account: Option.Option<Identity>): string =>
  `Good once, for ${lifetime / 60_000} minutes. ${Option.match(account, {
    onNone: () =>
      "Whoever sends it to the relay gets another code, to be sent from the account that is to be joined with.",
    onSome: (one) => `Whoever sends it to the relay is linked with ${one} when both have confirmed in their chats.`
  })} To make it void: warelay identity revoke ${id}`

/** Who may not write cannot confirm. */
export const stranger = (account: Identity): string =>
  `${account} is not in allowFrom, so its confirmation would not be heard.`
