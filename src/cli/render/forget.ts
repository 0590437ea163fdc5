import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import type { Forgetting, Held } from "../run/forgetting.js"
import type { Foresight } from "../run/foresight.js"
import { columns } from "./columns.js"
import * as Json from "./json.js"
import { change, fields, sender, senderFields } from "./plan.js"

/** Whether there is nothing of it to be removed. */
export const isNothing = ({ isAboutToLink, isAmongStrangers, isInMap, isInSessions }: Forgetting): boolean =>
  !isInMap && !isInSessions && !isAmongStrangers && !isAboutToLink

/** What is removed, each behind where it is removed from. */
const removed = ({ dropped, isAboutToLink, isAmongStrangers, plan, records }: Forgetting): ReadonlyArray<string> =>
  columns([
    ...plan.changes.map((one) => ["  links", change(one)]),
    ...(records === 0 ? [] : [["  history", `changes that name it: ${records}`]]),
    ...dropped.map(({ key }) => ["  sessions", printable(key)]),
    ...(isAmongStrangers ? [["  strangers", "that it was turned away"]] : []),
    ...(isAboutToLink ? [["  codes", "what it was about to be linked by"]] : []),
    ["  .bak", "the versions before the last change"]
  ])

const sessionLine = ({ key, session }: Held): string => `  what Claude keeps of session ${session} (${printable(key)})`

/** What is not warelay's to remove, and where it is known to be. */
const left = ({ dropped, left, names, shared }: Forgetting): ReadonlyArray<string> => [
  "this is left, and not for this command to remove:",
  ...[...dropped, ...shared].map(sessionLine),
  ...left.map(({ file, line }) =>
    Option.match(line, {
      onNone: () => `  ${printable(file)}, which could not be looked into`,
      onSome: (line) => `  ${printable(file)}, line ${line}, which names it`
    })
  ),
  "  exports and copies that were made earlier",
  ...names.map((name) => `the same account is ${name}; to forget that, too: warelay identity forget ${name}`)
]

/** What would be removed, and who would be where. */
export const dryRun = (found: Forgetting, { now, senders }: Foresight): string => {
  if (isNothing(found)) return "nothing would be changed"
  const rows = columns(senders.map(sender(found.plan, now)))
  return [
    `${found.identity} would be removed for good:`,
    ...removed(found),
    ...(rows.length === 0 ? [] : ["these would be in the following conversations:", ...rows]),
    ...left(found)
  ].join("\n")
}

/** What is about to be removed, for somebody who can still say no. */
export const question = (found: Forgetting): string =>
  [`${found.identity} will be removed, and this cannot be undone:`, ...removed(found)].join("\n")

/** Somebody was not let finish, or the disk was full. */
export const unfinished = "It is not done, and parts of it may be: start it again when that is put right."

/** What was removed, and what is left. */
export const text = (found: Forgetting): string => {
  if (!isNothing(found)) return [`${found.identity} is forgotten:`, ...removed(found), ...left(found)].join("\n")
  const nothing = `there is nothing of ${found.identity} here; nothing was changed`
  return [nothing, ...(found.left.length === 0 ? [] : left(found))].join("\n")
}

const sessionsOf = (held: ReadonlyArray<Held>) => held.map(({ key, session }) => ({ key, sessionId: session }))

const allFields = (found: Forgetting) => ({
  identity: found.identity.toString(),
  ...fields(found.plan),
  records: found.records,
  sessions: sessionsOf(found.dropped),
  turnedAway: found.isAmongStrangers,
  aboutToLink: found.isAboutToLink,
  left: {
    sessions: sessionsOf([...found.dropped, ...found.shared]),
    files: found.left.map(({ file, line }) => ({ file, line: Option.getOrNull(line) })),
    names: found.names.map(String)
  }
})

/** The same for programs. */
export const json = (found: Forgetting): string => Json.json(allFields(found))

/** The same for programs. */
export const dryRunJson = (found: Forgetting, foresight: Foresight): string =>
  Json.json({ dryRun: true, ...allFields(found), senders: senderFields(found.plan, foresight) })
