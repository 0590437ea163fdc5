import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Channels } from "../channels/Channel.js"
import { Inbox } from "../relay/Inbox.js"
import type { Left } from "../relay/InboxContents.js"
import { Mailboxes } from "../relay/Mailboxes.js"
import { type ChannelReport, Report } from "../relay/Report.js"
import type { Stranger } from "../relay/Stranger.js"
import { isGroup } from "../session/SenderContext.js"
import { SessionSettings } from "../session/SessionSettings.js"
import { SessionStore } from "../session/SessionStore.js"
import { isOpen } from "../session/SessionTable.js"
import type { ChannelStatus, Status, TurnedAway, Undelivered } from "./Status.js"

export class Survey extends Context.Tag("warelay/control/Survey")<
  Survey,
  {
    /** How the relay of this process is, now. */
    readonly status: Effect.Effect<Status>
  }
>() {}

/** So many of the answers that were given up are named. */
const named = 100

const time = DateTime.unsafeMake<number>

/** Whose answer it is: in a group, who asked, and where. */
const whoseIn = ({ author, channel, sender }: Left["message"]): string => {
  const account = author.includes(":") ? author : `${channel}:${author}`
  return isGroup(sender) ? `${account} in ${sender.From ?? ""}` : account
}

const undelivered = ({ at, message, undelivered }: Left): ReadonlyArray<Undelivered> =>
  Option.toArray(undelivered).map((reason) => ({
    channel: message.channel,
    who: whoseIn(message),
    at: time(at),
    reason
  }))

/** The answers that were given up, of all that is left. */
export const keptOf = (left: ReadonlyArray<Left>): Status["kept"] => {
  const all = left.flatMap(undelivered)
  return { undelivered: all.length, latest: all.slice(-named).reverse() }
}

/** How many conversations there are; null if they cannot be read. */
export const countsIn = (
  { all }: SessionStore["Type"],
  { idleMinutes }: SessionSettings["Type"]
): Effect.Effect<Status["sessions"]> =>
  Effect.zipWith(all, Clock.currentTimeMillis, (table, now) => {
    const idle = Duration.toMillis(Duration.minutes(idleMinutes))
    return { all: table.size, open: Array.from(table.values()).filter((session) => isOpen(session, idle, now)).length }
  }).pipe(Effect.catchAll(() => Effect.succeed(null)))

const channel = ({ again, since, ...report }: ChannelReport): ChannelStatus => ({
  ...report,
  since: time(since),
  ...(again === undefined ? {} : { again: time(again) })
})

/** As others are told of somebody who was turned away. */
export const turnedAwayOf = ({ admittance, channel, isGroup, last, times, who }: Stranger): TurnedAway => ({
  channel,
  who,
  group: isGroup,
  last: time(last),
  times,
  add: Option.match(admittance, { onNone: () => null, onSome: ({ entry, setting }) => ({ to: setting, entry }) })
})

/** Of the services of a relay. `version` is that of the program. */
export const layer = (
  version: string
): Layer.Layer<Survey, never, Channels | Inbox | Mailboxes | Report | SessionSettings | SessionStore> =>
  Layer.effect(
    Survey,
    Effect.gen(function* () {
      const served = new Set((yield* Channels).map(({ name }) => name))
      const { left } = yield* Inbox
      const { load } = yield* Mailboxes
      const { findings } = yield* Report
      const sessions = countsIn(yield* SessionStore, yield* SessionSettings)
      return {
        status: Effect.gen(function* () {
          const found = yield* findings
          const messages = yield* left
          return {
            version,
            since: time(found.since),
            stopping: found.stopping,
            channels: found.channels.map(channel),
            messages: {
              ...(yield* load),
              elsewhere: messages.filter(({ message }) => !served.has(message.channel)).length
            },
            kept: keptOf(messages),
            sessions: yield* sessions,
            turnedAway: found.strangers.map(turnedAwayOf).reverse(),
            lastError: Option.match(found.lastError, {
              onNone: () => null,
              onSome: ({ at, line }) => ({ at: time(at), line })
            })
          }
        })
      }
    })
  )
