import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import { Change } from "../../identity/Change.js"
import { accountOf } from "../../identity/Identity.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import type { Plan } from "../../identity/Plan.js"
import type { Foreseen, Foresight } from "../run/foresight.js"
import { columns } from "./columns.js"
import { outlook, sharing } from "./foresight.js"
import * as Json from "./json.js"
import { write } from "../../identity/QuickMapping.js"

const named = ({ name }: IdentityMapping): string => (name === undefined ? "" : ` "${printable(name)}"`)

/** Who is in one mapping and not in the other, each behind a sign. */
const unlike = (sign: string, one: IdentityMapping, other: IdentityMapping): ReadonlyArray<string> => {
  const accounts = new Set(other.identities.map(accountOf))
  return one.identities.filter((identity) => !accounts.has(accountOf(identity))).map((one) => `${sign} ${one}`)
}

const inBoth = (before: IdentityMapping, after: IdentityMapping): string => {
  const parts = [...unlike("-", before, after), ...unlike("+", after, before)]
  const rename = before.name === after.name ? [] : [`called${named(after)}`]
  const pins =
    JSON.stringify(before.pins) === JSON.stringify(after.pins) ? [] : [`pins ${JSON.stringify(after.pins ?? {})}`]
  return [...parts, ...rename, ...pins].join(" ") || "brought up to date"
}

/** What one change does, in a line. */
export const change = (change: Change): string =>
  Change.$match(change, {
    Mapping: ({ after, before, id }) =>
      Option.match(before, {
        onNone: () =>
          Option.match(after, {
            onNone: () => String(id),
            onSome: ({ mapping }) => `${id}${named(mapping)} is made of ${mapping.identities.join(" ")}`
          }),
        onSome: (was) =>
          Option.match(after, {
            onNone: () => `${id}${named(was.mapping)} is taken apart: ${was.mapping.identities.join(" ")}`,
            onSome: (is) => `${id}${named(was.mapping)}: ${inBoth(was.mapping, is.mapping)}`
          })
      }),
    Never: ({ after, pair }) =>
      `${pair.join(" and ")} ${after ? "are never suggested again" : "may be suggested again"}`
  })

/** An id that was made for a plan alone is not the one that its change will get. */
const isNew = (plan: Plan, id: string): boolean =>
  plan.changes.some((one) => one._tag === "Mapping" && one.id === id && Option.isNone(one.before)) &&
  plan.action === "link"

const later = "a new mapping"

const keyIn = (plan: Plan, key: string): string => (isNew(plan, key) ? later : key)

/** In which conversation somebody is by a plan, as cells of a line. */
export const sender =
  (plan: Plan, now: number) =>
  (one: Foreseen): ReadonlyArray<string> => [
    `  ${one.identity}`,
    one.before === one.after ? one.after : `${one.before} → ${keyIn(plan, one.after)}`,
    outlook(one.outlook, now)
  ]

/** What would happen, and to whom. */
export const dryRun = (plan: Plan, foresight: Foresight): string => {
  if (plan.changes.length === 0) return "nothing would be changed"
  const changes = plan.changes.map((one) => {
    const line = change(one)
    return `  ${one._tag === "Mapping" && isNew(plan, one.id) ? line.replace(one.id, later) : line}`
  })
  const senders = columns(foresight.senders.map(sender(plan, foresight.now)))
  return [
    "this would be changed:",
    ...changes,
    ...(senders.length === 0 ? [] : ["these would be in the following conversations:", ...senders]),
    ...sharing(foresight)
  ].join("\n")
}

/** What a plan comes to, for programs. The id of a mapping that is yet to be made is null. */
export const fields = (plan: Plan) => ({
  action: plan.action,
  ...Option.match(plan.undoes, { onNone: () => ({}), onSome: (undoes) => ({ undoes }) }),
  changes: plan.changes.map((one) =>
    Change.$match(one, {
      Mapping: ({ after, before, id }) => {
        const fresh = isNew(plan, id)
        const mappingOf = Option.map<{ readonly mapping: IdentityMapping }, object>(({ mapping }) =>
          fresh ? { ...write(mapping), id: null } : write(mapping)
        )
        return {
          id: fresh ? null : id,
          before: Option.getOrNull(mappingOf(before)),
          after: Option.getOrNull(mappingOf(after))
        }
      },
      Never: ({ after, before, pair }) => ({ never: pair.map(String), before, after })
    })
  )
})

/** Who is in which conversation by a plan, for programs. */
export const senderFields = (plan: Plan, { senders }: Foresight) =>
  senders.map((one) => ({
    identity: one.identity.toString(),
    before: one.before,
    after: isNew(plan, one.after) ? null : one.after,
    conversation: one.outlook._tag.toLowerCase(),
    ...(one.outlook._tag === "Continued" ? { sessionId: one.outlook.session.sessionId } : {}),
    ...(one.outlook._tag === "Forked"
      ? { from: String(one.outlook.history.whose), sessionId: one.outlook.history.session.sessionId }
      : {})
  }))

/** The same for programs. */
export const dryRunJson = (plan: Plan, foresight: Foresight): string =>
  Json.json({ dryRun: true, ...fields(plan), senders: senderFields(plan, foresight) })
