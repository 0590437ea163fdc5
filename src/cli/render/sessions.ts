import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import type { Key } from "../../session/Key.js"
import type { Session } from "../../session/SessionTable.js"
import { columns } from "./columns.js"
import { json } from "./json.js"
import { relative } from "./time.js"

/** A conversation on record. */
export interface Listed {
  readonly key: Key
  readonly session: Session
  readonly state: "open" | "idle" | "ended"
  /** The mapping whose conversation it is. */
  readonly mapping: Option.Option<IdentityMapping>
  /** The mapping in whose conversation the account is now, so that this one rests. */
  readonly rests: Option.Option<IdentityMapping>
}

const called = ({ id, identities, name }: IdentityMapping): string =>
  [...(name === undefined ? [] : [printable(name)]), identities.join(" ") || id].join(": ")

/** What its account writes goes somewhere else meanwhile. */
const resting = ({ rests }: Listed): string | undefined =>
  Option.getOrUndefined(Option.map(rests, ({ id }) => `rests, now in ${id}`))

const whose = (one: Listed): string => Option.match(one.mapping, { onNone: () => resting(one) ?? "-", onSome: called })

/** A line for each conversation under a line of titles. `now` in milliseconds since 1970. */
export const list = (all: ReadonlyArray<Listed>, now: number): string =>
  columns([
    ["KEY", "SESSION", "LAST USED", "STATE", "WHOSE"],
    ...all.map((one) => [
      printable(one.key),
      one.session.sessionId,
      relative(one.session.updatedAt, now),
      one.state,
      whose(one)
    ])
  ]).join("\n")

/** A time that no calendar has may stand in a file. */
const iso = (millis: number): string =>
  Option.match(DateTime.make(millis), { onNone: () => String(millis), onSome: DateTime.formatIso })

const meaning: Record<Listed["state"], string> = {
  open: "open: the next message goes on in it",
  idle: "idle: nobody used it for so long that the next message starts another",
  ended: "ended: the next message starts another"
}

/** Of one that rests: no message comes there for now. */
const goesOn = "open: it goes on when it is next used"

/** All of one, a field a line. */
export const details = (one: Listed, now: number): string => {
  const { sessionId, updatedAt } = one.session
  return columns([
    ["Key", printable(one.key)],
    ["Session", sessionId],
    ["Last used", `${relative(updatedAt, now)} (${iso(updatedAt)})`],
    ["State", one.state === "open" && Option.isSome(one.rests) ? goesOn : meaning[one.state]],
    ["Whose", whose(one)]
  ]).join("\n")
}

const fields = ({ key, mapping, rests, session, state }: Listed) => ({
  key,
  sessionId: session.sessionId,
  updatedAt: iso(session.updatedAt),
  state,
  mapping: Option.match(mapping, {
    onNone: () => null,
    onSome: ({ id, identities, name }) => ({
      id,
      ...(name === undefined ? {} : { name }),
      accounts: identities.map(String)
    })
  }),
  restsIn: Option.match(rests, { onNone: () => null, onSome: ({ id }) => id })
})

export const listJson = (all: ReadonlyArray<Listed>): string => json(all.map(fields))

export const detailsJson = (one: Listed): string => json(fields(one))

/** What a reset came to. */
export const reset = (one: Listed): string => {
  const key = printable(one.key)
  if (one.state !== "open") return `${key} would have begun anew with its next message in any case`
  const rests = resting(one)
  return rests === undefined
    ? `${key} begins anew with its next message`
    : `${key} begins anew when it is next used; it ${rests}`
}
