import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Home } from "../../config/Home.js"
import { masked } from "../../config/Masked.js"
import type { Disk } from "../../storage/Disk.js"
import type { FileLock } from "../../storage/FileLock.js"
import { type Accept, type Channel, ChannelFailed, SendFailed, type Signals, unwatched } from "../Channel.js"
import * as WhatsAppConnections from "./WhatsAppConnections.js"
import type { WhatsAppDeclined } from "./WhatsAppEnd.js"
import type { Opened } from "./WhatsAppHandover.js"
import { addressOfIdentity, bare, lidOf, phoneOf } from "./WhatsAppJid.js"
import { read, Skipped } from "./WhatsAppMessage.js"
import type { WhatsAppSettings } from "./WhatsAppSettings.js"
import type { WhatsAppSocket } from "./WhatsAppSocket.js"
import * as WhatsAppStore from "./WhatsAppStore.js"
import * as WhatsAppUnread from "./WhatsAppUnread.js"
import * as WhatsAppUnsent from "./WhatsAppUnsent.js"

type Failure = WhatsAppConnections.ConnectError | WhatsAppDeclined

/** How often WhatsApp may ask for a new connection before that counts as a failure. */
const restarts = 3

/** WhatsApp shows that somebody is writing for longer than that. */
const shown = Duration.seconds(5)

/** What has to change before there is any use in connecting again is for a person to do. */
const isForAPerson = ({ _tag }: Failure): boolean =>
  _tag === "WhatsAppLoggedOut" || _tag === "WhatsAppNotLinked" || _tag === "WhatsAppRefused"

const failed = ({ message }: { readonly message: string }) =>
  new ChannelFailed({ channel: "whatsapp", reason: message })

/** Whether the same may be taken another time. */
const again = (error: Failure, receiving: boolean): boolean => {
  if (error._tag === "WhatsAppDeclined") return error.status >= 500 || [421, 429, 479].includes(error.status)
  return receiving || error._tag === "WhatsAppLost" || error._tag === "WhatsAppRestart"
}

const present = (jids: ReadonlyArray<string | null | undefined>): ReadonlyArray<string> =>
  jids.flatMap((jid) => (jid === null || jid === undefined || jid === "" ? [] : [jid]))

/** Who wrote, under every name that WhatsApp has for them. */
const authorOf = (socket: WhatsAppSocket, { key }: Opened) =>
  Effect.gen(function* () {
    const said = present([key.participant || key.remoteJid, key.participantAlt, key.remoteJidAlt])
    const lid = said.find((jid) => Option.isSome(lidOf(jid)))
    if (lid === undefined || said.some((jid) => Option.isSome(phoneOf(jid)))) return said
    return [...said, ...Option.toArray(yield* socket.phoneOf(lid))]
  })

/**
 * WhatsApp as a linked device of the operator's account. A message is acknowledged to WhatsApp only after `accept` has
 * returned for it, and the keys that were used up in opening it are kept in between.
 */
