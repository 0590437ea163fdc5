import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import { mappingsIn } from "../../identity/Change.js"
import { accountOf } from "../../identity/Identity.js"
import type { Plan } from "../../identity/Plan.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import { columns } from "./columns.js"
import { relativeTo } from "./time.js"

const nameOf = ({ name }: IdentityMapping): string => (name === undefined ? "-" : printable(name))

const accounts = ({ identities }: IdentityMapping): string => identities.map(String).join(" ")

/** A line for each mapping under a line of titles. `now` in milliseconds since 1970. */
export const list = (mappings: ReadonlyArray<IdentityMapping>, now: number): string =>
  columns([
    ["ID", "NAME", "LINKED", "ACCOUNTS"],
    ...mappings.map((mapping) => [mapping.id, nameOf(mapping), relativeTo(mapping.createdAt, now), accounts(mapping)])
  ]).join("\n")

/** All of one mapping, a field a line. */
export const details = (mapping: IdentityMapping, now: number): string => {
  const time = (timestamp: string) => `${relativeTo(timestamp, now)} (${timestamp})`
  return columns([
    ["Id", mapping.id],
    ["Name", nameOf(mapping)],
    ...mapping.identities.map((identity, index) => [index === 0 ? "Accounts" : "", identity.toString()]),
    ...(mapping.keep === undefined
      ? []
      : [["Continues", mapping.keep === "none" ? "no earlier conversation" : mapping.keep]]),
    ...Object.entries(mapping.pins ?? {}).map(([username, number]) => [
      "Pinned",
      `${username} is the account ${number}`
    ]),
    ["Linked", time(mapping.createdAt)],
    ["Changed", time(mapping.updatedAt)]
  ]).join("\n")
}

/** What a link came to. */
export const linked = (mapping: IdentityMapping, changed: boolean): string =>
  changed
    ? `${mapping.id} now joins ${accounts(mapping)}`
    : `${mapping.id} joins ${accounts(mapping)} already; nothing was changed`

/** What an unlink came to. */
export const unlinked = ({ changes }: Plan): string => {
  const lines = mappingsIn(changes).flatMap(({ after, before, id }) =>
    Option.toArray(before).map(({ mapping }) => {
      if (Option.isNone(after)) return `${id} is gone: ${accounts(mapping)} have conversations of their own again`
      const left = after.value.mapping
      const gone = mapping.identities.filter(
        (one) => !left.identities.some((other) => accountOf(other) === accountOf(one))
      )
      return `${gone.join(" ")} out of ${id}, whose conversation goes on with ${accounts(left)}`
    })
  )
  return lines.join("\n") || "nothing was changed: it is so already"
}

/** What a rename came to. */
export const renamed = ({ changes, mapping }: Plan): string => {
  const [one] = Option.toArray(mapping)
  const name = one === undefined ? "" : `${one.id} is called ${JSON.stringify(nameOf(one))}`
  return changes.length === 0 ? `${name} already; nothing was changed` : `${name} now`
}
