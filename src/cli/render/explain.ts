import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { printable } from "../../config/Printable.js"
import { isNumber, isUsername } from "../../identity/Identity.js"
import { pinOf } from "../../identity/IdentityMap.js"
import type { IdentityMapping } from "../../identity/IdentityMapping.js"
import { isPhone } from "../../identity/Spelling.js"
import { Why } from "../../session/SessionKey.js"
import { isOpen } from "../../session/SessionTable.js"
import type { Explanation } from "../run/explanation.js"
import { columns } from "./columns.js"
import { outlook } from "./foresight.js"
import * as Json from "./json.js"
import { because, recorded, remedy, sentence } from "./nearest.js"
import { relative } from "./time.js"
import { write } from "../../identity/QuickMapping.js"

const provider = ({ account, provider, said, typed }: Explanation): ReadonlyArray<string> =>
  Option.toArray(provider).map((name) => {
    if (said) return `${name}, as said`
    return Option.exists(account, isPhone) && typed.startsWith("+")
      ? `${name}, because nobody says: a number is looked up as whatsapp, then as twilio (--provider says which)`
      : `${name}, by its form (--provider says otherwise)`
  })

const sentences = Why.$match({
  Global: () => "everybody has one conversation together: that is the configured scope",
  Group: () => "a group has a conversation of its own, and is never linked",
  Nobody: () => "no sender is named",
  Linked: ({ by, mapping }) => `${by} is in ${mapping.id}`,
  Own: () => "no mapping has the account, so it has a conversation of its own",
  Unknown: () => "no account is recognised, so that the text itself counts as the sender"
})

const mapping = ({ id, identities, name }: IdentityMapping): string =>
  `${id}${name === undefined ? "" : ` "${printable(name)}"`}: ${identities.join(" ")}`

const record = ({ now, record }: Explanation): string =>
  Either.match(record, {
    onLeft: (problem) => `cannot be looked up: ${problem}`,
    onRight: Option.match({
      onNone: () => "in no change that is on record: by hand, or before there were records",
      onSome: (one) => `${recorded(one, now)}, ${one.at}`
    })
  })

/** What binds a username to an account's number, where the sender is linked by one of the two. */
const pin = ({ route: { why } }: Explanation): ReadonlyArray<string> => {
  if (why._tag !== "Linked") return []
  const { by, mapping } = why
  if (!isUsername(by)) {
    const names = Object.entries(mapping.pins ?? {}).filter(([, number]) => isNumber(by) && number === by.id)
    return names.map(([name]) => `${by.id} is the account that ${name} was bound to when it first wrote`)
  }
  return [
    Option.match(pinOf(mapping, by), {
      onNone: () => `${by.id} is bound to no account yet: it will be to the first that writes under it`,
      onSome: (number) => `${by.id} is the account ${number}; another account of that name is kept apart`
    })
  ]
}

const conversation = (explanation: Explanation): string => {
  const { idleMinutes, now, session } = explanation
  const text = outlook(explanation.outlook, now)
  if (explanation.outlook._tag === "Continued") return `${explanation.outlook.session.sessionId} ${text}`
  return Option.match(session, {
    onNone: () => text,
    onSome: (session) => {
      const { over, sessionId, updatedAt } = session
      if (over === true) return `${text}: ${sessionId} was ended`
      return isOpen(session, Duration.toMillis(Duration.minutes(idleMinutes)), now)
        ? `${text}: ${sessionId} is another conversation's`
        : `${text}: ${sessionId} was last used ${relative(updatedAt, now)}, and is over after ${idleMinutes} minutes`
    }
  })
}

/** A line for each step from what was typed to the conversation. */
export const text = (explanation: Explanation): string => {
  const { account, nearest, now, route, typed } = explanation
  const { key, sender, taken, why } = route
  const others = sender.filter(({ id }) => Option.exists(account, (one) => one.id !== id))
  return columns([
    ["Sender", typed.trim() === "" ? "nobody" : printable(typed)],
    ...provider(explanation).map((line) => ["Provider", line]),
    ...Option.toArray(account).map((one) => ["Account", one.toString()]),
    ...(others.length > 0 ? [["Also", others.join(" ")]] : []),
    ...(why._tag === "Linked" ? [["Mapping", mapping(why.mapping)]] : []),
    ...(why._tag === "Linked" ? [["Recorded", printable(record(explanation))]] : []),
    ...pin(explanation).map((line) => ["Username", line]),
    ["Why", sentences(why)],
    ...(why._tag === "Linked"
      ? Option.toArray(taken).map(({ id, username }) => [
          "But",
          `${username} is in ${id}, and is another account's name by now`
        ])
      : []),
    ...Option.toArray(nearest).map((one) => ["Nearest", printable(sentence(one, now))]),
    ["Key", printable(key)],
    ["Session", conversation(explanation)]
  ]).join("\n")
}

const dashed = (tag: string): string => tag.replace(/(?!^)[A-Z]/g, (capital) => `-${capital}`).toLowerCase()

/** The same for programs; what does not apply is null. */
export const json = (explanation: Explanation): string => {
  const { account, nearest, now, outlook, provider, record, route, said, session, typed } = explanation
  const { key, sender, why } = route
  return Json.json({
    sender: typed,
    provider: Option.getOrNull(provider),
    providerSaid: said,
    identity: Option.getOrNull(Option.map(account, String)),
    identities: sender.map(String),
    why: dashed(why._tag),
    mapping: why._tag === "Linked" ? write(why.mapping) : null,
    record: Option.getOrNull(
      Option.map(Option.flatten(Either.getRight(record)), ({ action, at, by, sequence }) => ({
        sequence,
        at,
        by,
        action
      }))
    ),
    key,
    conversation: outlook._tag.toLowerCase(),
    session: Option.getOrNull(Option.map(session, ({ sessionId, updatedAt }) => ({ sessionId, updatedAt }))),
    from:
      outlook._tag === "Forked"
        ? {
            whose: String(outlook.history.whose),
            sessionId: outlook.history.session.sessionId,
            updatedAt: outlook.history.session.updatedAt
          }
        : null,
    taken: Option.getOrNull(
      Option.map(route.taken, ({ id, username }) => ({ username: username.toString(), mapping: id }))
    ),
    nearest: Option.getOrNull(
      Option.map(nearest, (one) => ({
        reason: dashed(one._tag),
        because: because(one, now),
        remedy: Option.getOrNull(remedy(one))
      }))
    )
  })
}