export const make = Effect.fn("WhatsAppChannel.make")(function* (
  settings: WhatsAppSettings
): Effect.fn.Return<Channel, never, Home | Disk | FileLock | Scope.Scope> {
  const connections = yield* WhatsAppConnections.make(settings.url)
  const newLogin = yield* WhatsAppStore.newLogin
  const unsent = yield* WhatsAppUnsent.make
  const unread = WhatsAppUnread.make()
  const scope = yield* Effect.scope
  let receiving = false

  const take = (socket: WhatsAppSocket, accept: Accept) => (opened: Opened) =>
    Effect.gen(function* () {
      const { fromMe, id, remoteJid } = opened.key
      const author = yield* authorOf(socket, opened)
      const envelope = { id: id ?? "", chat: remoteJid ?? "", own: fromMe === true, author }
      const incoming = read(yield* socket.own, settings.groups, envelope, opened.message)
      if (incoming instanceof Skipped) return yield* Effect.logDebug(`WhatsApp message skipped: ${incoming.why}`)
      yield* accept(incoming)
      unread.add(incoming.address, opened.key)
    })

  const receive = (accept: Accept, { opened }: Signals) =>
    Effect.flip(
      connections.use((socket) =>
        Effect.gen(function* () {
          const [phone = ""] = yield* socket.own
          yield* Effect.logInfo(`WhatsApp: receiving as ${masked(phone.replace(/@.*/, ""))}`)
          yield* opened
          return yield* socket.receive(take(socket, accept))
        })
      )
    )

  // Untraced: a span around it would never end, and every message would be a part of it.
  const run: Channel["run"] = Effect.fnUntraced(
    function* (accept, signals = unwatched) {
      receiving = true
      let asked = 0
      while (true) {
        const [lasted, why] = yield* Effect.timed(receive(accept, signals))
        if (isForAPerson(why)) {
          yield* Effect.logError(`WhatsApp: ${why.message}. The relay goes on without it until then`)
          yield* signals.lost(why.message)
          yield* newLogin
          continue
        }
        asked = Duration.greaterThan(lasted, Duration.minutes(1)) ? 1 : asked + 1
        if (why._tag !== "WhatsAppRestart" || asked > restarts) return yield* failed(why)
        yield* Effect.logDebug("WhatsApp asks for a new connection")
      }
    },
    Effect.ensuring(
      Effect.sync(() => {
        receiving = false
      })
    )
  )

  const markRead = (socket: WhatsAppSocket, chat: string) =>
    Effect.suspend(() => {
      const keys = unread.of(chat)
      if (!settings.readReceipts || keys.length === 0) return Effect.void
      return Effect.map(socket.markRead(keys), () => unread.remove(chat, keys))
    })

  const quietly = (what: string) => (effect: Effect.Effect<void, { readonly message: string }>) =>
    Effect.catchAll(Effect.timeout(effect, shown), ({ message }) => Effect.logDebug(`${what}: ${message}`))

  const send: Channel["send"] = Effect.fn("WhatsAppChannel.send")(function* (to, part) {
    const chat = Option.getOrUndefined(bare(to))
    if (chat === undefined) {
      return yield* new SendFailed({ channel: "whatsapp", reason: "this is not a WhatsApp address", again: false })
    }
    yield* connections
      .use((socket) =>
        Effect.gen(function* () {
          const id = (yield* unsent.take(chat, part)) ?? (yield* socket.newId)
          yield* Effect.tapError(socket.send(chat, part, id), ({ _tag }) =>
            _tag === "WhatsAppDeclined" ? Effect.void : unsent.put(chat, part, id)
          )
          // It is sent, and who sends must hear of that at once: after a kill in between it would be sent again.
          yield* Effect.zipRight(socket.away, markRead(socket, chat)).pipe(
            quietly("WhatsApp was not told what has been read"),
            Effect.forkIn(scope)
          )
        })
      )
      .pipe(
        Effect.mapError(
          (error) => new SendFailed({ channel: "whatsapp", reason: error.message, again: again(error, receiving) })
        )
      )
  })

  const typing: Channel["typing"] = (to) =>
    Option.match(bare(to), {
      onNone: () => Effect.void,
      onSome: (chat) =>
        connections
          .useIfOpen((socket) => Effect.zipRight(markRead(socket, chat), socket.typing(chat)))
          .pipe(quietly("WhatsApp did not show that an answer is being written"))
    })

  const context = yield* Effect.context<Home | Disk>()
  const contact = WhatsAppStore.linked.pipe(
    Effect.map(Option.flatMap(phoneOf)),
    Effect.map(Option.map((phone) => phone.replace("whatsapp:", "WhatsApp "))),
    Effect.orElseSucceed(() => Option.none<string>()),
    Effect.provide(context)
  )

  return { name: "whatsapp", limit: 4_000, run, send, typing, addressOf: addressOfIdentity, contact }
})
