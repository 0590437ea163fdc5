import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { Change, type Changes } from "../Change.js"
import { accountOf, type Identity, isUsername, parseWritten } from "../Identity.js"
import { type Entry, type JsonObject, pinOf } from "../IdentityMap.js"
import type { IdentityMapping } from "../IdentityMapping.js"
import { has } from "../Pair.js"
import { entryOf } from "./Draft.js"

const quote = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

const gone = "[forgotten]"

/** A phone number is also written without its plus, and with something between its digits. */
const spelt = (id: string): string =>
  id.startsWith("+") ? `\\+?${Array.from(id.slice(1)).join("[ .()-]*")}` : quote(id)

/** The id as a word of its own, however its letters are spelt. */
export const mention = ({ id }: Identity): RegExp => new RegExp(`(?<![\\w@+]|\\w\\.)${spelt(id)}(?!\\.?\\w)`, "gi")

const unmentionedIn = (value: unknown, mentions: RegExp): unknown => {
  if (typeof value === "string") return value.replace(mentions, gone)
  if (typeof value === "number") return String(value).replace(mentions, "") === "" ? gone : value
  if (Array.isArray(value)) return value.map((one) => unmentionedIn(one, mentions))
  return Predicate.isReadonlyRecord(value) ? withoutMentions(value, mentions) : value
}

const withoutMentions = (object: JsonObject, mentions: RegExp): JsonObject =>
  Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.replace(mentions, gone), unmentionedIn(value, mentions)])
  )

/** Whether something in it is a mention. Of most there is none, and to find that out takes a tenth of writing them anew. */
const isMentioned = (value: unknown, mentions: RegExp): boolean => {
  if (typeof value === "string") return mentions.test(value)
  if (typeof value === "number") return mentions.test(String(value))
  if (Array.isArray(value)) return value.some((one) => isMentioned(one, mentions))
  if (!Predicate.isReadonlyRecord(value)) return false
  return Object.keys(value).some((key) => mentions.test(key) || isMentioned(value[key], mentions))
}

/** What is not ours may mention anybody. */
export const unmentioned = (object: JsonObject, identity: Identity): JsonObject =>
  withoutMentions(object, mention(identity))

/** One of the identity's names: itself, or a username that is pinned to it. */
const isName = (mapping: IdentityMapping, identity: Identity, one: Identity): boolean =>
  accountOf(one) === accountOf(identity) ||
  (isUsername(one) && identity.provider === "telegram" && Option.contains(pinOf(mapping, one), identity.id))

const pinsWithout = ({ pins = {} }: IdentityMapping, identity: Identity): Partial<Pick<IdentityMapping, "pins">> => {
  const account = accountOf(identity)
  const kept = Object.entries(pins).filter(
    (pin) => !pin.some((written) => `telegram:${written.toLowerCase()}` === account)
  )
  return kept.length === 0 ? {} : { pins: Object.fromEntries(kept) }
}

/**
 * A mapping without a trace of an identity: not among the others, not as whose conversation was kept, not pinned, not
 * mentioned. None if nobody is left; itself if there is no trace in it.
 */
export const without = (identity: Identity): ((entry: Entry) => Option.Option<Entry>) => {
  const mentions = mention(identity)
  const anyMention = new RegExp(mentions.source, "i")
  return (entry) => {
    // Each of its names is a mention of it, wherever it stands.
    if (!isMentioned(entry.raw, anyMention)) return Option.some(entry)
    const { mapping, raw } = entry
    const identities = mapping.identities.filter((one) => !isName(mapping, identity, one))
    if (identities.length === 0) return Option.none()
    const { keep, name, pins: _, ...rest } = mapping
    const isKept = keep !== undefined && Option.exists(parseWritten(keep), (one) => isName(mapping, identity, one))
    const clean: IdentityMapping = {
      ...rest,
      identities,
      ...(name === undefined ? {} : { name: name.replace(mentions, gone) }),
      ...(keep === undefined || isKept ? {} : { keep }),
      ...pinsWithout(mapping, identity)
    }
    const left = entryOf(clean, withoutMentions(raw, mentions))
    return Option.some(JSON.stringify(left.raw) === JSON.stringify(entryOf(mapping, raw).raw) ? entry : left)
  }
}

/** The changes that would have been on record had the identity never been there. */
export const withoutIn = (changes: Changes, identity: Identity): Changes => {
  const left = without(identity)
  return changes.flatMap(
    (change): Changes =>
      Change.$match(change, {
        Never: (never): Changes => (has(never.pair, identity) ? [] : [never]),
        Mapping: ({ after, before, id }): Changes => {
          const [was = Option.none(), is = Option.none()] = [before, after].map(
            Option.flatMap((placed) =>
              Option.map(left(placed), ({ mapping, raw }) => ({ mapping, raw, position: placed.position }))
            )
          )
          return Option.isNone(was) && Option.isNone(is) ? [] : [Change.Mapping({ id, before: was, after: is })]
        }
      })
  )
}
