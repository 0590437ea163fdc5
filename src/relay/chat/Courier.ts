import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Channel } from "../../channels/Channel.js"
import { Address } from "../../channels/Message.js"
import { masked } from "../../config/Masked.js"
import { accountOf, type Identity } from "../../identity/Identity.js"
import type { End } from "../../identity/proof/End.js"
import type { Notice } from "../../identity/proof/Outcome.js"
import type { Proofs } from "../../identity/proof/Proofs.js"
import { deliver } from "../Delivery.js"
import { bug, logLine } from "../LogLine.js"
import type { ChatSettings } from "./ChatSettings.js"
import { joined, notice as wordingOf } from "./NoticeWording.js"

interface Needs {
  readonly proofs: Proofs["Type"]
  readonly channels: ReadonlyArray<Channel>
  readonly commands: ChatSettings
}

interface Route {
  readonly channel: Channel
  readonly address: Address
}

/** Back to the chat that spoke for it; else to where its provider lets us begin one, or the console, on which one is everybody. */
const routeTo = (channels: ReadonlyArray<Channel>, { account, place }: End): Option.Option<Route> => {
  const named = (name: string) => Option.fromNullable(channels.find((channel) => channel.name === name))
  if (place !== undefined) {
    return Option.map(named(place.channel), (channel) => ({ channel, address: Address.make(place.address) }))
  }
  return Option.flatMap(
    Option.orElse(named(account.provider), () => named("console")),
    (channel) => Option.map(channel.addressOf(account), (address) => ({ channel, address }))
  )
}

type Settled = Extract<Notice, { readonly _tag: "Settled" }>

/** Those who were in the conversation that somebody has joined, but for the one who let him in. */
const othersIn = ({ asker, linked, members }: Settled): ReadonlyArray<Identity> =>
  linked ? members.filter((member) => !asker.names.some((name) => accountOf(name) === accountOf(member))) : []

/** Tells people what they did not ask for: that somebody wants to be linked with them, and how it ended. */
export const make = ({ channels, commands, proofs }: Needs) => {
  /** What is being delivered now. */
  const underway = new Set<string>()

  /** What they say there will be seen by one more; as far as they can be reached, they hear it from us. */
  const announce = (settled: Settled) => (account: Identity) => {
    const to = { account, names: [account] }
    return Option.match(routeTo(channels, to), {
      onNone: () => Effect.void,
      onSome: ({ address, channel }) =>
        Effect.catchAll(deliver(channel, address, joined(commands, to, settled)), ({ message }) =>
          Effect.logError(`${masked(account.toString())} could not be told: ${logLine(message)}`)
        )
    })
  }

  const tell = (notice: Notice, { address, channel }: Route) =>
    Effect.gen(function* () {
      const word = notice._tag === "Accepted" ? yield* proofs.word(notice.id) : Option.some("")
      // It was over before it was delivered.
      if (Option.isNone(word)) return
      const setting = { commands, now: yield* Clock.currentTimeMillis, to: notice.to, places: [] }
      yield* deliver(channel, address, wordingOf(setting, word.value)(notice))
      if (notice._tag === "Settled") yield* Effect.forEach(othersIn(notice), announce(notice), { discard: true })
      yield* proofs.told(notice)
    })

  const attempt = (notice: Notice) =>
    Effect.suspend(() => {
      const name = `${notice._tag} ${notice.id}`
      const route = routeTo(channels, notice.to)
      if (underway.has(name) || Option.isNone(route)) return Effect.void
      underway.add(name)
      const to = masked(notice.to.account.toString())
      return tell(notice, route.value).pipe(
        Effect.catchAll((error) => Effect.logError(`${to} could not be told: ${logLine(error.message)}`)),
        Effect.catchAllDefect((defect) => Effect.logError(`${to} could not be told: a bug (${bug(defect)})`)),
        Effect.ensuring(Effect.sync(() => underway.delete(name)))
      )
    })

  /** Tells all who are due, side by side. What could not be delivered stays due until its time is over. */
  return proofs.due.pipe(
    Effect.catchAll((error) =>
      Effect.as(Effect.logError(`who is to be told something is not known: ${logLine(error.message)}`), [])
    ),
    Effect.flatMap(Effect.forEach(attempt, { concurrency: "unbounded", discard: true }))
  )
}
